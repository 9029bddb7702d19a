"""Whether a face is still the same face: found again, and its points where they were."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from portrait_nst.types import Face, UInt8Array

FindFaces = Callable[[UInt8Array], "list[Face]"]

SCORE, DRIFT = 0.7, 0.12
"""The least score of the detector, and the most drift in distances between the eyes."""


@dataclass(frozen=True)
class Likeness:
    """score: the detector's, 0 where no face is found near the old one; drift: mean distance of eyes, nose tip, mouth
    and ears from where they were over the distance between the eyes; farthest: of the worst of them."""

    score: float
    drift: float
    farthest: float

    @property
    def kept(self) -> bool:
        return self.score >= SCORE and self.drift <= DRIFT


def compare(face: Face, picture: UInt8Array, scale: float, offset: tuple[float, float], find: FindFaces) -> Likeness:
    """Find `face` again in `picture` (h, w, 3) uint8, whose pixels are (photo - offset) * scale."""
    before = (np.array(face.keypoints, float) - offset) * scale
    eyes = float(np.hypot(*(before[0] - before[1])))
    best = Likeness(0.0, float("inf"), float("inf"))
    for found in find(picture):
        away = np.hypot(*(np.array(found.keypoints, float) - before).T) / max(eyes, 1e-6)
        if away.mean() < 0.5 and (best.score == 0 or away.mean() < best.drift):
            best = Likeness(float(found.score), float(away.mean()), float(away.max()))
    return best
