"""A picture painted by windows, exactly as if it were painted whole, and its statistics likewise.

A pixel of the painting depends on the pixels within `reach` of it. A window is therefore painted with a rim as wide, which is
thrown away; and since it begins at a multiple of `STEP` pixels of the padded picture, poolings fall as they do in the whole.
What is computed is that part of the picture alone in which the guide is over 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.instant.decoder import LEVELS
from portrait_nst.instant.features import LAYER, PAD, STEP, guide_levels, padded, unpadded
from portrait_nst.instant.gaussian import Gaussian, mixture
from portrait_nst.instant.painter import Maps, Painter
from portrait_nst.transfer.rect import Rect

LARGEST = 2_000_000  # pixels of a window with its rim: about 0.6 GB in float32
# The decoder's layers from the picture inwards: (pixels of a cell, 3x3 convolutions and enlargements there).
WHOLE = ((1, 2), (2, 3), (4, 3))
QUARTER = ((1, 2), (2, 3), (4, 2), (8, 4), (16, 3))


@dataclass(frozen=True)
class Window:
    """A part of a padded picture: the `core` that is kept, and what is computed `around` it."""

    core: Rect
    around: Rect

    def kept(self, computed: Tensor, cell: int = 1) -> Tensor:
        """The core's part of what was `computed` (..., h, w) with cells of `cell` pixels."""
        core = self.core.moved(-self.around.top, -self.around.left)
        return computed[..., core.top // cell : core.bottom // cell, core.left // cell : core.right // cell]


def field_reach(encoder: Encoder) -> int:
    """How many pixels beyond its own a cell of the coarsest level sees, rounded up to a multiple of `STEP`."""
    geometry = encoder.geometry(LAYER)
    beyond = max(-geometry.start, geometry.field + geometry.start - geometry.jump)
    return _up(beyond * 2 ** (LEVELS - 1))


def reach(encoder: Encoder) -> int:
    """How far from a pixel of the painting the pixels lie on which it depends, rounded up to a multiple of `STEP`."""
    coarse = sum(cell * count for cell, count in QUARTER) + field_reach(encoder)
    return _up(max(coarse, sum(cell * count for cell, count in WHOLE) + field_reach(encoder)))


def windows(size: tuple[int, int], rim: int, box: Rect | None = None, largest: int = LARGEST) -> list[Window]:
    """The windows that cover the `box` of a padded picture of `size` (height, width), or all of it, of about equal sizes.

    Sides of the picture are multiples of `STEP`, and so is the `rim`. A window with its rim has at most `largest` pixels, but
    its core has at least `STEP` pixels along each side.
    """
    whole = Rect(0, 0, *size)
    box = whole if box is None else _aligned(box, size)
    if _area(_grown(box, rim, whole)) <= largest:
        return [Window(box, _grown(box, rim, whole))]
    side = max(STEP, int(largest**0.5) - 2 * rim)
    found = []
    for top, bottom in _spans(box.top, box.bottom, side):
        for left, right in _spans(box.left, box.right, side):
            core = Rect(top, left, bottom, right)
            found.append(Window(core, _grown(core, rim, whole)))
    return found


def statistics(painter: Painter, picture: Tensor, guide: Tensor, largest: int = LARGEST) -> tuple[Gaussian, ...]:
    """As `Painter.statistics`, of a picture (1, 3, H, W) of any size under a `guide` (1, H, W), in bounded memory."""
    canvas, over = padded(picture), padded(guide[None])[0]
    rim = field_reach(painter.encoder)
    parts: list[list[tuple[Gaussian, float]]] = [[] for _ in range(LEVELS)]
    for window in _covered(windows(_size(canvas), rim, _box(over), largest), over):
        features = painter.levels(window.around.part(canvas))
        guides = guide_levels(painter.encoder, window.around.part(over))
        for level, (own, weight) in enumerate(zip(features, guides)):
            cell = own.shape[-1] and window.around.shape[1] // own.shape[-1]
            own, weight = window.kept(own, cell), window.kept(weight, cell)
            if (total := float(weight.sum())) > 0:
                parts[level].append((Gaussian.of(own, weight), total))
    if not all(parts):  # nothing is guided
        return painter.statistics(picture, guide)
    return tuple(mixture(level) for level in parts)


def paint(
    painter: Painter,
    picture: Tensor,
    maps: Maps,
    guide: Tensor | None = None,
    share: float | Tensor = 1.0,
    largest: int = LARGEST,
) -> Tensor:
    """As `Painter.paint`, of a picture (1, 3, H, W) of any size in bounded memory.

    guide: (1, H, W); where it is 0 the picture may stay as it is. share: a number, or a map (1, 1, H, W).
    """
    canvas = padded(picture)
    over = None if guide is None else padded(guide[None])[0]
    shares = padded(share) if isinstance(share, Tensor) else None
    found = canvas.clone()
    for window in _covered(windows(_size(canvas), reach(painter.encoder), over if over is None else _box(over), largest), over):
        own = share if shares is None else window.around.part(shares)
        painted = painter.paint_canvas(window.around.part(canvas), maps, own)
        window.core.part(found).copy_(window.kept(painted))
    return unpadded(found, picture.shape[-2:])


def _covered(found: list[Window], guide: Tensor | None) -> Iterator[Window]:
    """The windows of whose core the `guide` (1, H, W) covers a part."""
    for window in found:
        if guide is None or bool(window.core.part(guide).any()):
            yield window


def _box(guide: Tensor) -> Rect | None:
    """The box around what is over 0 in the `guide` (1, H, W)."""
    rows, columns = (torch.nonzero(guide[0].amax(axis) > 0).flatten() for axis in (1, 0))
    if not len(rows):
        return None
    return Rect(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)


def _aligned(box: Rect, size: tuple[int, int]) -> Rect:
    """The smallest box around `box` whose corners are multiples of `STEP`."""
    return Rect(
        box.top // STEP * STEP, box.left // STEP * STEP, min(size[0], _up(box.bottom)), min(size[1], _up(box.right))
    )


def _grown(box: Rect, rim: int, whole: Rect) -> Rect:
    return Rect(
        max(0, box.top - rim), max(0, box.left - rim), min(whole.bottom, box.bottom + rim), min(whole.right, box.right + rim)
    )


def _spans(first: int, last: int, side: int) -> Iterator[tuple[int, int]]:
    """The fewest spans of at most about `side` pixels and of about equal lengths, which are multiples of `STEP`."""
    length = max(STEP, _up(-(-(last - first) // -(-(last - first) // side))))
    for begin in range(first, last, length):
        yield begin, min(last, begin + length)


def _area(box: Rect) -> int:
    return box.shape[0] * box.shape[1]


def _size(canvas: Tensor) -> tuple[int, int]:
    return canvas.shape[-2], canvas.shape[-1]


def _up(pixels: int) -> int:
    """The least multiple of `STEP` that is not less."""
    return -(-pixels // STEP) * STEP
