"""Small pictures, an encoder and codebooks for the tests of nearest features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.transfer.config import EngineConfig, Nearest, StylePart
from portrait_nst.transfer.nearest.codebook import Codebook, make_codebook
from portrait_nst.transfer.nearest.hypercolumns import Key, keys_of
from portrait_nst.transfer.objective.terms import Weights
from portrait_nst.types import FloatArray

from ..objective.test_tiled import small

LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu3_2", "relu3_4")
KEYS = keys_of(LAYERS)
STYLE = tuple((name, 1.0) for name in LAYERS if name != "relu3_2")


def float_encoder() -> Encoder:
    """Shaped as the embedded encoder, with few channels, in float32."""
    encoder = small()
    encoder.net.float()
    encoder.bases = {layer: base.float() for layer, base in encoder.bases.items()}
    return encoder


def texture(height: int, width: int, seed: int = 0) -> FloatArray:
    """(h, w, 3) in [0, 1]: waves of a few periods, and some noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width].astype(np.float64)
    found = 0.5 + rng.normal(0, 0.05, (height, width, 3))
    for period in (5, 9, 17, 40):
        turn, phase = rng.uniform(0, 2 * np.pi, 2)
        wave = np.sin((x * np.cos(turn) + y * np.sin(turn)) * 2 * np.pi / period + phase + np.sin(y / 23 + turn))
        found += 0.14 * wave[..., None] * rng.uniform(-1, 1, 3)
    return np.clip(found, 0, 1).astype(np.float32)


def tensor(array: FloatArray) -> Tensor:
    """(h, w, 3) as (1, 3, h, w)."""
    return torch.from_numpy(np.ascontiguousarray(array.transpose(2, 0, 1)))[None]


def orders(size: tuple[int, int], nearest: Nearest | None = None, **more: Any) -> EngineConfig:
    weights = Weights(style=0.3, content=0.0, style_layers=STYLE, content_layers=(("relu3_2", 1.0),), within=10.0)
    return EngineConfig(
        sizes=(size,),
        iterations=(4,),
        tolerance=0.0,
        weights=weights,
        levels=2,
        nearest=nearest or Nearest(content=0.06, photo=0.2, detail=0.3),
        **more,
    )


def codebook(
    encoder: Encoder,
    parts: Sequence[StylePart],
    size: tuple[int, int] = (128, 128),
    entries: int = 65_536,
    keys: Sequence[Key] = KEYS,
) -> Codebook:
    return make_codebook(encoder, parts, size, orders(size), keys, entries)
