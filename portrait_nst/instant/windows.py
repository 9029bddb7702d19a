"""A picture painted by windows, exactly as if it were painted whole, and its statistics likewise.

A pixel of the painting depends on the pixels within `reach` of it. A window is therefore painted with a rim as wide, which is
thrown away; and since it begins at a multiple of `STEP` pixels of the padded picture, poolings fall as they do in the whole.
Only the part of the picture in which the guide is over 0 is computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.instant.decoder import LEVELS
from portrait_nst.instant.features import LAYER, PAD, STEP, guide_levels, padded_part, padded_size
from portrait_nst.instant.gaussian import Gaussian, mixture
from portrait_nst.instant.painter import Maps, Painter
from portrait_nst.transfer.rect import Rect

LARGEST = 2_000_000  # pixels of a window with its rim; they take some 0.5 GB in bfloat16
SAMPLE = 512  # pixels along a side of a sample for statistics, without its rim
ENOUGH = 4_000_000  # pixels: of a picture with more, samples that cover as many are enough for its statistics
# The decoder's layers from the picture inwards: (pixels of a cell, 3x3 convolutions and enlargements there).
FINE = ((1, 2), (2, 3), (4, 3))
COARSE = ((1, 2), (2, 3), (4, 2), (8, 4), (16, 3))


@dataclass(frozen=True)
class Window:
    """A part of a padded picture: the `core` that is kept, and what is computed `around` it."""

    core: Rect
    around: Rect

    def seen(self, picture: Tensor) -> Tensor:
        """The part of the padded `picture` (..., H, W; given without its padding) that is computed."""
        return padded_part(picture, (self.around.top, self.around.left, self.around.bottom, self.around.right))

    def kept(self, computed: Tensor) -> Tensor:
        """The core's part of what was `computed` (..., h, w), a picture or cells."""
        cell = self.around.shape[1] // computed.shape[-1]
        core = self.core.moved(-self.around.top, -self.around.left)
        return computed[..., core.top // cell : core.bottom // cell, core.left // cell : core.right // cell]


def field_reach(encoder: Encoder) -> int:
    """How many pixels beyond its own a cell of the coarsest level sees, rounded up to a multiple of `STEP`."""
    return _up(_beyond(encoder) * 2 ** (LEVELS - 1))


def reach(encoder: Encoder) -> int:
    """How far from a pixel of the painting the pixels lie on which it depends, rounded up to a multiple of `STEP`."""
    fine, coarse = (sum(cell * count for cell, count in branch) for branch in (FINE, COARSE))
    return _up(max(fine + _beyond(encoder), coarse + _beyond(encoder) * 2 ** (LEVELS - 1)))


def windows(size: tuple[int, int], rim: int, box: Rect | None = None, largest: int = LARGEST) -> list[Window]:
    """The windows that cover the `box` of a padded picture of `size` (height, width), or all of it, of about equal sizes.

    Sides of the picture are multiples of `STEP`, and so is the `rim`. A window with its rim has at most about `largest`
    pixels, but its core has `STEP` pixels or more along each side.
    """
    whole = Rect(0, 0, *size)
    box = whole if box is None else box
    side = max(STEP, int(largest**0.5) - 2 * rim)
    height, width = _grown(box, rim, whole).shape
    if height * width <= largest:
        side = max(size)
    cores = [
        Rect(top, left, bottom, right)
        for top, bottom in _spans(box.top, box.bottom, side)
        for left, right in _spans(box.left, box.right, side)
    ]
    return [Window(core, _grown(core, rim, whole)) for core in cores]


def statistics(
    painter: Painter, picture: Tensor, guide: Tensor | None = None, largest: int = LARGEST, enough: int = ENOUGH
) -> tuple[Gaussian, ...]:
    """As `Painter.statistics`, of a picture (1, 3, H, W) of any size under a `guide` (1, H, W), in bounded memory.

    Where more than `enough` pixels are guided, every so manieth square is taken, row by row.
    """
    guide = torch.ones_like(picture[:, 0]) if guide is None else guide
    size, rim, box = padded_size(picture), field_reach(painter.encoder), _box(guide)
    found = _touched(windows(size, rim, box, largest), guide, 0)
    if (every := round(float((guide > 0).sum()) / enough)) > 1:
        found = _touched(windows(size, rim, box, (SAMPLE + 2 * rim) ** 2), guide, 0)[::every]
    parts: list[list[tuple[Gaussian, float]]] = [[] for _ in range(LEVELS)]
    for window in found:
        features = painter.levels(window.seen(picture).to(painter.device))
        weights = guide_levels(painter.encoder, window.seen(guide[None])[0].to(painter.device))
        for level, own, weight in zip(parts, map(window.kept, features), map(window.kept, weights)):
            if (total := float(weight.sum())) > 0:
                level.append((Gaussian.of(own, weight), total))
    if not all(parts):  # nothing is guided
        return statistics(painter, picture, None, largest, enough)
    return tuple(mixture(level) for level in parts)


def paint(
    painter: Painter,
    picture: Tensor,
    maps: Maps,
    guide: Tensor | None = None,
    share: float | Tensor = 1.0,
    largest: int = LARGEST,
) -> Tensor:
    """As `Painter.paint`, of a picture (1, 3, H, W) of any size on the CPU, in bounded memory.

    guide: (1, H, W). Where it is 0 for `STEP` pixels around, the picture may stay as it is.
    share: a number, or a map (1, 1, H, W).
    """
    found, whole = picture.clone(), Rect(0, 0, *picture.shape[-2:])
    box = None if guide is None else _box(guide, STEP)
    tiles = windows(padded_size(picture), reach(painter.encoder), box, largest)
    for window in tiles if guide is None else _touched(tiles, guide, STEP):
        own = window.seen(share).to(painter.device) if isinstance(share, Tensor) else share
        painted = window.kept(painter.paint_canvas(window.seen(picture).to(painter.device), maps, own))
        core = window.core.moved(-PAD, -PAD)
        inside = _grown(core, 0, whole)
        inside.part(found).copy_(inside.moved(-core.top, -core.left).part(painted))
    return found


def _touched(found: list[Window], guide: Tensor, margin: int) -> list[Window]:
    """The windows within `margin` pixels of whose core the `guide` (1, H, W) is over 0 somewhere."""
    whole = Rect(0, 0, *guide.shape[-2:])
    near = [_grown(window.core.moved(-PAD, -PAD), margin, whole).part(guide) for window in found]
    return [window for window, part in zip(found, near) if bool(part.any())]


def _box(guide: Tensor, margin: int = 0) -> Rect | None:
    """The box around what is over 0 in the `guide` (1, H, W), in the padded picture, between multiples of `STEP`."""
    rows, columns = (torch.nonzero(guide[0].amax(axis) > 0).flatten().tolist() for axis in (1, 0))
    if not rows:
        return None
    size = padded_size(guide)
    top, left = (max(0, first + PAD - margin) // STEP * STEP for first in (rows[0], columns[0]))
    bottom, right = (min(end, _up(last + 1 + PAD + margin)) for last, end in zip((rows[-1], columns[-1]), size))
    return Rect(top, left, bottom, right)


def _grown(box: Rect, rim: int, whole: Rect) -> Rect:
    """The `box` with a `rim`, as far as it lies in the `whole`."""
    return Rect(
        max(0, box.top - rim),
        max(0, box.left - rim),
        min(whole.bottom, box.bottom + rim),
        min(whole.right, box.right + rim),
    )


def _spans(first: int, last: int, side: int) -> Iterator[tuple[int, int]]:
    """The fewest spans of at most about `side` pixels and of about equal lengths, which are multiples of `STEP`."""
    length = _up(-(-(last - first) // -(-(last - first) // side)))
    for begin in range(first, last, length):
        yield begin, min(last, begin + length)


def _beyond(encoder: Encoder) -> int:
    """How many pixels beyond its own a cell sees, at the size of its level."""
    geometry = encoder.geometry(LAYER)
    return max(-geometry.start, geometry.field + geometry.start - geometry.jump)


def _up(pixels: int) -> int:
    """The least multiple of `STEP` that is not less."""
    return -(-pixels // STEP) * STEP
