"""Made-up pictures for the tests of faces."""

from __future__ import annotations

import numpy as np
import torch

from portrait_nst.types import UInt8Array


def picture(height: int = 180, width: int = 160, seed: int = 0) -> UInt8Array:
    coarse = np.random.default_rng(seed).random((height // 10, width // 10, 3))
    return (255 * coarse.repeat(10, 0).repeat(10, 1)).astype(np.uint8)


def tensor(rgb: UInt8Array) -> torch.Tensor:
    return torch.from_numpy(rgb.transpose(2, 0, 1).astype(np.float32) / 255)[None]
