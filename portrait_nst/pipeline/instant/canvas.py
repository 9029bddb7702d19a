"""Paints one region of a photo with one network, and brings the painting to the photo's size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from portrait_nst import imaging
from portrait_nst.instant.strength import FADED
from portrait_nst.pipeline.instant.strength import faded, share_of
from portrait_nst.settings import Settings
from portrait_nst.types import FloatArray, UInt8Array

if TYPE_CHECKING:
    from torch import Tensor

    from portrait_nst.instant import Gaussian, Painter
    from portrait_nst.instant.painter import Maps
    from portrait_nst.transfer.colour import ColourStatistics

Box = tuple[slice, slice]

MARGIN = 32  # painted pixels around a region: what the network sees of its surroundings
EVENED_AT = 256  # pixels of the longest side at which colours are counted
LEAST_WEIGHT = 0.01  # of a colour however frequent
LEAST = 48  # pixels of a canvas' side, below which strokes have no room


@dataclass(frozen=True, eq=False)
class Frozen:
    """What stays the same for all frames of a shot.

    maps:    those of each canvas, coarse to fine.
    palette: for colours of the photo's, those of what is painted and of the photo; None for each picture's own.
    """

    maps: Sequence[Maps]
    palette: tuple[ColourStatistics, ColourStatistics] | None = None


def painted_region(
    painter: Painter,
    content: UInt8Array,
    alpha: FloatArray,
    local: FloatArray,
    faces: FloatArray | None,
    settings: Settings,
    frame: tuple[int, int],
    stroke: float,
    *,
    frozen: Frozen | None = None,
    grain: Callable[[Box, tuple[int, int]], Tensor] | None = None,
    grid: int = 1,
) -> UInt8Array:
    """`content` (H, W, 3) with the region `alpha` (H, W) painted, at the same size; beyond the region's box it stays as it is.

    local:  (H, W), how far each place is painted; see `strength`.
    faces:  (H, W), over 0 in faces and 1 or more inside them; None for no faces.
    frame:  the (height, width) at which all of the photo is painted.
    stroke: the breadth of strokes, 1 for the painting's own if it were as large as the photo.
    frozen: for a clip; None for the picture's own statistics.
    grain:  that of the ground (1, 3, h, w) of a box of `content` at this (height, width); None for the usual one.
    grid:   pixels: the sides of the box are multiples of it, so that a clip's canvas does not move with the region's edge.
    """
    from portrait_nst import transfer
    from portrait_nst.instant.large import canvases, paint_large

    place, picture, guide, options = _canvas(content, alpha, local, faces, frame, stroke, grid)
    maps, counted = None, guide
    if frozen is not None:
        count = len(canvases(picture.shape[:2], options["size"], options["stroke"]))
        maps = [*[frozen.maps[0]] * (count - len(frozen.maps)), *frozen.maps][-count:]  # a narrow region takes fewer
    else:
        counted = _evened(picture, guide)
    own, here = content[place], local[place]
    laid = None if grain is None else partial(grain, place)
    canvas = paint_large(painter, picture, counted, maps=maps, grain=laid, **options)
    if settings.colours != "style":
        palette = None if frozen is None else frozen.palette
        canvas = _in_colours_of(canvas, imaging.to_float(picture), guide, settings.colours, palette)
    painted = transfer.transfer_detail(own, canvas)
    for band in imaging.bands(*here.shape):
        columns = np.flatnonzero((here[band] < FADED).any(0))
        if len(columns):
            part = band, slice(columns[0], columns[-1] + 1)
            photo, paint = imaging.to_float(own[part]), imaging.to_float(painted[part])
            painted[part] = imaging.to_uint8(faded(photo, paint, here[part]))
    if painted.shape == content.shape:
        return painted
    found = content.copy()
    found[place] = painted
    return found


def region_statistics(
    painter: Painter,
    content: UInt8Array,
    alpha: FloatArray,
    local: FloatArray,
    faces: FloatArray | None,
    frame: tuple[int, int],
    stroke: float,
) -> tuple[tuple[Gaussian, ...], ...]:
    """The Gaussians of each canvas and level with which `painted_region` would paint; arguments as there."""
    from portrait_nst.instant.large import statistics

    _, picture, guide, options = _canvas(content, alpha, local, faces, frame, stroke)
    return statistics(painter, picture, _evened(picture, guide), **options)


def _canvas(
    content: UInt8Array,
    alpha: FloatArray,
    local: FloatArray,
    faces: FloatArray | None,
    frame: tuple[int, int],
    stroke: float,
    grid: int = 1,
) -> tuple[Box, UInt8Array, FloatArray, dict[str, Any]]:
    """The box of a region, its picture and its guide at the painted size, and further arguments of `paint_large`."""
    place, small = _box(alpha, frame, grid)
    own = content[place]
    picture = own if own.shape[:2] == small else imaging.resize(own, small)
    share = share_of(_at(local[place], small))
    options = {
        "share": float(share.min()) if share.min() == share.max() else share,
        "faces": None if faces is None else _at(faces[place], small),
        "stroke": stroke * max(frame) / max(small),  # of the photo, not of this part of it
        "size": "full",
    }
    return place, picture, _at(alpha[place], small), options


def _at(values: FloatArray, size: tuple[int, int]) -> FloatArray:
    """(H, W) in [0, 1] at `size` (height, width); the same where it has that size."""
    return values if values.shape == size else imaging.resize_mask(np.minimum(values, 1), size)


def _evened(picture: UInt8Array, guide: FloatArray) -> FloatArray:
    """The `guide` (h, w) in [0, 1] for the statistics of a `picture` (h, w, 3), in which frequent colours count less.

    A dark coat may fill four fifths of a portrait. Moved to the mean of a light painting it would become light.
    """
    from portrait_nst.transfer import colour

    small = imaging.size_within(guide.shape[:2], EVENED_AT)
    weights = colour.evening(imaging.to_float(imaging.resize(picture, small)), imaging.resize_mask(guide, small))
    most = weights.max()
    if not most > 0:
        return guide
    found: FloatArray = colour.resize((weights / most).astype(np.float32), (guide.shape[0], guide.shape[1]))
    np.clip(found, LEAST_WEIGHT, 1, out=found)
    return np.multiply(found, guide, out=found)


def _in_colours_of(
    painted: FloatArray,
    photo: FloatArray,
    region: FloatArray,
    colours: str,
    palette: tuple[ColourStatistics, ColourStatistics] | None = None,
) -> FloatArray:
    """`painted` with the colours of `photo` (both (h, w, 3)) in the `region`, or a `palette`'s, as the setting `colours` says."""
    from portrait_nst.transfer import colour

    if colours == "luminance":
        return colour.with_chroma_of(painted, photo)
    own, goal = palette or [colour.mean_and_covariance(rgb, region) for rgb in (painted, photo)]
    return colour.match_affine(painted, own, goal, colours)


def _box(alpha: FloatArray, frame: tuple[int, int], grid: int = 1) -> tuple[Box, tuple[int, int]]:
    """The rows and columns of the photo around the region, and the (height, width) of their canvas when all has `frame`.

    They begin and end at multiples of `grid` pixels, or with the photo.
    """
    places, sides = [], []
    for axis, (length, painted) in enumerate(zip(alpha.shape, frame)):
        there = np.flatnonzero(alpha.any(1 - axis))
        beyond = round(MARGIN * length / painted)
        first, last = max(0, int(there[0]) - beyond), min(length, int(there[-1]) + 1 + beyond)
        wanted = round(LEAST * length / painted)
        if last - first < wanted:
            first = max(0, min(first, length - wanted))
            last = min(length, first + wanted)
        first, last = first // grid * grid, min(length, -(-last // grid) * grid)
        places.append(slice(first, last))
        sides.append(max(1, round((last - first) * painted / length)))
    return (places[0], places[1]), (sides[0], sides[1])
