"""A picture by which a matte can be checked."""

from __future__ import annotations

import numpy as np

from portrait_nst.faces import contour
from portrait_nst.types import Face, Matte, Photo, UInt8Array

TINT = (40, 70, 160)  # the colour that is mixed into the background
EDGE = (255, 60, 200)
MARK = (255, 220, 60)
DRAWN = ("outline", "right eye", "left eye", "right brow", "left brow", "lips")
LEGIBLE = 48  # pixels of a face's height from which more than its outline can be told apart
_SUBPIXEL = 4  # bits after the point of the coordinates that are drawn


def overlay(photo: Photo, matte: Matte) -> UInt8Array:
    """The photo with its background dimmed and tinted, the matte's edge drawn, faces outlined and people numbered.

    matte: a matte of the photo's size. Returns (H, W, 3) uint8. The numbers are those that `person` takes; who is
    there is looked for again, so that they also stand beside people whom this matte leaves out. A face whose 478 points are
    not known has its box and its six keypoints drawn.
    """
    import cv2

    from portrait_nst.segmentation.selection import MEDIAPIPE, counted

    if matte.alpha.shape != photo.rgb.shape[:2]:
        raise ValueError(f"the matte must have the photo's size {photo.rgb.shape[:2]}, not {matte.alpha.shape}")
    alpha = matte.alpha[..., None]
    dimmed = photo.rgb * np.float32(0.35) + np.array(TINT, np.float32) * np.float32(0.45)
    picture = np.clip(photo.rgb * alpha + dimmed * (1 - alpha) + 0.5, 0, 255).astype(np.uint8)
    line = max(1, round(min(photo.width, photo.height) / 350))
    outlines, _ = cv2.findContours((matte.alpha > 0.5).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(picture, outlines, -1, EDGE, line, cv2.LINE_AA)
    segmenter = matte.segmenter or MEDIAPIPE
    there = counted(photo, segmenter=segmenter) or counted(photo, painted=True, segmenter=segmenter)
    for number, face in enumerate(there, start=1):
        _draw(picture, face, line)
        _number(picture, str(number), face, line)
    return picture


def _draw(picture: UInt8Array, face: Face, line: int) -> None:
    """The face's parts, or its box and keypoints, in lines of up to `line` pixels."""
    import cv2

    left, top, width, height = (round(v) for v in face.box)
    if face.landmarks is None:
        cv2.rectangle(picture, (left, top), (left + width, top + height), MARK, line, cv2.LINE_AA)
        for x, y in face.keypoints:
            cv2.circle(picture, (round(x), round(y)), 2 * line, MARK, -1, cv2.LINE_AA)
        return
    thin = min(line, max(1, height // 150))
    for part in DRAWN if height >= LEGIBLE else DRAWN[:1]:
        # OpenCV's whole numbers are the middles of pixels, ours their edges.
        points = np.round((contour(face, part) - 0.5) * 2**_SUBPIXEL).astype(np.int32)
        cv2.polylines(picture, [points], True, MARK, thin, cv2.LINE_AA, _SUBPIXEL)


def _number(picture: UInt8Array, text: str, face: Face, line: int) -> None:
    """`text` at the left of the face's upper half, within the picture."""
    import cv2

    outline = contour(face, "outline")
    left, top = outline.min(0)
    size, stroke = max(0.5, face.box[3] / 150), max(1, round(face.box[3] / 75))
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, size, stroke)
    rim = 1 + line
    tile = np.zeros((height + 4 * rim, width + 4 * rim), np.uint8)
    cv2.putText(tile, text, (2 * rim, 2 * rim + height), cv2.FONT_HERSHEY_DUPLEX, size, 255, stroke, cv2.LINE_AA)
    x = max(min(round(left) - tile.shape[1] + rim, picture.shape[1] - tile.shape[1]), 0)
    y = max(min(round(top), picture.shape[0] - tile.shape[0]), 0)
    part = picture[y : y + tile.shape[0], x : x + tile.shape[1]]
    digits = tile[: part.shape[0], : part.shape[1], None] / 255
    # The rim is grown from the digits, since OpenCV 5 draws them no bolder where a thicker line is asked for.
    grown = cv2.dilate(tile, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * rim + 1, 2 * rim + 1)))
    part[:] = part * (1 - grown[: part.shape[0], : part.shape[1], None] / 255) + np.array(MARK) * digits
