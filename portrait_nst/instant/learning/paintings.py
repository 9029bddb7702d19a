"""The paintings that a network is learned for."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

from portrait_nst import imaging
from portrait_nst.instant.network import Painting
from portrait_nst.types import FloatArray, Photo, UInt8Array

KEPT = 2048  # pixels of the longer side that is kept of a painting: of a movement's there are many
NARROWEST = 64  # pixels of the shorter side, to which smaller paintings are mirrored: eight cells at the least level
THREAD = 16  # pixels of the shorter side, below which nothing is shrunk
LONGEST = 4  # times the size: of what is longer, the middle counts


@dataclass(frozen=True, eq=False)
class LearnPainting:
    """A painting and how much it counts.

    rgb:    (H, W, 3) uint8 sRGB, of any size, of which `KEPT` pixels are kept; where the mask is 0 a continuation of the rest.
    mask:   (H, W) float32 in [0, 1], how much each pixel counts; None for all of it.
    weight: over 0, relative to those of the others.
    name, sha256: the base name of its file, and the sha256 of its bytes.
    """

    rgb: UInt8Array
    mask: FloatArray | None = None
    weight: float = 1.0
    name: str = ""
    sha256: str = ""

    def __post_init__(self) -> None:
        """Keep no more of a large painting than can be looked at."""
        size = _shrunk(self.rgb.shape[0], self.rgb.shape[1], KEPT)
        if size != self.rgb.shape[:2]:
            if not self.sha256:  # of what was given
                object.__setattr__(self, "sha256", _digest(self.rgb))
            object.__setattr__(self, "rgb", imaging.resize(self.rgb, size))
            if self.mask is not None:
                object.__setattr__(self, "mask", imaging.resize_mask(self.mask, size))

    @classmethod
    def of(cls, photo: Photo, mask: FloatArray | None = None, weight: float = 1.0) -> LearnPainting:
        """The painting in a loaded picture; `mask` is that of its style region, with its transparency."""
        return cls(photo.rgb, mask, weight, "" if photo.path is None else photo.path.name, photo.sha256)

    @property
    def described(self) -> Painting:
        """It as a network remembers it."""
        return Painting(self.name, self.sha256, self.weight)

    @property
    def key(self) -> str:
        """What of it decides what is learned, as text."""
        mask = "" if self.mask is None else _digest(self.mask)
        return f"{self.sha256 or _digest(self.rgb)} {mask} {self.weight!r}"

    def tensors(self, longest: int) -> tuple[Tensor, Tensor]:
        """Its pixels (1, 3, h, w), RGB in [0, 1], and its guide (1, h, w) at a longest side of `longest` pixels.

        A small or narrow painting is continued by its mirror image to `NARROWEST` pixels, so that there are cells to learn from.
        """
        size = _shrunk(self.rgb.shape[0], self.rgb.shape[1], longest)
        rgb = imaging.to_float(imaging.resize(self.rgb, size))
        mask = np.ones(size, np.float32) if self.mask is None else imaging.resize_mask(self.mask, size)
        rows, columns = (_middle(side, LONGEST * longest) for side in size)
        rgb, mask = rgb[rows, columns], mask[rows, columns]
        more = [(0, max(0, NARROWEST - side)) for side in mask.shape]
        rgb, mask = np.pad(rgb, [*more, (0, 0)], "symmetric"), np.pad(mask, more, "symmetric")
        return torch.from_numpy(rgb).permute(2, 0, 1)[None].contiguous(), torch.from_numpy(mask)[None]


Blend: TypeAlias = Sequence[LearnPainting]


def _shrunk(height: int, width: int, longest: int) -> tuple[int, int]:
    """The (height, width) of a painting with `longest` pixels on its longer side; a long roll is not shrunk to a thread."""
    least = min(1.0, THREAD / min(height, width))
    factor = min(1.0, max(longest / max(height, width), least))
    return max(1, round(height * factor)), max(1, round(width * factor))


def _digest(array: UInt8Array | FloatArray) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()


def _middle(side: int, most: int) -> slice:
    start = max(0, (side - most) // 2)
    return slice(start, start + most)
