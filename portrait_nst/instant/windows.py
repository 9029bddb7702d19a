"""A picture of any size seen and painted by windows, exactly as if it were done in one piece.

A cell of the features depends on the pixels of its field, a pixel of the painting on the cells within the reach of the decoder.
A window is therefore computed with a rim as wide, which is thrown away; and since it begins at a multiple of `STEP` pixels of
the padded picture, poolings fall as they do in the whole. Features are kept, 20 bytes for each pixel, so that
the encoder runs once for the statistics and the painting. Only the part of the picture in which the guide is over 0 is computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.instant.decoder import FEATURES, LEVELS
from portrait_nst.instant.features import (
    CELL,
    LAYER,
    PAD,
    STEP,
    Shares,
    guides,
    levels,
    padded_part,
    padded_size,
    shares_at_levels,
)
from portrait_nst.instant.gaussian import Gaussian, mixture
from portrait_nst.instant.painter import Maps, Painter, Seen, require_numbers, require_painted
from portrait_nst.transfer.rect import Rect

LARGEST = 700_000  # pixels of a window with its rim, which take some 0.2 GB; larger ones are no faster
CELLS = 32_768  # cells of a block of which the statistics are computed at once
LEAST_RIM = 3 * PAD  # pixels: so that a window at the border holds all pixels that are reflected into it
FAR = 160  # pixels: beyond the guide, as far as the branch that sees far depends on features (8 x 6 + 16 x 3, and the rims)
# The decoder's last layers, from the picture to where the far branch joins: (pixels of a cell, convolutions and enlargements).
LAYERS = ((1, 2), (2, 3), (4, 3), (8, 1))


@dataclass(frozen=True)
class Window:
    """A part of a padded picture: the `core` that is kept, and what is computed `around` it."""

    core: Rect
    around: Rect

    def kept(self, computed: Tensor) -> Tensor:
        """The core's part of what was `computed` (..., h, w), a picture or cells."""
        return _cells(
            self.core.moved(-self.around.top, -self.around.left), self.around.shape[1] // computed.shape[-1], computed
        )


def rim_of_features(encoder: Encoder) -> int:
    """How many pixels beyond its own a cell of the coarsest level sees, rounded up to a multiple of `STEP`."""
    geometry = encoder.geometry(LAYER)
    beyond = max(-geometry.start, geometry.field + geometry.start - geometry.jump)
    return max(LEAST_RIM, _up(beyond * 2 ** (LEVELS - 1)))


def rim_of_painting() -> int:
    """How far from a pixel of the painting the cells lie on which it depends, rounded up to a multiple of `STEP` pixels."""
    return _up(sum(cell * count for cell, count in LAYERS))


def windows(size: tuple[int, int], rim: int, box: Rect | None = None, largest: int = LARGEST) -> list[Window]:
    """The windows that cover the `box` of a padded picture of `size` (height, width), or all of it, of about equal sizes.

    Sides of the picture are multiples of `STEP`, and so is the `rim`. A window with its rim has at most about `largest`
    pixels, but its core has `STEP` pixels or more along each side.
    """
    whole = Rect(0, 0, *size)
    box = whole if box is None else box
    height, width = _grown(box, rim, whole).shape
    side = max(size) if height * width <= largest else max(STEP, int(largest**0.5) - 2 * rim)
    cores = [
        Rect(top, left, bottom, right)
        for top, bottom in _spans(box.top, box.bottom, side)
        for left, right in _spans(box.left, box.right, side)
    ]
    return [Window(core, _grown(core, rim, whole)) for core in cores]


