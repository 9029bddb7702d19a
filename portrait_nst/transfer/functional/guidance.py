"""Masks propagated through the network (Gatys et al., "Controlling Perceptual Factors ...", CVPR 2017, section 4).

A mask at the picture's resolution becomes one weight T(p) in [0, 1] per cell p of a feature map:

``soft``    the mask averaged over exactly the pixels that each window with a stride covers (the square of a pooling, the whole
            kernel of a strided convolution); windows without a stride leave it in place. Regions that add up to 1 still do so
            afterwards.
``inside``  the least mask value in the cell's receptive field: 1 only where the whole field lies in the region.
``all``     the greatest mask value in the field: above 0 wherever the field touches the region.

Opposed to the paper, whose code erodes by a fixed number of pixels per layer, the mask passes through the encoder's own windows,
also for odd sizes and paddings. Parts of a receptive field that lie outside the picture, or that an uneven stride leaves out,
neither exclude nor include a cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor
from torch.nn import functional as F

from portrait_nst.transfer.functional.batches import require

if TYPE_CHECKING:  # only the type is named, so the encoders are not needed at run time
    from portrait_nst.encoders.geometry import Geometry

MODES = ("soft", "inside", "all")
FEW_CELLS = 16.0


def propagate_guide(guide: Tensor, geometry: Geometry, mode: str = "soft", offset: int = 0) -> Tensor:
    """The `guide` (B, H, W; [0, 1]), given at the picture's resolution, at a layer of this `geometry`.

    `offset` k grows (k > 0) or shrinks (k < 0) the result by k cells. Returns (B, h, w) float32, where h and w are exactly those
    of the layer's feature map. Raises ValueError for another shape and for an unknown `mode`.

    >>> import torch
    >>> from portrait_nst.encoders.geometry import Geometry
    >>> pooled = Geometry().then(2, 2)  # a pooling of 2 by 2 pixels
    >>> guide = torch.tensor([[[1.0, 1.0, 1.0, 0.0], [1.0, 1.0, 0.0, 0.0]]])
    >>> propagate_guide(guide, pooled), propagate_guide(guide, pooled, "inside"), propagate_guide(guide, pooled, "all")
    (tensor([[[1.0000, 0.2500]]]), tensor([[[1., 0.]]]), tensor([[[1., 1.]]]))
    """
    require("guide", guide, "B, H, W", mask=True)
    if mode not in MODES:
        raise ValueError(f"the guidance mode must be one of {', '.join(MODES)}, not {mode!r}")
    x = guide[:, None].float()
    if mode == "soft":
        x = _averaged(x, geometry)
    elif mode == "all":
        x = _greatest(x, geometry)
    else:
        x = -_greatest(-x, geometry)
    if offset:
        side = 2 * abs(offset) + 1
        x = F.max_pool2d(x, side, 1, offset) if offset > 0 else -F.max_pool2d(-x, side, 1, -offset)
    return x[:, 0]


def propagate_or_soft(guide: Tensor, geometry: Geometry, mode: str, offset: int) -> tuple[Tensor, bool]:
    """As `propagate_guide`, but with "soft" if `mode` and `offset` leave nothing of a `guide` (1, H, W) that is not empty.

    The second value says whether "soft" was used instead.

    >>> import torch
    >>> from portrait_nst.encoders.geometry import Geometry
    >>> propagate_or_soft(torch.tensor([[[1.0, 0.0], [0.0, 0.0]]]), Geometry().then(2, 2), "inside", 0)
    (tensor([[[0.2500]]]), True)
    """
    found = propagate_guide(guide, geometry, mode, offset)
    if (mode == "soft" and offset >= 0) or found.sum() > 0 or guide.sum() == 0:
        return found, False
    return propagate_guide(guide, geometry, "soft"), True


def presence(guide: Tensor) -> float:
    """How much a region counts, given the size of its `guide` (..., h, w), since few cells give no reliable statistics.

    It is 1 from 16 cells on, and falls to 0 below.

    >>> import torch
    >>> presence(torch.ones(1, 4, 2)), presence(torch.ones(1, 5, 5))
    (0.5, 1.0)
    """
    return min(1.0, float(guide.sum()) / FEW_CELLS)


def _averaged(x: Tensor, geometry: Geometry) -> Tensor:
    """The mean over the pixels that strided windows cover, found window by window."""
    for window in geometry.windows:
        if window.stride > 1:
            x = F.avg_pool2d(x, window.kernel, window.stride, window.padding, count_include_pad=False)
            continue
        if window.kernel % 2 == 0:  # the cell lies between two pixels
            x = F.avg_pool2d(x, 2, 1)
        trim = (window.kernel - 1) // 2 - window.padding  # cells that an unpadded kernel removes at each side
        if trim:  # else all of a large mask would be copied
            x = F.pad(x, (-trim,) * 4) if trim > 0 else F.pad(x, (-trim,) * 4, mode="replicate")
    return x


def _greatest(x: Tensor, geometry: Geometry) -> Tensor:
    """The greatest value in each cell's receptive field, found window by window."""
    for window in geometry.windows:
        x = F.pad(x, (window.padding,) * 4, value=float("-inf"))
        x = F.max_pool2d(x, window.kernel, window.stride)
    return x
