"""The picture that a scale begins from, and the content that the painting preserves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portrait_nst.imaging import to_uint8
from portrait_nst.transfer import colour
from portrait_nst.transfer.config import EngineConfig, StyleSource
from portrait_nst.transfer.rect import Rect
from portrait_nst.types import FloatArray, UInt8Array

LEAST_LIGHT = 0.12  # least standard deviation of lightness of a photo in the colours of a style that hardly varies
HANDOVER_BLUR = 0.5  # pixels of the coarser scale, whose lattice would otherwise appear with period 4 at the finer


def style_colours(style: StyleSource) -> colour.ColourStatistics:
    """The mean (3,) and covariance (3, 3) of the colours of all pictures of a style, by their weights."""
    return colour.mixture([(colour.mean_and_covariance(part.rgb, part.mask), part.weight) for part in style.parts])


def in_style_colours(
    photo: FloatArray, styles: Sequence[StyleSource], regions: Sequence[FloatArray], *, bounded: bool
) -> FloatArray:
    """`photo` (h, w, 3) with the colours of each of the `regions` (h, w) moved to those of its style.

    bounded: whether frequent colours count less, which keeps rare ones within the style's, and lightness varies by `LEAST_LIGHT`.
    """
    maps = colour_maps(photo, styles, regions, bounded=bounded)
    return colour.moved(photo, list(zip(regions, maps)))


def colour_maps(
    photo: FloatArray, styles: Sequence[StyleSource], regions: Sequence[FloatArray], *, bounded: bool
) -> list[colour.ColourMap]:
    """The map of colours of each style that `in_style_colours` applies."""
    found = []
    for style, region in zip(styles, regions):
        goal = style_colours(style)
        if bounded:
            goal = colour.with_light(goal, colour.mean_and_covariance(photo, region), LEAST_LIGHT)
        own = (colour.evened if bounded else colour.mean_and_covariance)(photo, region)
        found.append(colour.ColourMap.between(own, goal))
    return found


def content_of(
    photo: FloatArray, styles: Sequence[StyleSource], regions: Sequence[FloatArray], config: EngineConfig
) -> tuple[FloatArray, FloatArray]:
    """The content of `photo` (h, w, 3; [0, 1]), and the photo in the colours of the styles of its `regions` (h, w)."""
    if config.grey:
        photo = colour.grey_array(photo)
    if not (config.recolour or config.init == "statistics"):
        return photo, photo
    recoloured = in_style_colours(photo, styles, regions, bounded=config.nearest is not None)
    return mixed(photo, recoloured, config.recolour) if config.recolour else photo, recoloured


def sized(array: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """`array` at `size` (h, w); it is not copied if it has that size already."""
    return array if array.shape[:2] == size else colour.resize(array, size)


def mixed(photo: FloatArray, recoloured: FloatArray, share: float) -> FloatArray:
    """The weighted mean of `photo` and `recoloured`, which has the weight `share`; computed row by row, which saves memory."""
    found = np.empty_like(photo)
    for row, (own, other) in enumerate(zip(photo, recoloured)):
        found[row] = own + np.float32(share) * (other - own)
    return found


def in_bytes(frame: FloatArray | UInt8Array) -> UInt8Array:
    """`frame` (h, w, 3) in [0, 1] as uint8, converted row by row; a frame of uint8 is returned unchanged."""
    if frame.dtype == np.uint8:
        return np.asarray(frame, np.uint8)
    found = np.empty(frame.shape, np.uint8)
    for row, values in enumerate(frame):
        found[row] = to_uint8(values)
    return found


def halved(array: FloatArray) -> NDArray[Any]:
    """`array` of [0, 1] in half the memory: float16, which differs from it by an eighth of a grey level of 255 at most."""
    return array.astype(np.float16)


def first_frame(content: NDArray[Any], config: EngineConfig, initial_image: FloatArray | None) -> FloatArray:
    """The frame that the coarsest scale begins from: `initial_image` if there is one, noise, or the `content` (h, w, 3)."""
    if initial_image is not None:
        return colour.resize(initial_image, (content.shape[0], content.shape[1]))
    if config.init == "random":
        noise = np.random.default_rng(config.seed).normal(0.5, 0.15, content.shape).astype(np.float32)
        return np.clip(noise, 0, 1)
    return content.astype(np.float32)


def refined(frame: FloatArray, content: NDArray[Any], box: Rect, share: float = 1.0) -> FloatArray:
    """The `frame` of the coarser scale inside the `box`, with a `share` of the detail that `content` (h, w, 3) gains.

    Edges of the photo are a good start for the edges of strokes: a scale that begins with them needs half the iterations.
    Outside the box, the result is the content. Channels are processed one after the other, which saves memory.
    """
    found = content.astype(np.float32)
    size, small = (content.shape[0], content.shape[1]), (frame.shape[0], frame.shape[1])
    for channel in range(content.shape[2]):
        fine = np.ascontiguousarray(content[..., channel], np.float32)
        painted = colour.resize(colour.blur(np.ascontiguousarray(frame[..., channel]), HANDOVER_BLUR), size)
        if share:
            detail = fine - colour.resize(colour.resize(fine, small), size)
            painted += detail if share == 1 else np.float32(share) * detail
        box.paste(box.cut(painted), found[..., channel])
    return found
