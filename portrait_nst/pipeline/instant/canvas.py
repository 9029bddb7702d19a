"""Paints one region of a photo with one network, and brings the painting to the photo's size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from portrait_nst import imaging
from portrait_nst.instant.strength import FADED
from portrait_nst.pipeline.instant.strength import faded, share_of
from portrait_nst.settings import Settings
from portrait_nst.types import FloatArray, UInt8Array

if TYPE_CHECKING:
    from portrait_nst.instant import Painter

Box = tuple[slice, slice]

MARGIN = 32  # painted pixels around a region: what the network sees of its surroundings
EVENED_AT = 256  # pixels of the longest side at which colours are counted
LEAST_WEIGHT = 0.01  # of a colour however frequent
LEAST = 48  # pixels of a canvas' side, below which strokes have no room


def painted_region(
    painter: Painter,
    content: UInt8Array,
    alpha: FloatArray,
    local: FloatArray,
    faces: FloatArray | None,
    settings: Settings,
    frame: tuple[int, int],
    stroke: float,
) -> UInt8Array:
    """`content` (H, W, 3) with the region `alpha` (H, W) painted, at the same size; beyond the region's box it stays as it is.

    local:  (H, W), how far each place is painted; see `strength`.
    faces:  (H, W), over 0 in faces and 1 or more inside them; None for no faces.
    frame:  the (height, width) at which all of the photo is painted.
    stroke: the breadth of strokes, 1 for the painting's own if it were as large as the photo.
    """
    from portrait_nst import transfer
    from portrait_nst.instant.large import paint_large

    place, small = _box(alpha, frame)
    own, here = content[place], local[place]
    guide, share = _at(alpha[place], small), share_of(_at(here, small))
    picture = own if own.shape[:2] == small else imaging.resize(own, small)
    canvas = paint_large(
        painter,
        picture,
        _evened(picture, guide),
        share=float(share.min()) if share.min() == share.max() else share,
        faces=None if faces is None else _at(faces[place], small),
        stroke=stroke * max(frame) / max(small),  # of the photo, not of this part of it
        size="full",
    )
    if settings.colours != "style":
        canvas = _in_colours_of(canvas, imaging.to_float(picture), guide, settings.colours)
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


def _in_colours_of(painted: FloatArray, photo: FloatArray, region: FloatArray, colours: str) -> FloatArray:
    """`painted` with the colours of `photo` (both (h, w, 3)) in the `region`, as the setting `colours` says."""
    from portrait_nst.transfer import colour

    if colours == "luminance":
        return colour.with_chroma_of(painted, photo)
    own, goal = (colour.mean_and_covariance(rgb, region) for rgb in (painted, photo))
    return colour.match_affine(painted, own, goal, colours)


def _box(alpha: FloatArray, frame: tuple[int, int]) -> tuple[Box, tuple[int, int]]:
    """The rows and columns of the photo around the region, and the (height, width) of their canvas when all has `frame`."""
    places, sides = [], []
    for axis, (length, painted) in enumerate(zip(alpha.shape, frame)):
        there = np.flatnonzero(alpha.any(1 - axis))
        beyond = round(MARGIN * length / painted)
        first, last = max(0, int(there[0]) - beyond), min(length, int(there[-1]) + 1 + beyond)
        wanted = round(LEAST * length / painted)
        if last - first < wanted:
            first = max(0, min(first, length - wanted))
            last = min(length, first + wanted)
        places.append(slice(first, last))
        sides.append(max(1, round((last - first) * painted / length)))
    return (places[0], places[1]), (sides[0], sides[1])
