"""Small learned networks for tests: real in shape, random in content."""

from __future__ import annotations

import functools

import torch
from torch import nn

from portrait_nst import encoders
from portrait_nst.encoders import Encoder
from portrait_nst.instant import About, Decoder, Gaussian, Network
from portrait_nst.instant.decoder import FEATURES, LEVELS
from portrait_nst.instant.network import Painting

PAINTING = Painting("waves.png", "ab" * 32)


@functools.cache
def encoder() -> Encoder:
    return encoders.get("embedded")


def gaussian(seed: int = 0, channels: int = FEATURES) -> Gaussian:
    """A Gaussian with values of float32, such as a file holds."""
    generator = torch.Generator().manual_seed(seed)
    columns = torch.rand(channels, 3 * channels, generator=generator)
    covariance = torch.cov(columns).float()
    return Gaussian(columns.mean(1).double(), torch.maximum(covariance, covariance.T).double())


def network(*paintings: Painting, steps: int = 600, seed: int = 0) -> Network:
    """A network with weights of float16, "learned" for `paintings`, or for `PAINTING`."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        decoder = Decoder()
        torch.nn.init.normal_(decoder.join.weight, std=0.02)
    decoder.half().float().requires_grad_(False)
    about = About(paintings or (PAINTING,), steps, 12.5, {"style_weight": 3.0}, encoder().sha256)
    return Network(decoder, tuple(gaussian(seed + level) for level in range(LEVELS)), 0.5, 0.04, about)


def convolution(of: Network, name: str) -> nn.Conv2d:
    """The convolution of its decoder called `name`, as in "fine.0"."""
    found = of.decoder.get_submodule(name)
    assert isinstance(found, nn.Conv2d) and found.bias is not None
    return found
