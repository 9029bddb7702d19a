"""Is it a painting? Measures by VGG-19 and by colour, equal to none of the losses that anything here is painted with.

All look at pictures whose longest side is `SIDE` pixels, at the photo's matte where there is one. `net` is VGG-19 with Caffe's
weights (`encoders.get("vgg19", FILE).net`), Simonyan & Zisserman 2014, up to conv3_4, with average pooling.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from portrait_nst import imaging
from portrait_nst.encoders.vgg import Vgg
from portrait_nst.types import FloatArray, UInt8Array

SIDE = 384
TAPS = ("relu1_1", "relu2_1", "relu3_1", "relu3_4")
STRUCTURE = "relu3_1"
STRUCTURE_SIDE = 256
STRIDE = 4  # pixels a side of a cell
LEVELS = 2  # x1 and x1/2
INSIDE = 0.9  # of a cell or a pixel, by which it is the matte's
DIRECTIONS, QUANTILES = 32, 200
ROWS = 1024  # compared at once


def fit(rgb: UInt8Array, side: int = SIDE) -> UInt8Array:
    """`rgb` (H, W, 3) with `side` pixels along the longer side: exactly by this factor, whatever the other is rounded to."""
    import cv2

    factor = side / max(rgb.shape[:2])
    return np.asarray(cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)


def resized(rgb: UInt8Array, size: tuple[int, int]) -> UInt8Array:
    """`rgb` at `size` (height, width): by area, and linear as soon as one axis grows, as all numbers so far were made."""
    import cv2

    return np.asarray(cv2.resize(rgb, size[::-1], interpolation=cv2.INTER_AREA), np.uint8)


def tensor(rgb: UInt8Array) -> Tensor:
    """(H, W, 3) uint8 as (1, 3, H, W) float32 in [0, 1]."""
    return torch.from_numpy(np.ascontiguousarray(imaging.to_float(rgb).transpose(2, 0, 1)))[None]


@dataclass(frozen=True, eq=False)
class _Level:
    """A style at one scale: (centre (C,), deviation) of each tap, and its cells' unit vectors (n, sum C)."""

    scaling: list[tuple[Tensor, Tensor]]
    cells: Tensor


class Strokes:
    """nn: how far the local features of a picture are from the nearest of a style picture's.

    At each of two levels (x1, and the pictures averaged over 2x2 pixels) the maps of `TAPS` are averaged to one grid of
    height // 4 by width // 4 cells. With m_k the mean of the style's k-th map over its cells, and d_k^2 the mean of
    |map - m_k|^2, the vector of a cell is

        v = concatenation over k of (map_k - m_k) / d_k,   nn = mean over levels and cells p of  1 - max_q cos(v_p, s_q),

    p over the cells of which more than nine tenths are in the matte, q over all cells of the style, its three other quarter
    turns and its mirror image. From 0 (all of it occurs in the style) to 2; photos have .25 to .36 of paintings, one half of a
    painting has of its other half what `own_level` tells. After Kolkin et al., "Neural Neighbor Style Transfer", 2022, who
    match hypercolumns so; turns, the x1/2 level and the scaling are of this measure.
    """

    def __init__(self, net: Vgg, style: Tensor) -> None:
        """`style`: (1, 3, H, W) RGB in [0, 1]."""
        self.net, self.levels = net, list[_Level]()
        for _ in range(LEVELS):
            turned = [torch.rot90(style, turns, (2, 3)) for turns in range(4)]
            found = [self._columns(picture) for picture in (*turned, style.flip(3))]
            maps = [torch.cat(of_tap) for of_tap in zip(*found)]
            centres = [values.mean(0) for values in maps]
            spreads = [(values - centre).square().sum(1).mean().sqrt() for values, centre in zip(maps, centres)]
            scaling = list(zip(centres, spreads))
            self.levels.append(_Level(scaling, _unit(maps, scaling)))
            style = F.avg_pool2d(style, 2)

    @torch.no_grad()
    def __call__(self, picture: Tensor, matte: Tensor | None = None) -> float:
        """nn of `picture` (1, 3, H, W) within `matte` (1, 1, H, W), or of all of it; NaN where the matte holds no cell."""
        matte = torch.ones_like(picture[:, :1]) if matte is None else matte
        found = []
        for level in self.levels:
            asked = _unit(self._columns(picture), level.scaling)
            asked = asked[F.interpolate(matte, _grid(picture), mode="area").flatten() > INSIDE]
            nearest = [(rows @ level.cells.T).amax(1) for rows in asked.split(ROWS)]
            found.append(float(1 - torch.cat(nearest).mean()))
            picture, matte = F.avg_pool2d(picture, 2), F.avg_pool2d(matte, 2)
        return float(np.mean(found))

    @torch.no_grad()
    def _columns(self, picture: Tensor) -> list[Tensor]:
        """(cells, C) of each tap."""
        maps = self.net(picture, TAPS)
        return [F.interpolate(maps[tap], _grid(picture), mode="area")[0].flatten(1).T for tap in TAPS]


