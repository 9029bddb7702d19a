"""Whether a face can still be found in its portrait, with its keypoints where they were in the photo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from portrait_nst.pop_art.composition import Composition
from portrait_nst.pop_art.render import raster
from portrait_nst.types import Face, UInt8Array

FindFaces = Callable[[UInt8Array], list[Face]]
"""A face detector: (h, w, 3) uint8 sRGB to faces in its pixels."""

SCORE, DRIFT = 0.7, 0.12
"""The least score of the detector, and the greatest drift in distances between the eyes."""


@dataclass(frozen=True)
class FaceMatch:
    """How well a face is found again.

    score:    the detector's, or 0 where no face is found near the old one.
    drift:    the mean distance of eyes, nose tip, mouth and ears from where they were, in distances between the eyes.
    farthest: the largest of these distances.
    """

    score: float
    drift: float
    farthest: float

    @property
    def kept(self) -> bool:
        """Whether score and drift are within their bounds."""
        return self.score >= SCORE and self.drift <= DRIFT

    @property
    def rank(self) -> tuple[bool, float]:
        """The better of two matches has the greater one: it is kept, or misses its bounds by less."""
        return self.kept, min(0.0, self.score / SCORE - 1) + min(0.0, 1 - self.drift / DRIFT)


def match_face(composition: Composition, face: Face, find: FindFaces) -> FaceMatch:
    """How well a face of the photo is found in the first colouring, seen in a crop of three face widths."""
    frame = composition.partition.frame
    picture, _ = raster.render(composition.first(), (frame.width, frame.height))
    left, top, width, height = (v * frame.scale for v in face.box)
    x, y = left + width / 2 - frame.box[0] * frame.scale, top + height / 2 - frame.box[1] * frame.scale
    x0, y0 = max(0, round(x - 1.5 * width)), max(0, round(y - 1.5 * width))
    part = slice(y0, max(y0 + 16, round(y + 1.9 * width))), slice(x0, max(x0 + 16, round(x + 1.5 * width)))
    offset = frame.box[0] + x0 / frame.scale, frame.box[1] + y0 / frame.scale
    before, after = np.ascontiguousarray(frame.rgb[part]), np.ascontiguousarray(picture[part])
    return compare(face, before, after, frame.scale, offset, find)


def compare(
    face: Face, before: UInt8Array, after: UInt8Array, scale: float, offset: tuple[float, float], find: FindFaces
) -> FaceMatch:
    """Find `face` in two pictures of one part of a photo, (h, w, 3) uint8, whose pixels are (photo - offset) * scale.

    The detector's keypoints move when a picture is cropped and scaled. So they are compared with those in `before`, the
    photo's own part, or with those of `face` where it is not found there.
    """
    expected = (np.array(face.keypoints, float) - offset) * scale
    first = _nearest(find(before), expected)
    reference = np.array(first.keypoints, float) if first is not None else expected
    found = _nearest(find(after), reference)
    if found is None:
        return FaceMatch(0.0, float("inf"), float("inf"))
    away = np.hypot(*(np.array(found.keypoints, float) - reference).T) / _eye_distance(reference)
    return FaceMatch(float(found.score), float(away.mean()), float(away.max()))


def _nearest(faces: list[Face], points: NDArray[np.float64]) -> Face | None:
    """The face whose keypoints are nearest, if they are within an eye distance."""
    ranked = sorted(((float(np.hypot(*(np.array(f.keypoints) - points).T).mean()), i) for i, f in enumerate(faces)))
    return faces[ranked[0][1]] if ranked and ranked[0][0] < _eye_distance(points) else None


def _eye_distance(points: NDArray[np.float64]) -> float:
    """The distance between the eyes, the first two keypoints."""
    return max(float(np.hypot(*(points[0] - points[1]))), 1e-6)
