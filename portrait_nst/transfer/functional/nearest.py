"""Nearest features: each cell of a picture is drawn to the most similar cell of a style.

Kolkin et al., "Neural Neighbor Style Transfer", 2022. Opposed to the paper, which uses the cosine distance alone, a small part of
the squared distance is added, so that features keep their length.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from portrait_nst.transfer.functional.batches import (
    at_least_float32,
    joined,
    promoted,
    require,
    require_guided,
    samples,
)

TIE = 0.1
_NOTHING = 1e-12  # features whose squared length is below have no direction
BLOCK = 1024  # queries that are compared at once, since all products at once would take too much memory


def nearest_features(features: Tensor, style: Tensor) -> Tensor:
    """The cell of `style` with the greatest cosine, for each cell of `features`, (B, H, W) int64.

    features: (B, C, H, W). style: (B or 1, C, h, w); its cells are numbered row by row, from 0 to h w - 1.

    The search is exhaustive: it takes B H W by h w products. There are no gradients. Raises ValueError for other shapes.

    >>> features = torch.tensor([[1.0, 0.1], [0.0, 5.0]]).view(1, 2, 1, 2)  # columns (1, 0) and (0.1, 5)
    >>> style = torch.tensor([[0.0, 2.0], [3.0, 0.0]]).view(1, 2, 1, 2)  # columns (0, 3) and (2, 0)
    >>> nearest_features(features, style)
    tensor([[[1, 0]]])
    """
    require("features", features, "B, C, H, W")
    require("style", style, "B, C, h, w")
    batch, channels, high, wide = features.shape
    if len(style) not in (1, batch) or style.shape[1] != channels:
        raise ValueError(
            f"style must be ({batch} or 1, {channels}, h, w) to go with features, not {tuple(style.shape)}"
        )
    with torch.no_grad():
        queries, keys = (F.normalize(x.flatten(2), dim=1).transpose(1, 2) for x in promoted(features, style))
        pairs = zip(samples(queries, batch), samples(keys, batch))
        return joined([greatest_products(own, each.T.contiguous())[1].view(high, wide) for own, each in pairs])


def greatest_products(queries: Tensor, keys: Tensor) -> tuple[Tensor, Tensor]:
    """The greatest product of each of the `queries` (n, d) with a column of `keys` (d, k): its value and its column, (n,).

    >>> greatest_products(torch.eye(2), torch.tensor([[1.0, 4.0], [3.0, 2.0]]))
    (tensor([4., 3.]), tensor([1, 0]))
    """
    found = [(block @ keys).max(1) for block in torch.split(queries, BLOCK)]
    return torch.cat([each.values for each in found]), torch.cat([each.indices for each in found])


def nearest_distance(features: Tensor, matches: Tensor, guide: Tensor | None = None, tie: float = TIE) -> Tensor:
    """Mean over the cells of 1 - cos(v, a) + tie |v - a|^2, (B,), of `features` v and their `matches` a (B, C, H, W).

    guide: (B or 1, H, W; [0, 1]), the weights of the cells; None for equal weights.

    Features that are all 0 have no direction, as is usual after a rectifier: their cosine counts as 0 and has no gradient there.
    Computed in at least float32. Raises ValueError for other shapes.

    >>> v, a = torch.tensor([3.0, 4.0]).view(1, 2, 1, 1), torch.tensor([4.0, 3.0]).view(1, 2, 1, 1)
    >>> nearest_distance(v, a)  # 1 - 24 / 25 + 0.1 * 2
    tensor([0.2400])
    """
    require("features", features, "B, C, H, W")
    require("matches", matches, "B, C, H, W")
    if matches.shape != features.shape:
        raise ValueError(
            f"matches must have the shape of features, {tuple(features.shape)}, not {tuple(matches.shape)}"
        )
    features, matches = at_least_float32(features), at_least_float32(matches)
    lengths = torch.linalg.vector_norm(matches, dim=1)  # unlike the root of a sum, it has a gradient at 0
    along = (features * (matches / lengths[:, None].clamp_min(1e-6))).sum(1)
    squares = features.square().sum(1)
    cosine = torch.where(squares > _NOTHING, _cosine(squares, along), 0.0)
    distance = _distance(cosine, squares, along, lengths, tie)
    if guide is None:
        return distance.mean((1, 2))
    require_guided(features, guide)
    guide = at_least_float32(guide)
    return (distance * guide).sum((1, 2)) / guide.sum((1, 2)).clamp_min(1e-6)


def match_distance(squares: Tensor, along: Tensor, lengths: Tensor, tie: float = TIE) -> Tensor:
    """1 - cos(v, a) + tie |v - a|^2 of features v and matches a, from three of their products; all arguments have one shape.

    squares: |v|^2; along: v . a / |a|; lengths: |a|. Its gradient grows as 1 / |v|, up to 1e6 where v is 0; `nearest_distance`
    leaves that part out.

    >>> match_distance(torch.tensor([25.0]), torch.tensor([4.8]), torch.tensor([5.0]))
    tensor([0.2400])
    """
    return _distance(_cosine(squares, along), squares, along, lengths, tie)


def _cosine(squares: Tensor, along: Tensor) -> Tensor:
    return along / squares.clamp_min(_NOTHING).sqrt()


def _distance(cosine: Tensor, squares: Tensor, along: Tensor, lengths: Tensor, tie: float) -> Tensor:
    distance = squares - 2 * along * lengths + lengths.square()
    return 1 - cosine + tie * distance
