"""3x3 convolutions of a picture of twice the size, as 3x3 convolutions at the size before: exact algebra, no approximation.

A picture of twice the size is kept as its four phases: the pixels of even and odd rows and columns, as channels (row, column,
channel). So a convolution after an enlargement needs no enlarged map, as in ESPCN (Shi et al. 2016), where such weights are
learned; here they follow from those of the decoder. Bilinear enlargement and convolution become one, of as many
multiplications, and narrow layers fill the processor's matrix units. Next to the edge, where the enlarged map was
continued by its last pixel and then by zeros, there are zeros alone.
"""

from __future__ import annotations

import torch
from torch import Tensor

# The pixel at the phase p, moved by a tap k - 1, of an enlarged line is a mean of the cells -1, 0 and 1: [p][k][cell].
_NEAR = torch.tensor(
    [
        [[0.75, 0.25, 0.0], [0.25, 0.75, 0.0], [0.0, 0.75, 0.25]],
        [[0.25, 0.75, 0.0], [0.0, 0.75, 0.25], [0.0, 0.25, 0.75]],
    ],
    dtype=torch.float64,
)
# The same pixel of a line kept as phases is the phase r of one cell: [p][k][cell][r].
_AT = torch.tensor(
    [
        [[[0, 1], [0, 0], [0, 0]], [[0, 0], [1, 0], [0, 0]], [[0, 0], [0, 1], [0, 0]]],
        [[[0, 0], [1, 0], [0, 0]], [[0, 0], [0, 1], [0, 0]], [[0, 0], [0, 0], [1, 0]]],
    ],
    dtype=torch.float64,
)


def enlarging(weight: Tensor) -> Tensor:
    """Weights (4 O, I, 3, 3) that give the phases of: enlarged twice bilinearly, then convolved by `weight` (O, I, 3, 3)."""
    found = torch.einsum("pka,qlb,oikl->pqoiab", _NEAR, _NEAR, weight.double())
    return found.reshape(4 * weight.shape[0], *weight.shape[1:])


def of_phases(weight: Tensor) -> Tensor:
    """Weights (4 O, 4 I, 3, 3) that give the phases of: convolved by `weight` (O, I, 3, 3); from the phases of what it sees."""
    found = torch.einsum("pkar,qlbs,oikl->pqorsiab", _AT, _AT, weight.double())
    return found.reshape(4 * weight.shape[0], 4 * weight.shape[1], *weight.shape[2:])


def joined(phases: Tensor) -> Tensor:
    """The map (N, C, 2 h, 2 w) of which these are the phases (N, 4 C, h, w); channels last in memory, as they should be."""
    count, channels, height, width = phases.shape
    rows = phases.permute(0, 2, 3, 1).reshape(count, height, width, 2, channels // 2).transpose(2, 3)
    return rows.reshape(count, 2 * height, 2 * width, channels // 4).permute(0, 3, 1, 2)
