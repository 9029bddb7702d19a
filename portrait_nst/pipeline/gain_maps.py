"""The painting's sitter laid over the photo's face, for gain maps (Selim, Elgharib & Doyle 2016)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from portrait_nst import imaging
from portrait_nst.errors import MaskError
from portrait_nst.types import Face, FloatArray, Photo

DOUBTFUL = 0.65  # score of a face under which it may be something else: of The Scream 0.56, of a painted sweet too
LONGEST, SMALLEST = 1280, 640  # sides between which a painting is searched for a face
STIFFNESS = 0.05  # of the warp: how far it prefers an affine map to meeting every keypoint


def find(pictures: Iterable[Photo]) -> tuple[Photo, Face]:
    """The first of `pictures` that shows a face, and the largest face in it. Raises MaskError where none does.

    Faces in paintings score lower than in photos; a painting in which none is seen is looked at again mirrored, since what the
    brush did to one side of a face the detector may forgive on the other.
    """
    from portrait_nst import segmentation

    for picture in pictures:
        factor = min(max(1.0, SMALLEST / max(picture.rgb.shape[:2])), 4.0)
        factor = min(factor, LONGEST / max(picture.rgb.shape[:2]))
        size = round(picture.height * factor), round(picture.width * factor)
        small = Photo(imaging.resize(picture.rgb, size))
        found = segmentation.faces(small, painted=True)
        if not found:
            turned = Photo(np.ascontiguousarray(small.rgb[:, ::-1]))
            found = [_mirrored(face, small.width) for face in segmentation.faces(turned, painted=True)]
        if found:
            return small, found[0]
    raise MaskError(
        "No face was found in the style picture, which gain maps need to remodel the photo's face after. "
        "Choose a portrait as the style, or leave --gain-maps off."
    )


def doubts(painting: Photo, face: Face) -> list[str]:
    """A note on a face that may be none, saying where it was seen."""
    if face.score >= DOUBTFUL:
        return []
    x, y = (round(100 * (face.box[i] + face.box[i + 2] / 2) / (painting.width, painting.height)[i]) for i in (0, 1))
    return [f"gain-maps: what was taken for the style's face, {x} % from its left and {y} % from its top, is doubtful"]


def lay_over(painting: Photo, sitter: Face, faces: Sequence[Face], size: tuple[int, int]) -> FloatArray:
    """`painting`, its `sitter` warped onto the `faces` of a frame of `size`: (h, w, 3) float32 in [0, 1].

    Each face has the neighbourhood in which it is nearest. faces: in pixels of that frame.
    """
    import cv2

    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32) + 0.5
    laid = np.zeros((*size, 3), np.float32)
    nearest = np.full(size, np.inf, np.float32)
    # What is sampled more coarsely than it was painted is blurred first, so that strokes do not break into noise.
    for face in faces:
        scale = sitter.box[2] / max(face.box[2], 1e-6)
        rgb = imaging.to_float(painting.rgb)
        if scale > 1:
            rgb = cv2.GaussianBlur(rgb, (0, 0), 0.5 * scale)
        places = warp(face, sitter, np.stack([x, y], -1).reshape(-1, 2)).reshape(*size, 2).astype(np.float32) - 0.5
        over = cv2.remap(rgb, places[..., 0], places[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        left, top, width, height = face.box
        away = np.hypot((x - left - width / 2) / width, (y - top - height / 2) / height)
        closer = away < nearest
        laid[closer], nearest[closer] = over[closer], away[closer]
    return laid


def warp(face: Face, sitter: Face, points: NDArray[np.float32]) -> NDArray[np.float64]:
    """Where `points` (n, 2) around `face` lie around `sitter`: a thin-plate spline through the six keypoints of both.

    Ears are often guesses, and six points can shear a face: the spline is smoothed (Wahba 1990), most at the ears, so that it
    stays near the affine map. (scipy's RBFInterpolator gives the same to 1e-7 pixels; these lines spare its 140 MB.)
    """
    old, new = np.array(face.keypoints, float), np.array(sitter.keypoints, float)
    middle, unit = old.mean(0), max(float(np.linalg.norm(old[0] - old[1])), 1e-6)
    old = (old - middle) / unit
    here = (points.astype(float) - middle) / unit
    n = len(old)
    stiff = STIFFNESS * np.array([1, 1, 1, 1, 10, 10][:n], float)
    system = np.zeros((n + 3, n + 3))
    system[:n, :n] = _kernel(old, old) + np.diag(stiff)
    system[:n, n:] = np.column_stack([np.ones(n), old])
    system[n:, :n] = system[:n, n:].T
    weights = np.linalg.lstsq(system, np.vstack([new, np.zeros((3, 2))]), rcond=None)[0]
    return np.asarray(_kernel(here, old) @ weights[:n] + weights[n] + here @ weights[n + 1 :])


def _kernel(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """r^2 log r between two lists of points."""
    squared = ((a[:, None] - b[None]) ** 2).sum(-1)
    return np.asarray(0.5 * squared * np.log(np.maximum(squared, 1e-12)))


def _mirrored(face: Face, width: int) -> Face:
    left, top, across, down = face.box
    points = [(width - x, y) for x, y in face.keypoints]
    order = (1, 0, 2, 3, 5, 4)  # right and left change places
    return Face((width - left - across, top, across, down), tuple(points[i] for i in order), face.score)
