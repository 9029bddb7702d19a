"""Masks carried down the network (Gatys et al., "Controlling Perceptual Factors ...", CVPR 2017, section 4).

A mask at the picture's resolution becomes one weight T(p) in [0, 1] per cell p of a feature map:

``soft``    the mask averaged over exactly the pixels that each window with a stride gathers (a pooling's square, the whole
            kernel of a convolution with a stride); windows without one leave it in place. The regions of a
            partition of unity stay one.
``inside``  the least mask value in the cell's receptive field: 1 only where the whole field lies in the region.
``all``     the greatest mask value in the field: above 0 wherever the field touches the region.

Opposed to the paper, whose code erodes with a fixed number of pixels per layer, the mask goes through the encoder's own
windows, also for odd sizes and for paddings; what of a field lies outside the picture, or is left out by a
stride that does not come out even, neither excludes nor includes a cell.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from portrait_nst.encoders.geometry import Geometry

MODES = ("soft", "inside", "all")
FEW_CELLS = 16.0


def propagate(mask: Tensor, geometry: Geometry, mode: str = "soft", offset: int = 0) -> Tensor:
    """Carry `mask` (H, W; float in [0, 1]) to a layer of this `geometry`.

    `offset` k grows (k > 0) or shrinks (k < 0) the result by k cells. Returns (h, w), h and w being exactly
    those of the layer's feature map.
    """
    if mode not in MODES:
        raise ValueError(f"the guidance mode must be one of {', '.join(MODES)}, not {mode!r}")
    x = mask[None, None].float()
    if mode == "soft":
        x = _averaged(x, geometry)
    elif mode == "all":
        x = _greatest(x, geometry)
    else:
        x = -_greatest(-x, geometry)
    if offset:
        side = 2 * abs(offset) + 1
        x = F.max_pool2d(x, side, 1, offset) if offset > 0 else -F.max_pool2d(-x, side, 1, -offset)
    return x[0, 0]


def propagate_or_soft(mask: Tensor, geometry: Geometry, mode: str, offset: int) -> tuple[Tensor, bool]:
    """As `propagate`; where the mode leaves nothing of a region that is there, `soft` takes over (second value True)."""
    guide = propagate(mask, geometry, mode, offset)
    if (mode == "soft" and offset >= 0) or guide.sum() > 0 or mask.sum() == 0:
        return guide, False
    return propagate(mask, geometry, "soft"), True


def presence(guide: Tensor) -> float:
    """How much a region counts by its size: 1 from 16 cells on, fading to 0 below (too few cells carry no statistics)."""
    return min(1.0, float(guide.sum()) / FEW_CELLS)


def _averaged(x: Tensor, geometry: Geometry) -> Tensor:
    for window in geometry.windows:
        if window.stride > 1:
            x = F.avg_pool2d(x, window.kernel, window.stride, window.padding, count_include_pad=False)
            continue
        if window.kernel % 2 == 0:  # the cell lies between two
            x = F.avg_pool2d(x, 2, 1)
        trim = (window.kernel - 1) // 2 - window.padding  # what an unpadded kernel loses at each side
        x = F.pad(x, (-trim,) * 4) if trim >= 0 else F.pad(x, (-trim,) * 4, mode="replicate")
    return x


def _greatest(x: Tensor, geometry: Geometry) -> Tensor:
    """Greatest value in each cell's receptive field, found window by window."""
    for window in geometry.windows:
        x = F.pad(x, (window.padding,) * 4, value=float("-inf"))
        x = F.max_pool2d(x, window.kernel, window.stride)
    return x