@torch.inference_mode()
def see(painter: Painter, picture: Tensor, guide: Tensor | None = None, largest: int = LARGEST) -> Seen:
    """As `Painter.see`, of a picture (1, 3, H, W) of any size on the CPU; features are 0 far from the `guide` (1, H, W).

    Raises InputError for values that are no numbers.
    """
    require_numbers(picture)
    size = padded_size(picture)
    guide = guide if guide is not None and _any(guide) else None
    box = None if guide is None else _box(guide, FAR)
    parts = _guided(windows(size, rim_of_features(painter.encoder), box, largest), guide, FAR)
    if parts and parts[0].core.shape == size:
        return Seen((picture.shape[-2], picture.shape[-1]), tuple(painter.features(picture)))
    found = [
        torch.zeros(1, size[0] // cell, size[1] // cell, FEATURES, dtype=painter.dtype, device=painter.device)
        for cell in (CELL * 2**level for level in range(LEVELS))
    ]
    found = [features.permute(0, 3, 1, 2) for features in found]  # channels last in memory
    for window in parts:
        seen = padded_part(picture, _edges(window.around)).to(painter.device)
        with torch.autocast(painter.device.type, painter.dtype, enabled=painter.dtype != torch.float32):
            levels_here = levels(painter.encoder, seen)
        for whole, part in zip(found, levels_here):
            _cells(window.core, size[1] // whole.shape[-1], whole).copy_(window.kept(part))
    return Seen((picture.shape[-2], picture.shape[-1]), tuple(found))


@torch.inference_mode()
def statistics(painter: Painter, seen: Seen, guide: Tensor | None = None) -> tuple[Gaussian, ...]:
    """As `Painter.statistics`, in bounded memory."""
    if guide is None or not _any(guide):
        guide = torch.ones(1, *seen.size)
    found = []
    for features, weights in zip(seen.features, guides(painter.encoder, guide.to(painter.device))):
        rows = max(1, CELLS // features.shape[-1])
        blocks = [_counting(*block) for block in zip(features.split(rows, 2), weights.split(rows, 1))]
        totals = [float(weight.sum()) for _, weight in blocks]
        found.append(mixture([(Gaussian.of(*block), total) for block, total in zip(blocks, totals) if total > 0]))
    return tuple(found)


@torch.inference_mode()
def paint(
    painter: Painter,
    seen: Seen,
    maps: Maps,
    picture: Tensor,
    guide: Tensor | None = None,
    share: float | Tensor = 1.0,
    largest: int = LARGEST,
) -> Tensor:
    """As `Painter.paint`, written into the `picture` (1, 3, H, W; on the CPU) that was `seen`, which is returned.

    guide: (1, H, W). Where it is 0 for `STEP` pixels around, the picture may stay as it is.
    share: a number, or a map (1, 1, H, W).
    """
    size = padded_size(picture)
    if guide is not None and not _any(guide):
        return picture
    box, whole = None if guide is None else _box(guide, STEP), Rect(0, 0, *picture.shape[-2:])
    everything = Rect(0, 0, *size)
    shares = shares_at_levels(share, painter.device)
    far = painter.decoder.coarse(*(_mapped(seen, maps, shares, level, everything) for level in (1, 2)))
    for window in _guided(windows(size, rim_of_painting(), box, largest), guide, STEP):
        branch = _cells(window.around, size[1] // far.shape[-1], far)
        features = _mapped(seen, maps, shares, 0, window.around)
        painted = window.kept(painter.decoder.finished(features, branch))
        require_painted(painted)
        core = window.core.moved(-PAD, -PAD)
        inside = _grown(core, 0, whole)
        part = inside.moved(-core.top, -core.left).part(painted)
        inside.part(picture).copy_(part.clamp_(0, 1))
    return picture


def _mapped(seen: Seen, maps: Maps, shares: Shares, level: int, part: Rect) -> Tensor:
    """What the decoder gets of a `level`, in a `part` of the padded picture."""
    cell, share = CELL * 2**level, shares[level]
    own = _cells(part, cell, share) if isinstance(share, Tensor) else share
    return maps[level](_cells(part, cell, seen.features[level]), own)


def _counting(features: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Those of the `features` (1, C, h, w) that have a weight (1, h, w) over 0, as (1, C, 1, n), and their weights (1, 1, n)."""
    there = weights[0] > 0
    if bool(there.all()):
        return features, weights
    return features.permute(0, 2, 3, 1)[:, there].mT[:, :, None], weights[:, there][:, None]


def _guided(found: list[Window], guide: Tensor | None, margin: int) -> list[Window]:
    """The windows within `margin` pixels of whose core the `guide` (1, H, W) is over 0 somewhere."""
    if guide is None:
        return found
    whole = Rect(0, 0, *guide.shape[-2:])
    near = [_grown(window.core.moved(-PAD, -PAD), margin + PAD, whole).part(guide) for window in found]
    return [window for window, part in zip(found, near) if _any(part)]


def _any(guide: Tensor) -> bool:
    """Whether it is over 0 somewhere."""
    return guide.numel() > 0 and float(guide.amax()) > 0  # a fifth of the time of `any`


def _box(guide: Tensor, margin: int) -> Rect:
    """The box around what is over 0 in the `guide` (1, H, W), in the padded picture, between multiples of `STEP`."""
    rows, columns = (torch.nonzero(guide[0].amax(axis) > 0).flatten().tolist() for axis in (1, 0))
    top, left = (max(0, first + PAD - margin) // STEP * STEP for first in (rows[0], columns[0]))
    ends = zip((rows[-1], columns[-1]), padded_size(guide))
    bottom, right = (min(end, _up(last + 1 + PAD + margin)) for last, end in ends)
    return Rect(top, left, bottom, right)


def _cells(part: Rect, cell: int, tensor: Tensor) -> Tensor:
    """The `part` of a picture in a `tensor` (..., h, w) with cells of `cell` pixels, not copied."""
    return tensor[..., part.top // cell : part.bottom // cell, part.left // cell : part.right // cell]


def _grown(box: Rect, rim: int, whole: Rect) -> Rect:
    """The `box` with a `rim`, as far as it lies in the `whole`."""
    top, left, bottom, right = _edges(box)
    return Rect(max(0, top - rim), max(0, left - rim), min(whole.bottom, bottom + rim), min(whole.right, right + rim))


def _edges(box: Rect) -> tuple[int, int, int, int]:
    return box.top, box.left, box.bottom, box.right


def _spans(first: int, last: int, side: int) -> Iterator[tuple[int, int]]:
    """The fewest spans of at most about `side` pixels and of about equal lengths, which are multiples of `STEP`."""
    length = _up(-(-(last - first) // -(-(last - first) // side)))
    for begin in range(first, last, length):
        yield begin, min(last, begin + length)


def _up(pixels: int) -> int:
    """The least multiple of `STEP` that is not less."""
    return -(-pixels // STEP) * STEP
