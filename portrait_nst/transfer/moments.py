"""What the style loss compares: second moments of features inside a region, as the teacher's channels would have them."""

from __future__ import annotations

import torch
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.transfer.gram import guided_gram, guided_mean


def in_basis(encoder: Encoder, layer: str, gram: Tensor) -> Tensor:
    """`gram` as the teacher's channels would see it: R G R^T."""
    base = encoder.bases.get(layer)
    return gram if base is None else base @ gram @ base.T


def moments(encoder: Encoder, layer: str, features: Tensor, guide: Tensor, style_loss: str) -> Tensor:
    """What the style loss compares: the guided Gram matrix G, or for "wasserstein" [[G, m], [m^T, 1]] with the mean m.

    Both are means over the region, so that the mean of several styles' moments is that of their mixture.
    """
    gram = in_basis(encoder, layer, guided_gram(features, guide))
    if style_loss == "gram":
        return gram
    mean, base = guided_mean(features, guide), encoder.bases.get(layer)
    mean = mean if base is None else base @ mean
    edge = torch.cat([mean, mean.new_ones(1)])
    return torch.cat([torch.cat([gram, mean[None]]), edge[:, None]], 1)
