"""The receptive field of each cell of a feature map.

A layer is reached through a chain of sliding windows (kernel, stride, padding). Along one axis, cell i of the
layer sees the pixels ``start + i * jump`` to ``start + i * jump + field - 1`` (its receptive field), the ones
outside the picture being padding. The arithmetic is that of Araujo, Norris & Sim, "Computing Receptive
Fields of Convolutional Neural Networks", Distill 2019.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from math import prod
from operator import mul

from portrait_nst.encoders.vgg_layout import Widths, layer_names


@dataclass(frozen=True)
class SlidingWindow:
    """A convolution or pooling: kernel side, stride and padding, the same along both axes."""

    kernel: int
    stride: int = 1
    padding: int = 0


@dataclass(frozen=True)
class Geometry:
    """The chain of sliding windows from the picture to one layer."""

    windows: tuple[SlidingWindow, ...] = ()

    def then(self, kernel: int, stride: int = 1, padding: int = 0) -> Geometry:
        """The geometry of a layer that slides one more window over this one."""
        return Geometry((*self.windows, SlidingWindow(kernel, stride, padding)))

    @property
    def jump(self) -> int:
        """Pixels between neighbouring cells."""
        return prod(window.stride for window in self.windows)

    @property
    def field(self) -> int:
        """The side of the receptive field in pixels."""
        return 1 + sum((window.kernel - 1) * jump for window, jump in self._with_jumps())

    @property
    def start(self) -> int:
        """The first pixel of cell 0's receptive field; negative where it reaches into the padding."""
        return -sum(window.padding * jump for window, jump in self._with_jumps())

    def _with_jumps(self) -> Iterator[tuple[SlidingWindow, int]]:
        """The windows, each with the number of pixels between neighbouring cells of the map that it slides over."""
        return zip(self.windows, accumulate((window.stride for window in self.windows), mul, initial=1))

    def cells(self, pixels: int) -> int:
        """The number of cells along an axis of `pixels` pixels; 0 or less where the picture is too small."""
        for window in self.windows:
            pixels = (pixels + 2 * window.padding - window.kernel) // window.stride + 1
        return pixels


def vgg_geometry(layer: str, widths: Widths) -> Geometry:
    """The geometry of `layer` ("relu3_1" or "conv3_1") in a VGG of these block `widths`. Raises ValueError for another layer."""
    names = layer_names(widths)
    geometry = Geometry()
    for name in names[: names.index(layer) + 1]:
        if name.startswith("conv"):
            geometry = geometry.then(3, 1, 1)
        elif name.startswith("pool"):
            geometry = geometry.then(2, 2)
    return geometry
