"""The picture as coefficients of a Laplacian pyramid, which the optimiser changes instead of pixels.

One coefficient of level k moves a smooth patch of about 2^k pixels. So broad strokes take one step instead of many, and the dots
that a pooling cannot see have no gradient of their own from which they could grow. The pyramid is that of Burt & Adelson 1983, as
in STROTSS (Kolkin et al. 2019). Opposed to STROTSS, the coefficients of a level are scaled by 0.4 of those of the level below: a
coarse coefficient moves four times as many pixels, and so L-BFGS meets comparable curvatures at all levels. Among 0.25 to 0.75,
tried at 512 px from a coarser painting, 0.25 to 0.4 gave the lowest values in the same steps; from noise, 0.5 is a little better.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as F


class Parametrization(Protocol):
    """A linear map between a picture and one flat vector, through which an optimiser changes it."""

    def analyse(self, image: Tensor) -> Tensor:
        """Coefficients (n,) float32 of `image` (1, 3, H, W)."""
        ...

    def synthesise(self, coefficients: Tensor) -> Tensor:
        """The picture (1, 3, H, W) of `coefficients` (n,)."""
        ...


class Pyramid:
    """The linear map between a picture (1, 3, H, W) and one flat vector of coefficients, in which white is `value_range`."""

    def __init__(self, height: int, width: int, levels: int, gain: float = 0.4, value_range: float = 1.0) -> None:
        sizes = [(height, width)]
        while len(sizes) < levels and min(sizes[-1]) >= 8:
            sizes.append(((sizes[-1][0] + 1) // 2, (sizes[-1][1] + 1) // 2))
        self.sizes = sizes
        self.gains = [gain**level / value_range for level in range(len(sizes))]
        self.lengths = [3 * h * w for h, w in sizes]

    def analyse(self, image: Tensor) -> Tensor:
        """Coefficients (n,) float32 of `image` (1, 3, H, W); `synthesise` gives the picture back."""
        bands = []
        current = image.float()
        for level in range(len(self.sizes) - 1):
            smaller = F.interpolate(current, self.sizes[level + 1], mode="bilinear", antialias=True)
            bands.append(current - _enlarged(smaller, self.sizes[level]))
            current = smaller
        bands.append(current)
        return torch.cat([(band / gain).flatten() for band, gain in zip(bands, self.gains)])

    def synthesise(self, coefficients: Tensor) -> Tensor:
        """The picture (1, 3, H, W) of `coefficients` (n,)."""
        bands = torch.split(coefficients, self.lengths)
        image: Tensor | None = None
        for size, band, gain in reversed(list(zip(self.sizes, bands, self.gains))):
            here: Tensor = band.view(1, 3, *size) * gain
            image = here if image is None else here + _enlarged(image, size)
        assert image is not None
        return image


class Pixels:
    """Plain pixels with the same interface: one coefficient for each channel of a pixel; white is `value_range`."""

    def __init__(self, height: int, width: int, value_range: float = 1.0) -> None:
        self.shape, self.value_range = (1, 3, height, width), value_range

    def analyse(self, image: Tensor) -> Tensor:
        """Coefficients (n,) float32 of `image` (1, 3, H, W)."""
        return (image.float() * self.value_range).flatten()

    def synthesise(self, coefficients: Tensor) -> Tensor:
        """The picture (1, 3, H, W) of `coefficients` (n,)."""
        return coefficients.view(self.shape) / self.value_range


def parametrization(size: tuple[int, int], canvas: str, levels: int, value_range: float) -> Parametrization:
    """The parametrization of a `canvas`, "pyramid" or "pixels", of `size` (h, w)."""
    return Pyramid(*size, levels, value_range=value_range) if canvas == "pyramid" else Pixels(*size, value_range)


def _enlarged(image: Tensor, size: tuple[int, int]) -> Tensor:
    """`image` enlarged to `size` without a grid of its own.

    Linear interpolation has creases along its own rows and columns, which are visible as a weave in flat areas. One more binomial
    blur makes it a B-spline of degree three, which is nearly the same in all directions.
    """
    image = F.interpolate(image, size, mode="bilinear", align_corners=False)
    padded = F.pad(image, (1, 1, 1, 1), mode="replicate")
    rows = (padded[:, :, :-2] + 2 * padded[:, :, 1:-1] + padded[:, :, 2:]) / 4
    return (rows[..., :-2] + 2 * rows[..., 1:-1] + rows[..., 2:]) / 4
