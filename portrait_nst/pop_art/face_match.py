"""Whether faces can still be found in their portrait, with their keypoints where they were in the photo."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from portrait_nst.pop_art.composition import Composition
from portrait_nst.pop_art.partition.framing import Frame
from portrait_nst.pop_art.render import raster
from portrait_nst.types import Face, UInt8Array

FindFaces = Callable[[UInt8Array], list[Face]]
"""A face detector: (h, w, 3) uint8 sRGB to faces in its pixels."""

SCORE, DRIFT = 0.7, 0.12
"""The least score of the detector, and the greatest drift in distances between the eyes."""
_WIDTHS = (74.0, 300.0)
"""The widths in pixels at which a face is shown to the detector. The first is searched quickly."""


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


LOST = FaceMatch(0.0, float("inf"), float("inf"))


@dataclass(frozen=True, eq=False)
class _View:
    """What the detector is shown of a face: three face widths around it.

    part:      its rows and columns in the frame.
    scale:     the view's pixels for one of the frame's.
    reference: (6, 2) where the keypoints are, in the view.
    """

    part: tuple[slice, slice]
    scale: float
    reference: NDArray[np.float64]

    def of(self, picture: UInt8Array) -> UInt8Array:
        """The view of a picture of the frame's shape."""
        part = np.ascontiguousarray(picture[self.part])
        size = max(16, round(part.shape[1] * self.scale)), max(16, round(part.shape[0] * self.scale))
        return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)


class FaceCheck:
    """Looks for the faces of a frame in its compositions, each at two sizes.

    The detector's keypoints jump a little when a picture is cropped and scaled. So the means of both sizes count, and they are
    compared with those that it finds in the same view of the photo, or with those of the face itself where it finds none there.
    """

    def __init__(self, frame: Frame, find: FindFaces) -> None:
        """Find the faces of a frame in the photo itself; faces beside the first that are not found there are not looked for."""
        self._frame, self._find = frame, find
        self._views: list[list[_View]] = []
        for i, face in enumerate(frame.faces):
            if i > 0 and not _lies_in(frame, face):
                continue
            views = []
            for width in _WIDTHS:
                view = _view_of(frame, face, width)
                found = _nearest(find(view.of(frame.rgb)), view.reference)
                if found is not None:
                    views.append(dataclasses.replace(view, reference=np.array(found.keypoints, float)))
                elif i == 0:
                    views.append(view)
            if views:
                self._views.append(views)

    def matches(self, composition: Composition) -> list[FaceMatch]:
        """How well each face is found in the first colouring of a composition."""
        picture, _ = raster.render(composition.first(), (self._frame.width, self._frame.height))
        return [self._match(views, picture) for views in self._views]

    def _match(self, views: list[_View], picture: UInt8Array) -> FaceMatch:
        """How well one face is found in a picture of the frame: the mean of the views, or the first one if it misses by far."""
        moved: list[NDArray[np.float64]] = []
        scores: list[float] = []
        for view in views:
            found = _nearest(self._find(view.of(picture)), view.reference)
            if found is None:
                return LOST
            moved.append((np.array(found.keypoints, float) - view.reference) / _eye_distance(view.reference))
            scores.append(float(found.score))
            if scores[0] < SCORE - 0.1 or float(np.hypot(*moved[0].T).mean()) > 2 * DRIFT:
                break
        away = np.hypot(*np.mean(moved, axis=0).T)
        return FaceMatch(float(np.mean(scores)), float(away.mean()), float(away.max()))


def worst(matches: Sequence[FaceMatch]) -> FaceMatch:
    """The match that misses its bounds by most."""
    return min(matches, key=lambda match: match.rank)


def _lies_in(frame: Frame, face: Face) -> bool:
    """Whether eyes, nose and mouth of a face lie in the frame."""
    points = np.array(face.keypoints[:4])
    return bool(((points >= 0) & (points < (frame.width, frame.height))).all())


def _view_of(frame: Frame, face: Face, seen: float) -> _View:
    """The view of a face of the frame, `seen` pixels wide or less, with the keypoints of that face."""
    left, top, width, height = face.box
    x, y = left + width / 2, top + height / 2
    x0, y0 = max(0, round(x - 1.5 * width)), max(0, round(y - 1.5 * width))
    part = slice(y0, max(y0 + 16, round(y + 1.9 * width))), slice(x0, max(x0 + 16, round(x + 1.5 * width)))
    scale = min(1.0, seen / width)
    return _View(part, scale, (np.array(face.keypoints, float) - (x0, y0)) * scale)


def _nearest(faces: list[Face], points: NDArray[np.float64]) -> Face | None:
    """The face whose keypoints are nearest, if they are within an eye distance."""
    ranked = sorted(((float(np.hypot(*(np.array(f.keypoints) - points).T).mean()), i) for i, f in enumerate(faces)))
    return faces[ranked[0][1]] if ranked and ranked[0][0] < _eye_distance(points) else None


def _eye_distance(points: NDArray[np.float64]) -> float:
    """The distance between the eyes, the first two keypoints."""
    return max(float(np.hypot(*(points[0] - points[1]))), 1e-6)
