"""Pictures carried along a motion."""

from __future__ import annotations

import functools
from typing import TypeVar

import cv2
import numpy as np

from portrait_nst.types import FloatArray, UInt8Array

Picture = TypeVar("Picture", UInt8Array, FloatArray)
Box = tuple[slice, slice]

_CHANNELS = 4  # that cv2.remap takes at once
_SIZES = 8  # of pictures, of which the places are kept: a track and a painter have about so many


def warp(picture: Picture, back: FloatArray, *, sharp: bool = False, box: Box | None = None) -> Picture:
    """`picture` of the frame before, carried to where its pixels are now: out(x, y) = picture(x + back(x, y), y + back(x, y)).

    picture: (H, W) or (H, W, C), uint8 or float32, any range. Past its edges the edge goes on.
    back:    (H, W, 2) float32, as in `Motion`.
    sharp:   by cubic convolution instead of bilinear interpolation: keeps fine texture over many frames, and overshoots at
             edges by a few levels.
    box:     rows and columns (slices without steps) of the result that are wanted; None for all.

    Places are rounded to 1/32 of a pixel, which is what `cv2.remap` knows. Where `back` is 0 the picture comes back as it is.
    """
    if picture.shape[:2] != back.shape[:2]:
        raise ValueError(f"a picture of {picture.shape[:2]} cannot be carried along a motion of {back.shape[:2]}")
    if picture.ndim == 3 and picture.shape[2] > _CHANNELS:
        parts = [picture[..., i : i + _CHANNELS] for i in range(0, picture.shape[2], _CHANNELS)]
        return np.concatenate([_channels_last(warp(part, back, sharp=sharp, box=box)) for part in parts], axis=2)
    how = cv2.INTER_CUBIC if sharp else cv2.INTER_LINEAR
    box = box or (slice(None), slice(None))
    places = cv2.add(back[box], own_places(*back.shape[:2])[box], dtype=cv2.CV_32F)
    out = cv2.remap(np.ascontiguousarray(picture), places, None, how, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(out).reshape(*places.shape[:2], *picture.shape[2:])  # cv2 drops a last axis of 1


@functools.lru_cache(maxsize=_SIZES)
def own_places(height: int, width: int) -> FloatArray:
    """(height, width, 2) float32, not to be written to: the column and row of each pixel."""
    places = np.empty((height, width, 2), np.float32)
    places[..., 0], places[..., 1] = np.arange(width), np.arange(height)[:, None]
    places.setflags(write=False)  # many share it
    return places


def _channels_last(picture: Picture) -> Picture:
    return picture if picture.ndim == 3 else picture[..., None]
