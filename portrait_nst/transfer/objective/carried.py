"""The temporal term: what a painting should agree with, because it was painted so in the frame before.

Ruder et al., "Artistic Style Transfer for Videos", 2016, equation 7, with the painting before carried along the flow as w and the
occlusion mask c: the sum over pixels of c |x - w|^2. Opposed to the paper, the sum is divided by the painted area instead of by
the number of all values, so that a weight means the same for a small canvas as for a large one.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from portrait_nst.transfer.rect import Rect


@dataclass(frozen=True, eq=False)
class Carried:
    """The painting of the frame before on the canvas of this one.

    picture: (1, 3, H, W) RGB in [0, 1], carried along the flow.
    trust:   (H, W) in [0, 1]: how far it holds; 0 where something came into view.
    weight:  of the term, relative to the others.
    area:    the painted pixels of the whole canvas, by whose number the sum is divided.
    """

    picture: Tensor
    trust: Tensor
    weight: float
    area: float

    def part(self, grid: Rect) -> Carried:
        """What `grid` covers of it; the sum is divided by the same area."""
        return Carried(grid.part(self.picture), grid.part(self.trust), self.weight, self.area)

    def __call__(self, image: Tensor) -> Tensor:
        """The term of `image` (1, 3, H, W), a scalar with graph."""
        squares = (image - self.picture).square().sum(1)[0]
        return torch.as_tensor(self.weight / max(self.area, 1e-6) * (self.trust * squares).sum())
