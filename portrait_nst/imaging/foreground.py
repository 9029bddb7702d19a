"""The colours of the person and of the background where a matte mixes them.

At the edge of a matte a photo's pixel is I = alpha F + (1 - alpha) B. To paint the person without the old
background shining through, F and B are both needed. They are found by the multi-level method of Germer,
Uelwer, Conrad, Harmeling, "Fast Multi-Level Foreground Estimation", arXiv:2006.14970: minimise

    sum_i (alpha_i F_i + (1 - alpha_i) B_i - I_i)^2
        + sum_i sum_(j beside i) w_ij ((F_i - F_j)^2 + (B_i - B_j)^2),     w_ij = r + g |alpha_i - alpha_j|

from a picture of a few pixels to the full one, each level starting from the enlarged result before it. With
the weighted means F', B' of a pixel's four neighbours, their weights' sum W, and the misfit
e = I - alpha F' - (1 - alpha) B', the two unknowns of a pixel have the closed form

    F = F' + alpha e / (W + alpha^2 + (1 - alpha)^2),   B = B' + (1 - alpha) e / (W + alpha^2 + (1 - alpha)^2).

Where we differ: levels are area averages and are enlarged bilinearly (the paper takes nearest pixels); many
pixels are updated at once, which numpy does fast, with more sweeps to make up for it; and above `_DENSE`
pixels a side only a band around the mixed pixels is solved, so that time goes with the length of the edge
and not with the size of the photo. PyMatting's `estimate_foreground_ml` solves the same problem; on a
12-megapixel photo it takes 1.4 times as long and twice the memory, compiles for half a minute first (numba), and
is further from known colours (tests/imaging/test_foreground.py: an error of 1.7 against 0.8 at hair's edges).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from portrait_nst.types import FloatArray, UInt8Array

_REGULARISATION = 5e-3  # r: how strongly colours are smoothed where the matte is flat
_GRADIENT = 0.1  # g: and in addition across the matte's own edge
_COARSEST = 8  # longest side of the first level, pixels
_DENSE = 256  # longest side up to which every pixel is solved
_FLOAT = 1024  # longest side up to which colours are float32; beyond, 8 bits, which take a quarter of the memory
_SWEEPS_SMALL, _SWEEPS_LARGE = 20, 4
_CHUNK = 1 << 18  # pixels updated at once: bounds the memory

# The neighbours of all pixels of a plane with a margin of one: above, below, left, right.
_BESIDE = (np.s_[:-2, 1:-1], np.s_[2:, 1:-1], np.s_[1:-1, :-2], np.s_[1:-1, 2:])

Picture = NDArray[Any]  # (h, w, 3), uint8 or float32, values 0 to 255


def estimate_foreground(rgb: UInt8Array, alpha: FloatArray) -> tuple[UInt8Array, UInt8Array]:
    """The foreground's and the background's own colours.

    rgb:   (H, W, 3) uint8 sRGB.
    alpha: (H, W) float32 in [0, 1].

    Returns (foreground, background), each (H, W, 3) uint8. Foreground is the photo, exactly, where alpha is 1;
    background is the photo, exactly, where alpha is 0. Elsewhere both go on smoothly: far outside the person
    the foreground is a blurred continuation of the person's colours. Raises ValueError on shapes that do not fit.
    """
    import cv2

    if rgb.ndim != 3 or rgb.shape[2] != 3 or alpha.shape != rgb.shape[:2]:
        raise ValueError(f"rgb must be (H, W, 3) and alpha (H, W), not {rgb.shape} and {alpha.shape}")
    inside, outside = alpha >= 1, alpha <= 0
    if inside.all() or outside.all():
        return rgb.copy(), rgb.copy()

    levels = _pyramid(rgb, np.clip(alpha, 0, 1).astype(np.float32, copy=False))
    image, matte = next(level for level in levels if max(level[1].shape) <= _DENSE)
    foreground, background = _mean_colour(image, matte), _mean_colour(image, 1 - matte)
    foreground, background = _enlarge(foreground, levels[-1][0]), _enlarge(background, levels[-1][0])
    while levels:
        image, matte = levels.pop()
        foreground, background = _enlarge(foreground, image), _enlarge(background, image)
        _sweep(foreground, background, image, matte)
    foreground, background = foreground.astype(np.uint8, copy=False), background.astype(np.uint8, copy=False)
    for colours, there in ((foreground, inside), (background, outside)):
        cv2.copyTo(rgb, there.view(np.uint8), colours)
    return foreground, background


def _pyramid(rgb: UInt8Array, alpha: FloatArray) -> list[tuple[Picture, FloatArray]]:
    """(image, matte) from the full size down to at most `_COARSEST` pixels a side, halved each time."""
    import cv2

    levels: list[tuple[Picture, FloatArray]] = [(rgb, alpha)]
    while max(levels[-1][1].shape) > _COARSEST:
        image, matte = levels[-1]
        height, width = matte.shape
        size = ((width + 1) // 2, (height + 1) // 2)
        if max(size) <= _FLOAT:
            image = image.astype(np.float32, copy=False)
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))
        levels.append((image, np.asarray(cv2.resize(matte, size, interpolation=cv2.INTER_AREA), np.float32)))
    return levels


def _mean_colour(image: Picture, weight: FloatArray) -> Picture:
    """The mean colour where `weight` is 1, as a picture of one colour; of the heaviest pixels where none has 1."""
    weight = (weight > 0.999).astype(np.float32) if (weight > 0.999).any() else (weight / weight.max()) ** 4
    mean = (image * weight[..., None]).sum((0, 1), dtype=np.float64) / max(float(weight.sum()), 1e-12)
    return np.full(image.shape, mean, np.float32)


def _enlarge(colours: Picture, like: Picture) -> Picture:
    """`colours` at the size and in the number format of the level `like`."""
    import cv2

    if colours.dtype != like.dtype:
        colours = np.rint(colours).clip(0, 255).astype(like.dtype)
    if colours.shape != like.shape:
        colours = np.asarray(cv2.resize(colours, like.shape[1::-1], interpolation=cv2.INTER_LINEAR))
    return colours


def _sweep(foreground: Picture, background: Picture, image: Picture, matte: FloatArray) -> None:
    """Solve one level in place: every pixel of a small level, the mixed ones and their neighbours of a large one."""
    import cv2

    height, width = matte.shape
    if max(height, width) <= _DENSE:
        _sweep_all(foreground, background, image, matte)
        return
    mixed = ((matte > 0) & (matte < 1)).astype(np.uint8)
    # A hard 0 to 1 step has no mixed pixel and needs none.
    pixels = np.flatnonzero(cv2.dilate(mixed, np.ones((3, 3), np.uint8)))
    f, b, i, a = foreground.reshape(-1, 3), background.reshape(-1, 3), image.reshape(-1, 3), matte.reshape(-1)
    for _ in range(_SWEEPS_LARGE):
        for start in range(0, len(pixels), _CHUNK):
            _update(f, b, i, a, pixels[start : start + _CHUNK], height, width)


def _sweep_all(foreground: Picture, background: Picture, image: Picture, matte: FloatArray) -> None:
    """As `_update` for every pixel at once, again and again: by planes, whose neighbours are the same plane moved."""
    around = np.pad(matte, 1, mode="edge")  # at the picture's border a missing neighbour is the pixel itself
    weights = [_REGULARISATION + _GRADIENT * np.abs(matte - around[beside]) for beside in _BESIDE]
    total, rest = np.asarray(sum(weights)), 1 - matte
    divisor = total + matte**2 + rest**2
    own = np.moveaxis(image, 2, 0).astype(np.float32)
    planes = [
        [np.pad(plane, 1, mode="edge") for plane in np.moveaxis(colours, 2, 0).astype(np.float32)]
        for colours in (foreground, background)
    ]
    product, mean = np.empty_like(matte), [np.empty_like(matte), np.empty_like(matte)]
    for _ in range(_SWEEPS_SMALL):
        for pair, seen in zip(zip(*planes), own):
            for plane, found in zip(pair, mean):
                found[...] = 0
                for weight, beside in zip(weights, _BESIDE):
                    found += np.multiply(weight, plane[beside], out=product)
                found /= total
            misfit = (seen - matte * mean[0] - rest * mean[1]) / divisor
            for plane, found, share in zip(pair, mean, (matte, rest)):
                found += np.multiply(share, misfit, out=product)
                np.clip(found, 0, 255, out=plane[1:-1, 1:-1])
                if image.dtype == np.uint8:
                    np.rint(plane, out=plane)
                for edge, inner in ((0, 1), (-1, -2)):
                    plane[edge], plane[:, edge] = plane[inner], plane[:, inner]
    for colours, solved in zip((foreground, background), planes):
        for channel, plane in enumerate(solved):
            colours[..., channel] = plane[1:-1, 1:-1]


def _update(
    f: Picture, b: Picture, image: Picture, matte: FloatArray, at: NDArray[np.intp], height: int, width: int
) -> None:
    """The closed form of the module's docstring for the pixels with the flat numbers `at`, in place."""
    row, column = np.divmod(at, width)
    alpha = matte[at]
    total = np.zeros(len(at), np.float32)
    f_mean, b_mean = np.zeros((len(at), 3), np.float32), np.zeros((len(at), 3), np.float32)
    # At the picture's border a missing neighbour is the pixel itself.
    for beside in (
        np.where(row > 0, at - width, at),
        np.where(row < height - 1, at + width, at),
        np.where(column > 0, at - 1, at),
        np.where(column < width - 1, at + 1, at),
    ):
        weight = _REGULARISATION + _GRADIENT * np.abs(alpha - matte[beside])
        total += weight
        f_mean += weight[:, None] * f.take(beside, axis=0)
        b_mean += weight[:, None] * b.take(beside, axis=0)
    f_mean /= total[:, None]
    b_mean /= total[:, None]
    alpha = alpha[:, None]
    misfit = (image.take(at, axis=0) - alpha * f_mean - (1 - alpha) * b_mean) / (
        total[:, None] + alpha**2 + (1 - alpha) ** 2
    )
    for target, value in ((f, f_mean + alpha * misfit), (b, b_mean + (1 - alpha) * misfit)):
        np.clip(value, 0, 255, out=value)
        target[at] = np.rint(value) if target.dtype == np.uint8 else value
