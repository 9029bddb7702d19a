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
LEAST = 48  # pixels of a canvas' side, below which strokes have no room


def painted_region(
    painter: Painter,
    content: UInt8Array,
    alpha: FloatArray,
    local: FloatArray,
    settings: Settings,
    frame: tuple[int, int],
) -> UInt8Array:
    """`content` (H, W, 3) with the region `alpha` (H, W) painted, at the same size; beyond the region's box it stays as it is.

    local: (H, W), how far each place is painted; see `strength`. frame: the (height, width) at which all of it is painted.
    """
    from portrait_nst import transfer

    size = (content.shape[0], content.shape[1])
    place, small = _box(alpha, _scaled(frame, settings.style_scale, size))
    own, region, here = content[place], alpha[place], local[place]
    seen = imaging.resize(own, small)
    guide = imaging.resize_mask(region, small)
    canvas = _paint(painter, imaging.to_float(seen), guide, share_of(imaging.resize_mask(here, small)), settings)
    canvas = _in_colours_of(canvas, imaging.to_float(seen), guide, settings.colours)
    painted = transfer.transfer_detail(own, canvas)
    if (here < FADED).any():
        painted = imaging.to_uint8(faded(imaging.to_float(own), imaging.to_float(painted), here))
    if painted.shape[:2] == size:
        return painted
    found = content.copy()
    found[place] = painted
    return found


def _paint(
    painter: Painter, picture: FloatArray, guide: FloatArray, share: FloatArray, settings: Settings
) -> FloatArray:
    """`picture` (h, w, 3) painted with its statistics under `guide` (h, w), its features moved by `share` (h, w)."""
    from portrait_nst.instant.painter import grain
    from portrait_nst.transfer.colour import tensor

    device = painter.device
    grained = tensor(picture, device) + grain(picture.shape[:2], painter.network.grain, settings.seed).to(device)
    seen = painter.see(grained)
    maps = painter.maps(painter.statistics(seen, tensor(guide, device)[0]))
    even = float(share.min()) if share.min() == share.max() else tensor(share, device)
    painted = painter.paint(seen, maps, even)
    return np.ascontiguousarray(painted[0].permute(1, 2, 0).cpu().numpy())


def _in_colours_of(painted: FloatArray, photo: FloatArray, region: FloatArray, colours: str) -> FloatArray:
    """`painted` with the colours of `photo` (both (h, w, 3)) in the `region`, as the setting `colours` says."""
    from portrait_nst.transfer import colour

    if colours == "style":
        return painted
    if colours == "luminance":
        return colour.with_chroma_of(painted, photo)
    own, goal = (colour.mean_and_covariance(rgb, region) for rgb in (painted, photo))
    return colour.match_affine(painted, own, goal, colours)


def _scaled(frame: tuple[int, int], style_scale: float, photo: tuple[int, int]) -> tuple[int, int]:
    """The (height, width) of a `frame` on which strokes are `style_scale` times as broad: smaller; at most the `photo`'s.

    A network's strokes have the breadth in pixels that they had in its painting.
    """
    factor = max(1 / style_scale, LEAST / min(frame))
    return min(photo, (max(1, round(frame[0] * factor)), max(1, round(frame[1] * factor))))


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
