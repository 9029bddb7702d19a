"""Pictures of any size, with strokes of any size: painted coarse to fine, each time by windows.

A network draws strokes as broad as those of its painting at `NATIVE` pixels. Finer ones are painted on an enlarged canvas.
Broader ones are painted on a small canvas, which is then enlarged by about two, again and again: each time what is painted is
the mean of the enlarged painting and of the photo, and only what the enlarged painting cannot hold, the finest octave, is taken
from the result (Burt & Adelson's Laplacian pyramid, 1983). So broad strokes and their colours stay, and get edges and bristles of
every size. Repainting all of it drives contrast and colours up at each size and spoils faces; painting the photo alone gives
edges that the strokes do not have.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from portrait_nst.instant import windows
from portrait_nst.instant.gaussian import Gaussian
from portrait_nst.instant.ground import RADIUS, grounded
from portrait_nst.instant.painter import Maps, Painter
from portrait_nst.transfer.allocator import give_back
from portrait_nst.transfer.colour import resize
from portrait_nst.types import FloatArray, UInt8Array

NATIVE = 512  # pixels of a picture's longest side at which a network's strokes are as broad as learned
FINEST = 2.0  # at most so many times is the canvas enlarged for strokes finer than learned
COARSEST = 64  # pixels: the least shorter side of a canvas, for strokes broader than learned
NEAR = 2**0.1  # stroke sizes that differ by less are not told apart
BAND = 1_000_000  # pixels that are laid on their ground at once
FEW = 1_000_000  # pixels of a picture below which freed memory is kept for the next: clearing it anew took a fifth of the time
SEEN = 4 * RADIUS  # rows beyond a band on which its ground depends: two means over squares, and the mirrored edge
PHOTO = 0.5  # the photo's part in what is painted at each further size

Size = tuple[int, int]
Grain = Callable[[Size], Tensor]  # the grain (1, 3, h, w) of a canvas of this (height, width)


def paint_large(
    painter: Painter,
    picture: UInt8Array | FloatArray,
    guide: FloatArray | None = None,
    *,
    maps: Sequence[Maps] | None = None,
    share: float | FloatArray = 1.0,
    faces: FloatArray | None = None,
    grain: Grain | None = None,
    stroke: float = 1.0,
    size: int | str | None = None,
) -> FloatArray:
    """The `picture` painted at `size`: (h, w, 3) float32 in [0, 1].

    picture: (H, W, 3) RGB, uint8 or float32 in [0, 1], of any size.
    guide:   (H, W; [0, 1]): statistics are taken under it, and only where it is over 0 is the picture painted; what the result
             holds elsewhere is undefined. None for all of it.
    maps:    those that `freeze` found, so that the frames of a clip do not pump; None for the picture's own.
    share:   how far features are moved to the painting's, in [0, 1]: a number, or a map (H, W).
    faces:   (H, W), over 0 in faces and 1 or more inside them, where the ground is the photo's own; None for no faces.
    grain:   that of the ground of each canvas; None for `ground.grain_at`'s, which stands still.
    stroke:  the size of the strokes, over 0, for which 1 is as broad as in the painting seen at the size of the picture.
    size:    the longest side in pixels, "full" for the picture's own, or None for 512; a picture is never enlarged.

    Raises ValueError for `maps` of another number of canvases than this `size` and `stroke` take.
    """
    found, _ = _painted(painter, picture, guide, maps, share, faces, grain, canvases(picture.shape[:2], size, stroke))
    return _array(_resized(found, output_size(picture.shape[:2], size)))


def freeze(
    painter: Painter,
    picture: UInt8Array | FloatArray,
    guide: FloatArray | None = None,
    *,
    share: float | FloatArray = 1.0,
    faces: FloatArray | None = None,
    stroke: float = 1.0,
    size: int | str | None = None,
) -> tuple[Maps, ...]:
    """The maps with which `paint_large` paints this `picture`, for the other frames of its clip; arguments as there."""
    found = statistics(painter, picture, guide, share=share, faces=faces, stroke=stroke, size=size)
    return tuple(painter.maps(each) for each in found)


def statistics(
    painter: Painter,
    picture: UInt8Array | FloatArray,
    guide: FloatArray | None = None,
    *,
    share: float | FloatArray = 1.0,
    faces: FloatArray | None = None,
    stroke: float = 1.0,
    size: int | str | None = None,
) -> tuple[tuple[Gaussian, ...], ...]:
    """The Gaussians of each level on each canvas, of which `Painter.maps` makes maps; arguments as for `paint_large`."""
    return _painted(painter, picture, guide, None, share, faces, None, canvases(picture.shape[:2], size, stroke))[1]


def output_size(size: tuple[int, ...], longest: int | str | None = None) -> Size:
    """The (height, width) at which a picture of `size` is painted, whose `longest` side is given as for `paint_large`."""
    pixels = max(size) if longest == "full" else min(max(size), int(longest or NATIVE))
    return _scaled(size, pixels / max(size))


def canvases(size: tuple[int, ...], longest: int | str | None = None, stroke: float = 1.0) -> list[Size]:
    """The (height, width) of each canvas on which a picture of `size` is painted, coarse to fine.

    >>> canvases((3000, 4000), "full")
    [(384, 512), (762, 1016), (1512, 2016), (3000, 4000)]
    >>> canvases((3000, 4000), 512, 0.5)
    [(768, 1024)]
    """
    goal = output_size(size, longest)
    ratio = min(stroke * max(goal) / NATIVE, max(1.0, min(goal) / COARSEST))
    if 1 / NEAR < ratio < NEAR:
        return [goal]
    if ratio < 1:
        return [_scaled(goal, min(FINEST, 1 / ratio))]
    steps = math.ceil(math.log2(ratio / NEAR))
    return [_scaled(goal, ratio ** (step / steps - 1)) for step in range(steps + 1)]


def _painted(
    painter: Painter,
    picture: UInt8Array | FloatArray,
    guide: FloatArray | None,
    maps: Sequence[Maps] | None,
    share: float | FloatArray,
    faces: FloatArray | None,
    grain: Grain | None,
    sizes: Sequence[Size],
) -> tuple[Tensor, tuple[tuple[Gaussian, ...], ...]]:
    """The painting (1, 3, h, w) on the last canvas, and the statistics of each where no `maps` are given."""
    if maps is not None and len(maps) != len(sizes):
        raise ValueError(f"{len(maps)} maps are given; this size and stroke take {len(sizes)}, one for each canvas")
    found: Tensor | None = None
    measured: list[tuple[Gaussian, ...]] = []
    few = sizes[-1][0] * sizes[-1][1] <= FEW
    for number, size in enumerate(sizes):
        canvas = _tensor(picture, size)
        over = None if guide is None else _map(guide, size)[0]
        own = share if isinstance(share, (int, float)) else _map(share, size)
        if found is not None:
            _lerp(canvas, found, 1 - PHOTO)
        laid = None if grain is None else grain(size)
        _lay_on_ground(canvas, painter.network.grain, None if faces is None else _map(faces, size), laid)
        if not few:
            give_back()  # canvases of other sizes, and what the ground took, leave holes
        seen = windows.see(painter, canvas, over)
        if maps is None:
            measured.append(windows.statistics(painter, seen, over))
        used = painter.maps(measured[-1]) if maps is None else maps[number]
        fine = windows.paint(painter, seen, used, canvas, over, own)
        found = fine if found is None else _octave(fine, found)
    assert found is not None
    return found, tuple(measured)


def _lay_on_ground(canvas: Tensor, amount: float, faces: Tensor | None, grain: Tensor | None = None) -> None:
    """`canvas` (1, 3, h, w) on its ground, in place by bands of rows, since the whole would take several times its memory.

    grain: (1, 3, h, w); None for the usual one.
    """
    height, rows = canvas.shape[2], max(SEEN, BAND // canvas.shape[3])
    if not amount:
        return
    above = canvas[:, :, :0]  # the rows before a band as they were
    for first in range(0, height, rows):
        last = min(height, first + rows)
        top, end = first - above.shape[2], min(height, last + SEEN)
        there = None if faces is None else faces[:, :, top:end]
        own = None if grain is None else grain[:, :, top:end]
        before = torch.cat([above, canvas[:, :, first:end]], 2) if first else canvas[:, :, :end]
        band = grounded(before, amount, there, own, at=(top, 0))
        above = canvas[:, :, max(0, last - SEEN) : last].clone()
        canvas[:, :, first:last] = band[:, :, first - top : last - top]


def _lerp(canvas: Tensor, found: Tensor, share: float) -> None:
    """Move `canvas` (1, 3, h, w) a `share` of the way to `found`, a picture of another size, in place."""
    for plane, other in zip(canvas[0], found[0]):
        plane.lerp_(_plane(other, plane.shape), share)


def _octave(fine: Tensor, found: Tensor) -> Tensor:
    """`found`, enlarged, with that of `fine` which it is too small to hold, in [0, 1]; written into `fine`."""
    for plane, broad in zip(fine[0], found[0]):
        missing = broad - _plane(plane, broad.shape)
        plane.add_(_plane(missing, plane.shape)).clamp_(0, 1)
    return fine


def _scaled(size: tuple[int, ...], factor: float) -> Size:
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def _tensor(array: UInt8Array | FloatArray, size: Size) -> Tensor:
    """(H, W, 3) as (1, 3, h, w) float32 in [0, 1], of its own memory."""
    import cv2

    found = np.empty((array.shape[2], *size), np.float32)
    for number, own in enumerate(found):  # one by one, since the whole as float32 takes four times a photo's memory
        channel = cv2.extractChannel(array, number)
        own[...] = channel if channel.shape == size else resize(channel, size)
    if array.dtype == np.uint8:
        found *= np.float32(1 / 255)
    return torch.from_numpy(found)[None]


def _map(array: FloatArray, size: Size) -> Tensor:
    """(H, W) as (1, 1, h, w) float32, of the same memory where it has that size."""
    same = array.shape == size and array.dtype == np.float32 and array.flags.writeable  # torch warns of others
    return torch.from_numpy(array if same else resize(array, size))[None, None]


def _resized(picture: Tensor, size: Size) -> Tensor:
    if tuple(picture.shape[-2:]) == size:
        return picture
    found = picture.new_empty(1, picture.shape[1], *size)
    for plane, own in zip(found[0], picture[0]):
        plane.copy_(_plane(own, size))
    return found


def _plane(plane: Tensor, size: tuple[int, ...]) -> Tensor:
    """(h, w) at another `size`."""
    return torch.from_numpy(resize(plane.numpy(), (size[0], size[1])))


def _array(picture: Tensor) -> FloatArray:
    import cv2

    return np.asarray(cv2.merge([plane.numpy() for plane in picture[0]]))
