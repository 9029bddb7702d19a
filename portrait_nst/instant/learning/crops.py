"""Crops of the material: squares turned over and scaled, with faces in about half of them."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from portrait_nst.instant.learning import recipe
from portrait_nst.instant.learning.material import PERCENT, SIDE, Material
from portrait_nst.types import UInt8Array

BESIDE = 0.4  # of half a crop: how far the middle of a face lies from that of its crop, at most


class Crops:
    """Squares of photographs on a device, of which crops are drawn."""

    def __init__(self, material: Material, device: torch.device) -> None:
        """material: its squares, of which there is at least one."""
        squares = [torch.from_numpy(own).to(device) for own in (material.squares, material.faces)]
        self._squares = [square.permute(2, 0, 1) for own in squares for square in own]
        self._maps = torch.from_numpy(material.maps)[:, None].to(device)
        self._first = len(material.squares)  # of the faces
        self._middles = [_middle(own) for own in material.maps]
        self.device = device

    def draw(self, count: int, side: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """`count` crops (count, 3, side, side), RGB in [0, 1], and their face maps (count, 1, side, side), from 0 to 2."""
        scale = np.exp(rng.uniform(math.log(recipe.SCALES[0]), math.log(recipe.SCALES[1]), count))
        half = np.minimum(side / scale / SIDE, 1.0)
        middle = rng.uniform(-1, 1, (count, 2)) * (1 - half[:, None])
        beside = rng.uniform(-BESIDE, BESIDE, (count, 2)) * half[:, None]
        chosen = rng.integers(len(self._squares), size=count)
        shows, flipped = rng.random(count) < recipe.FACES, rng.random(count) < 0.5
        of_face = rng.integers(max(1, len(self._middles)), size=count)
        for i in np.flatnonzero(shows if self._middles else np.zeros(count, bool)):
            chosen[i] = self._first + of_face[i]
            middle[i] = np.clip(self._middles[of_face[i]] + beside[i], half[i] - 1, 1 - half[i])
        theta = np.zeros((count, 2, 3), np.float32)
        theta[:, 0, 0], theta[:, 1, 1] = half * np.where(flipped, -1, 1), half
        theta[:, :, 2] = middle
        grid = F.affine_grid(torch.from_numpy(theta).to(self.device), [count, 3, side, side], align_corners=False)
        index = torch.from_numpy(chosen).to(self.device)
        face = torch.zeros(count, 1, SIDE, SIDE, device=self.device)
        there = index >= self._first
        face[there] = self._maps[index[there] - self._first].float() / PERCENT
        return _sampled(torch.stack([self._squares[i] for i in chosen]).float() / 255, grid), _sampled(face, grid)


def _sampled(pictures: Tensor, grid: Tensor) -> Tensor:
    return F.grid_sample(pictures, grid, mode="bilinear", padding_mode="reflection", align_corners=False)


def _middle(face: UInt8Array) -> NDArray[np.float64]:
    """(x, y) of the middle of a face map (SIDE, SIDE), from -1 to 1."""
    counts = face.astype(np.float64)
    at = (np.arange(SIDE) + 0.5) * 2 / SIDE - 1
    middle = np.array([(counts.sum(axis) * at).sum() for axis in (0, 1)], np.float64)
    return np.asarray(middle / max(1.0, counts.sum()))
