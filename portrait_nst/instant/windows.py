"""A picture painted by windows, exactly as if it were painted whole, and its statistics likewise.

A pixel of the painting depends on the pixels within the reach of its features and of the layers of the decoder. A window is
therefore computed with a rim as wide, which is thrown away; and since it begins at a multiple of `STEP` pixels of the padded
picture, poolings fall as they do in the whole. The branch that sees far is computed first, in large windows, since it works on
a quarter of the pixels; the rest needs a narrow rim. Only the part of the picture in which the guide is over 0 is computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from portrait_nst.encoders import Encoder
from portrait_nst.errors import ModelError
from portrait_nst.instant.decoder import LEVELS
from portrait_nst.instant.features import LAYER, PAD, STEP, guide_levels, levels, padded_part, padded_size
from portrait_nst.instant.gaussian import Gaussian, mixture
from portrait_nst.instant.painter import Maps, Painter
from portrait_nst.transfer.rect import Rect

LARGEST = 1_000_000  # pixels of a window with its rim, which take some 0.3 GB; larger ones are no faster
SAMPLE = 640  # pixels along a side of a sample for statistics, with its rim
ENOUGH = 3_000_000  # pixels at a level: of a picture with more, samples that cover as many are enough for its statistics
# The decoder's layers from the picture inwards: (pixels of a cell, 3x3 convolutions and enlargements there).
FINE = ((1, 2), (2, 3), (4, 3))
FAR = ((8, 3), (16, 3))
LEAST_RIM = 3 * PAD  # pixels: so that a window at the border holds all pixels that are reflected into it


@dataclass(frozen=True)
class Window:
    """A part of a padded picture: the `core` that is kept, and what is computed `around` it."""

    core: Rect
    around: Rect

    def seen(self, picture: Tensor) -> Tensor:
        """The part of the padded `picture` (..., H, W; given without its padding) that is computed."""
        return padded_part(picture, _edges(self.around))

    def kept(self, computed: Tensor) -> Tensor:
        """The core's part of what was `computed` (..., h, w), a picture or cells."""
        cell = self.around.shape[1] // computed.shape[-1]
        core = self.core.moved(-self.around.top, -self.around.left)
        return computed[..., core.top // cell : core.bottom // cell, core.left // cell : core.right // cell]


def field_reach(encoder: Encoder, end: int = LEVELS) -> int:
    """How many pixels beyond its own a cell of the levels up to `end` - 1 sees, rounded up to a multiple of `STEP`."""
    return max(LEAST_RIM, _up(_beyond(encoder) * 2 ** (end - 1)))


def reach(encoder: Encoder, far: bool) -> int:
    """How far from a pixel of the painting, or from a cell of the `far` branch, the pixels lie on which it depends."""
    layers = sum(cell * count for cell, count in (FAR if far else FINE))
    return max(LEAST_RIM, _up(layers + _beyond(encoder) * 2 ** (LEVELS - 1 if far else 0)))


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


@torch.inference_mode()
def statistics(
    painter: Painter, picture: Tensor, guide: Tensor | None = None, largest: int = LARGEST, enough: int = ENOUGH
) -> tuple[Gaussian, ...]:
    """As `Painter.statistics`, of a picture (1, 3, H, W) of any size under a `guide` (1, H, W), in bounded memory.

    Where more than `enough` pixels are guided, those of x1 are of as many pixels in squares that lie scattered.
    """
    guide = torch.ones_like(picture[:, 0]) if guide is None else guide
    if not bool((guide > 0).any()):
        guide = torch.ones_like(guide)
    box, every = _box(guide), max(1, round(float((guide > 0).sum()) / enough))
    parts: list[list[tuple[Gaussian, float]]] = [[] for _ in range(LEVELS)]
    for first, end in ((0, 1), (1, LEVELS)):
        scattered = every > 1 and first == 0
        area = SAMPLE**2 if scattered else largest * 4**first
        found = _touched(windows(padded_size(picture), field_reach(painter.encoder, end), box, area), guide, 0)
        if scattered:
            order = torch.randperm(len(found), generator=torch.Generator().manual_seed(0)).tolist()
            found = [found[number] for number in order[:: every]]
        for window in found:
            features = _levels(painter, window.seen(picture), first, end)
            weights = guide_levels(painter.encoder, window.seen(guide[None])[0].to(painter.device), first, end)
            for level, own, weight in zip(parts[first:end], map(window.kept, features), map(window.kept, weights)):
                if (total := float(weight.sum())) > 0:
                    level.append((Gaussian.of(own, weight), total))
    return tuple(mixture(level) for level in parts)


@torch.inference_mode()
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
    size, rims = padded_size(picture), {far: reach(painter.encoder, far) for far in (True, False)}
    box = None if guide is None else _box(guide, STEP)
    if guide is not None and box is None:
        return picture.clone()
    # The fine windows see the far branch for a rim around them.
    around = Rect(0, 0, *size) if box is None else _grown(box, rims[False], Rect(0, 0, *size))
    far: Tensor | None = None
    for window in windows(size, rims[True], around, 4 * largest):
        if guide is None or _touched([window], guide, STEP + rims[False]):
            branch = window.kept(painter.decoder.coarse(*_mapped(painter, window, picture, maps, share, 1)))
            if far is None:
                far = branch.new_zeros(1, branch.shape[1], size[0] // 8, size[1] // 8)
            Rect(*(edge // 8 for edge in _edges(window.core))).part(far).copy_(branch)
    assert far is not None
    found, whole = picture.clone(), Rect(0, 0, *picture.shape[-2:])
    tiles = windows(size, rims[False], box, largest)
    for window in tiles if guide is None else _touched(tiles, guide, STEP):
        branch = Rect(*(edge // 8 for edge in _edges(window.around))).part(far)
        (features,) = _mapped(painter, window, picture, maps, share, 0)
        painted = window.kept(painter.decoder.finished(features, branch)).float()
        if not bool(painted.isfinite().all()):
            raise ModelError("This network gives values that are no numbers; its file is damaged: learn the painting again.")
        core = window.core.moved(-PAD, -PAD)
        inside = _grown(core, 0, whole)
        inside.part(found).copy_(inside.moved(-core.top, -core.left).part(painted).clamp(0, 1))
    return found


def _mapped(
    painter: Painter, window: Window, picture: Tensor, maps: Maps, share: float | Tensor, first: int
) -> list[Tensor]:
    """What the decoder sees of a window: at x1 if `first` is 0, otherwise at x1/2 and x1/4."""
    end = LEVELS if first else 1
    seen = window.seen(share).to(painter.device) if isinstance(share, Tensor) else None
    found = []
    for features, carry in zip(_levels(painter, window.seen(picture), first, end), maps[first:end]):
        own = share if seen is None else F.interpolate(seen, features.shape[-2:], mode="area")
        found.append(carry(features, own) / painter.network.scale)
    return found


def _levels(painter: Painter, canvas: Tensor, first: int, end: int) -> list[Tensor]:
    with torch.autocast(painter.device.type, painter.dtype, enabled=painter.dtype != torch.float32):
        return levels(painter.encoder, canvas.to(painter.device), first, end)


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


def _edges(box: Rect) -> tuple[int, int, int, int]:
    return box.top, box.left, box.bottom, box.right


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
