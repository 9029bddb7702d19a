"""The receptive field of each cell of a feature map.

A layer is reached through a chain of sliding windows (kernel, stride, padding). Along one axis, cell i of the
layer sees the pixels ``start + i * jump`` to ``start + i * jump + field - 1`` (its receptive field), the ones
outside the picture being padding. Arithmetic as in Araujo, Norris & Sim, "Computing Receptive
Fields of Convolutional Neural Networks", Distill 2019.
"""

from __future__ import annotations

from dataclasses import dataclass

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
        jump = 1
        for window in self.windows:
            jump *= window.stride
        return jump

    @property
    def field(self) -> int:
        """Side of the receptive field, in pixels."""
        field, jump = 1, 1
        for window in self.windows:
            field += (window.kernel - 1) * jump
            jump *= window.stride
        return field

    @property
    def start(self) -> int:
        """First pixel of cell 0's receptive field; negative where it reaches into the padding."""
        start, jump = 0, 1
        for window in self.windows:
            start -= window.padding * jump
            jump *= window.stride
        return start

    def cells(self, pixels: int) -> int:
        """The number of cells along an axis of `pixels` pixels; 0 or less where the picture is too small."""
        for window in self.windows:
            pixels = (pixels + 2 * window.padding - window.kernel) // window.stride + 1
        return pixels


def vgg_geometry(layer: str, widths: Widths) -> Geometry:
    """Geometry of `layer` ("relu3_1" or "conv3_1") in a VGG of these block `widths`. Raises ValueError for another layer."""
    names = layer_names(widths)
    geometry = Geometry()
    for name in names[: names.index(layer) + 1]:
        if name.startswith("conv"):
            geometry = geometry.then(3, 1, 1)
        elif name.startswith("pool"):
            geometry = geometry.then(2, 2)
    return geometry
