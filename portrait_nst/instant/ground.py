"""The ground on which a network paints: the photo without its fine texture, under a coloured grain.

What a network sees it copies: skin, cloth and noise come out as the photo's own, and the picture looks like a tinted photograph.
So the photo's lightness is calmed first, by a guided filter (He, Sun & Tang 2013) with itself as the guide: texture goes, edges
stay.
Where a photo is flat a network has nothing to begin a stroke from, and paints a flat, or the upright lines of its own grid. So
there is a grain of three sizes, the broad ones coloured, as a painter's ground is: strokes and patches of colour begin there.
In faces the photo stays as it is and the grain is faint, since a likeness is made of little.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from portrait_nst.types import FloatArray

RADIUS = 3  # pixels, of the guided filter's box
TEXTURE = 0.06  # deviation in [0, 1] under which lightness counts as texture
TILE = 384  # pixels after which the grain comes again; a multiple of its sizes, and of the encoder's cells
SIZES = ((2, 1.0, 0.3), (6, 0.8, 0.5), (24, 0.5, 0.7))  # pixels, amount of lightness, amount of colour
FACES = 0.8  # of the grain is left out in faces


def grounded(
    picture: Tensor,
    amount: float,
    faces: Tensor | None = None,
    noise: Tensor | None = None,
    at: tuple[int, int] = (0, 0),
) -> Tensor:
    """What a network sees of `picture` (N, 3, H, W; RGB in [0, 1]): calmed and under `amount` of grain, in the same form.

    faces: (N, 1, H, W), over 0 in faces and 1 or more inside them; None for no faces.
    noise: (N or 1, 3, H, W), the grain; None for that of `grain_at`.
    at:    the (row, column) of the picture's upper left corner in the whole that it is a window of.
    """
    if not amount:
        return picture
    there = None if faces is None or not float(faces.amax()) > 0 else faces.clamp(0, 1).to(picture)
    seen = calmed(picture)
    grainy: Tensor | float = 1.0
    if there is not None:
        seen, grainy = seen.lerp_(picture, there.expand_as(picture)), 1 - FACES * there
    if noise is not None:
        return seen.add_(noise * grainy, alpha=amount)
    return _under_grain(seen, amount, grainy, at)


def _under_grain(picture: Tensor, amount: float, share: float | Tensor, at: tuple[int, int]) -> Tensor:
    """`picture` (N, 3, H, W) with `amount` of `grain_at` times `share`, in place, tile by tile so that it is never whole."""
    own = tile().to(picture)
    (height, width), (top, left) = picture.shape[-2:], at
    for row in range(-(top % TILE), height, TILE):
        for column in range(-(left % TILE), width, TILE):
            rows, columns = slice(max(0, row), row + TILE), slice(max(0, column), column + TILE)
            here = picture[..., rows, columns]
            down, right = rows.start - row, columns.start - column
            grain = own[..., down : down + here.shape[-2], right : right + here.shape[-1]]
            if isinstance(share, Tensor):
                here.addcmul_(grain, share[..., rows, columns], value=amount)
            else:
                here.add_(grain, alpha=amount * share)
    return picture


def calmed(picture: Tensor, radius: int = RADIUS, texture: float = TEXTURE) -> Tensor:
    """`picture` (N, 3, H, W) without what varies its lightness by less than `texture` within `radius` pixels; colour stays."""
    own = picture.mean(1, keepdim=True)
    mean, square = _box(torch.cat([own, own * own], 1), radius).split(1, 1)
    variance = (square - mean * mean).clamp_min(0)
    slope = variance / (variance + texture * texture)
    slope, rest = _box(torch.cat([slope, mean - slope * mean], 1), radius).split(1, 1)
    calm: Tensor = picture + slope.sub(1).mul_(own).add_(rest)
    return calm


def grain_at(size: tuple[int, int] | torch.Size, at: tuple[int, int] = (0, 0), seed: int = 0) -> Tensor:
    """The grain (1, 3, H, W) of a window of `size` (H, W) whose upper left corner is `at` (row, column) of the whole.

    It is a tile of `TILE` pixels laid again and again from the upper left corner, the same for the same seed.
    """
    (height, width), (top, left) = size, (at[0] % TILE, at[1] % TILE)
    again = (1, 1, -(-(top + height) // TILE), -(-(left + width) // TILE))
    return tile(seed).repeat(again)[..., top : top + height, left : left + width]


def grain_along(places: FloatArray) -> Tensor:
    """The grain (1, 3, h, w) of pixels that show these `places` (h, w, 2) of the whole: column and row, fractions too.

    At whole numbers it is `grain_at`'s. Cubic, so that it is as strong between them.
    """
    import cv2

    within = places - np.float32(TILE) * np.floor(places * np.float32(1 / TILE))  # remap takes numbers up to 32767
    planes = tile()[0].permute(1, 2, 0).contiguous().numpy()
    found = cv2.remap(planes, within, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_WRAP)
    return torch.from_numpy(np.ascontiguousarray(found.transpose(2, 0, 1)))[None]


@lru_cache(maxsize=4)
def tile(seed: int = 0) -> Tensor:
    """One tile of grain, (1, 3, `TILE`, `TILE`), whose edges fit each other; about of unit deviation at each size."""
    generator = torch.Generator().manual_seed(seed)
    found = torch.zeros(1, 3, TILE, TILE)
    for size, lightness, colour in SIZES:
        drawn = torch.randn(1, 3, TILE // size, TILE // size, generator=generator)
        coarse = lightness * drawn[:, :1] + colour * (drawn - drawn.mean(1, keepdim=True))
        around = F.pad(coarse, (1, 1, 1, 1), mode="circular")
        fine = F.interpolate(around, scale_factor=size, mode="bilinear", align_corners=False)
        found += fine[..., size:-size, size:-size]
    return found


def _box(x: Tensor, radius: int) -> Tensor:
    """Means of `x` (N, C, H, W) over squares of 2 `radius` + 1 pixels, continued past the edge."""
    side, channels = 2 * radius + 1, x.shape[1]
    small = min(x.shape[-2:]) <= radius
    if x.device.type == "cpu" and not x.requires_grad:
        return _box_by_cv2(x, side, small)
    around = F.pad(x, (radius, radius, radius, radius), mode="replicate" if small else "reflect")
    even = x.new_full(
        (channels, 1, side, 1), 1 / side
    )  # as convolutions these take a tenth of two poolings' time on a CPU
    down = F.conv2d(around.contiguous(memory_format=torch.channels_last), even, groups=channels)
    return F.conv2d(down, even.mT, groups=channels)


def _box_by_cv2(x: Tensor, side: int, small: bool) -> Tensor:
    """The same on a CPU, in a quarter of the time."""
    import cv2

    edge = cv2.BORDER_REPLICATE if small else cv2.BORDER_REFLECT_101
    found = torch.empty_like(x, memory_format=torch.contiguous_format)
    for goal, plane in zip(found.flatten(0, 1).numpy(), x.contiguous().flatten(0, 1).numpy()):
        cv2.blur(plane, (side, side), goal, borderType=edge)
    return found
