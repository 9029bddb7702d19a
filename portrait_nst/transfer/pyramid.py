"""The picture as Laplacian-pyramid coefficients: what the optimiser turns instead of pixels.

One coefficient of level k moves a smooth patch of about 2^k pixels, so that broad strokes take one step, not many, and
the dots that a pooling cannot see have no gradient of their own to grow from. Burt & Adelson 1983 by way of STROTSS
(Kolkin et al. 2019). Opposed to STROTSS, levels are scaled so that L-BFGS meets comparable curvatures.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


class Pyramid:
    """The linear map between a picture (1, 3, H, W) and one flat vector of coefficients."""

    def __init__(self, height: int, width: int, levels: int, gain: float = 1.0) -> None:
        sizes = [(height, width)]
        while len(sizes) < levels and min(sizes[-1]) >= 8:
            sizes.append(((sizes[-1][0] + 1) // 2, (sizes[-1][1] + 1) // 2))
        self.sizes = sizes
        self.gains = [gain**level for level in range(len(sizes))]
        self.lengths = [3 * h * w for h, w in sizes]

    def analyse(self, image: Tensor) -> Tensor:
        """Coefficients (n,) float32 of `image` (1, 3, H, W); `synthesise` gives the picture back."""
        bands = []
        current = image.float()
        for level in range(len(self.sizes) - 1):
            smaller = F.interpolate(current, self.sizes[level + 1], mode="bilinear", antialias=True)
            bands.append(current - F.interpolate(smaller, self.sizes[level], mode="bilinear", align_corners=False))
            current = smaller
        bands.append(current)
        return torch.cat([(band / gain).flatten() for band, gain in zip(bands, self.gains)])

    def synthesise(self, coefficients: Tensor) -> Tensor:
        """The picture (1, 3, H, W) of `coefficients` (n,)."""
        bands = coefficients.split(self.lengths)
        image = None
        for size, band, gain in reversed(list(zip(self.sizes, bands, self.gains))):
            here = band.view(1, 3, *size) * gain
            image = here if image is None else here + F.interpolate(image, size, mode="bilinear", align_corners=False)
        assert image is not None
        return image
