"""Two views of one photo whose motion is known exactly."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from portrait_nst.types import FloatArray, UInt8Array

Field = Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]


def pan(x: float, y: float) -> Field:
    """What is here was (x, y) further."""
    return lambda columns, rows: (np.full_like(columns, x), np.full_like(rows, y))


def views(photo: UInt8Array, field: Field, noise: float = 0) -> tuple[UInt8Array, UInt8Array, FloatArray]:
    """The frame before, this frame, and `back` between them; the photo has a margin of 48 px that comes into view."""
    margin = 48
    height, width = photo.shape[0] - 2 * margin, photo.shape[1] - 2 * margin
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    across, down = field(columns, rows)
    source = photo.astype(np.float32)
    now = cv2.remap(source, columns + across + margin, rows + down + margin, cv2.INTER_CUBIC)
    before = source[margin:-margin, margin:-margin]
    return noisy(before, noise, 0), noisy(now, noise, 1), np.dstack([across, down])


def noisy(picture: FloatArray | UInt8Array, sigma: float, seed: int) -> UInt8Array:
    """With a sensor's noise of `sigma` levels."""
    values = picture + np.random.default_rng(seed).normal(0, sigma, picture.shape)
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
