"""Whether a face is still the same face: found again, and its points where they were."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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


def compare(
    face: Face, before: UInt8Array, after: UInt8Array, scale: float, offset: tuple[float, float], find: FindFaces
) -> Likeness:
    """Find `face` in two pictures of one frame, (h, w, 3) uint8, whose pixels are (photo - offset) * scale.

    The detector's points move when a picture is cut and scaled: what counts is how far they are in `after` from
    where they are in `before`, the photo's own frame (or from `face`, where that has none).
    """
    expected = (np.array(face.keypoints, float) - offset) * scale
    first = _nearest(find(before), expected)
    reference = np.array(first.keypoints, float) if first is not None else expected
    found = _nearest(find(after), reference)
    if found is None:
        return Likeness(0.0, float("inf"), float("inf"))
    away = np.hypot(*(np.array(found.keypoints, float) - reference).T) / _eyes(reference)
    return Likeness(float(found.score), float(away.mean()), float(away.max()))


def _nearest(faces: list[Face], points: NDArray[np.float64]) -> Face | None:
    """The face whose points are nearest, if they are within an eye distance."""
    ranked = sorted(((float(np.hypot(*(np.array(f.keypoints) - points).T).mean()), i) for i, f in enumerate(faces)))
    return faces[ranked[0][1]] if ranked and ranked[0][0] < _eyes(points) else None


def _eyes(points: NDArray[np.float64]) -> float:
    return max(float(np.hypot(*(points[0] - points[1]))), 1e-6)
