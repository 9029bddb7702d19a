"""The painting's sitter laid over the photo's face, for gain maps (Selim, Elgharib & Doyle 2016)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from portrait_nst import faces as face_parts
from portrait_nst import imaging
from portrait_nst.errors import MaskError
from portrait_nst.types import Face, FloatArray, Photo

DOUBTFUL = 0.65  # a lower score may be no face: The Scream has 0.56, and so has a painted sweet
LONGEST, SMALLEST = 1280, 640  # sides between which a painting is searched for a face


def find(pictures: Iterable[Photo]) -> tuple[Photo, Face]:
    """The first of `pictures` that shows a face, and the largest face in it. Raises MaskError if none does.

    Faces in paintings score lower than in photos. If no face is found, the mirrored painting is searched too, since the detector
    does not treat both sides of a face alike.
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
    """Notes on a detection that may not be a face, with its place; empty for a certain face."""
    if face.score >= DOUBTFUL:
        return []
    x, y = (round(100 * (face.box[i] + face.box[i + 2] / 2) / (painting.width, painting.height)[i]) for i in (0, 1))
    return [f"gain-maps: what was taken for the style's face, {x} % from its left and {y} % from its top, is doubtful"]


def lay_over(painting: Photo, sitter: Face, faces: Sequence[Face], size: tuple[int, int]) -> FloatArray:
    """`painting`, its `sitter` warped onto the `faces` of a frame of `size`: (h, w, 3) float32 in [0, 1].

    Each pixel belongs to the nearest of them. faces: in pixels of that frame. See `portrait_nst.faces.warp_map`.
    """
    import cv2

    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32) + 0.5
    laid = np.zeros((*size, 3), np.float32)
    nearest = np.full(size, np.inf, np.float32)
    # A painting that is sampled coarsely is blurred first, so that strokes do not become noise.
    for face in faces:
        scale = sitter.box[2] / max(face.box[2], 1e-6)
        rgb = imaging.to_float(painting.rgb)
        if scale > 1:
            rgb = cv2.GaussianBlur(rgb, (0, 0), 0.5 * scale)
        places = face_parts.warp_map(face, sitter, size) - np.float32(0.5)
        over = cv2.remap(rgb, places[..., 0], places[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        outline = face_parts.contour(face, "outline")
        middle, extent = outline.mean(0), np.ptp(outline, 0)
        away = np.hypot((x - middle[0]) / extent[0], (y - middle[1]) / extent[1])
        closer = away < nearest
        laid[closer], nearest[closer] = over[closer], away[closer]
    return laid


def _mirrored(face: Face, width: int) -> Face:
    """`face` in the mirror image of a picture of this `width`."""
    left, top, across, down = face.box
    points = [(width - x, y) for x, y in face.keypoints]
    order = (1, 0, 2, 3, 5, 4)  # right and left change places
    return Face((width - left - across, top, across, down), tuple(points[i] for i in order), face.score)
