"""A picture by which a matte can be checked."""

from __future__ import annotations

import numpy as np

from portrait_nst.types import Matte, Photo, UInt8Array

TINT = (40, 70, 160)  # the colour that is mixed into the background
EDGE = (255, 60, 200)
MARK = (255, 220, 60)


def overlay(photo: Photo, matte: Matte) -> UInt8Array:
    """The photo with its background dimmed and tinted, the matte's edge drawn, faces boxed and people numbered.

    matte: a matte of the photo's size. Returns (H, W, 3) uint8. The numbers are those that `person` takes; who is
    there is looked for again, so that they also stand beside people whom this matte leaves out.
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
    for number, face in enumerate(counted(photo, painted=True, segmenter=matte.segmenter or MEDIAPIPE), start=1):
        left, top, width, height = (round(v) for v in face.box)
        cv2.rectangle(picture, (left, top), (left + width, top + height), MARK, line, cv2.LINE_AA)
        corner = (max(left, 0) + 2 * line, max(top, 0) + max(14, height // 5))
        size = max(0.4, height / 150)
        for colour, thickness in (((0, 0, 0), 4 * line), (MARK, 2 * line)):
            cv2.putText(picture, str(number), corner, cv2.FONT_HERSHEY_DUPLEX, size, colour, thickness, cv2.LINE_AA)
        for x, y in face.keypoints:
            cv2.circle(picture, (round(x), round(y)), 2 * line, MARK, -1, cv2.LINE_AA)
    return picture