def _grid(picture: Tensor) -> tuple[int, int]:
    return picture.shape[-2] // STRIDE, picture.shape[-1] // STRIDE


def _unit(maps: list[Tensor], scaling: list[tuple[Tensor, Tensor]]) -> Tensor:
    return F.normalize(torch.cat([(values - m) / d for values, (m, d) in zip(maps, scaling)], 1), dim=1)


def own_level(net: Vgg, style: Tensor) -> float:
    """nn of one half of a painting (1, 3, H, W), cut across its longer side, of the other; the mean of both ways.

    What the painter's hand itself would have: a photo that is as near already can hardly come nearer.
    """
    longer = 3 if style.shape[3] > style.shape[2] else 2
    half = style.shape[longer] // 2
    one, other = style.narrow(longer, 0, half), style.narrow(longer, half, style.shape[longer] - half)
    return (Strokes(net, other)(one) + Strokes(net, one)(other)) / 2


def palette(picture: UInt8Array, style: UInt8Array, matte: FloatArray | None = None) -> float:
    """Sliced Wasserstein-1 distance of the colours of `picture` (in `matte`, (H, W)) and of `style`, in units of CIE Lab.

        mean over 32 directions u on the sphere (drawn once) and 200 quantiles t of .005 to .995 of |Q_t(a . u) - Q_t(b . u)|

    0 for the same colours; a photo has 10 to 25 of a painting. Bonneel et al., "Sliced and Radon Wasserstein Barycenters of
    Measures", 2015.
    """
    directions = np.random.default_rng(0).normal(size=(DIRECTIONS, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    at = np.linspace(0.005, 0.995, QUANTILES)
    inside = None if matte is None else matte > INSIDE
    one, other = (np.quantile(colours @ directions.T, at, axis=0) for colours in (_lab(picture, inside), _lab(style)))
    return float(np.abs(one - other).mean())


def _lab(rgb: UInt8Array, inside: np.ndarray | None = None) -> FloatArray:
    """(n, 3), L from 0 to 100."""
    import cv2

    found: FloatArray = cv2.cvtColor(imaging.to_float(rgb), cv2.COLOR_RGB2LAB)
    return found.reshape(-1, 3) if inside is None else found[inside]


@torch.no_grad()
def cfsd(net: Vgg, photo: UInt8Array, picture: UInt8Array) -> float:
    """Content feature structural distance: how far the photo's pattern of like and unlike places is lost.

    With S_pq the cosine of relu3_1 at p and q, of pictures of 256 x 256 pixels, and P_p = softmax over q of S_pq,

        cfsd = mean over p of  sum_q P_pq (log P_pq - log P'_pq),   P the photo's, P' the picture's.

    0 for the photo; .004 to .007 under Gram matrices, .009 is loose already. Chung et al., "Style Injection in Diffusion",
    CVPR 2024 (StyleID).
    """

    def unit(rgb: UInt8Array) -> Tensor:
        square = resized(rgb, (STRUCTURE_SIDE, STRUCTURE_SIDE))
        return F.normalize(net(tensor(square), (STRUCTURE,))[STRUCTURE][0].flatten(1).T, dim=1)

    before, after = unit(photo), unit(picture)
    total = 0.0
    for rows, others in zip(before.split(ROWS), after.split(ROWS)):
        known, found = (rows @ before.T).log_softmax(1), (others @ after.T).log_softmax(1)
        total += float((known.exp() * (known - found)).sum())
    return total / len(before)
