"""Where in the picture each cell of a feature map looks.

A layer is reached through a chain of windows (kernel, stride, padding). Along one axis, cell i of the
layer sees the pixels ``start + i * jump`` to ``start + i * jump + field - 1`` (its receptive field), the ones
outside the picture being padding. Arithmetic as in Araujo, Norris & Sim, "Computing Receptive
Fields of Convolutional Neural Networks", Distill 2019.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """A convolution or pooling: kernel side, stride and padding, the same along both axes."""

    kernel: int
    stride: int = 1
    padding: int = 0


@dataclass(frozen=True)
class Geometry:
    """The chain of windows from the picture to one layer."""

    windows: tuple[Window, ...] = ()

    def then(self, kernel: int, stride: int = 1, padding: int = 0) -> Geometry:
        return Geometry((*self.windows, Window(kernel, stride, padding)))

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
        """Cells along an axis of `pixels` pixels."""
        for window in self.windows:
            pixels = (pixels + 2 * window.padding - window.kernel) // window.stride + 1
        return pixels


def vgg_geometry(layer: str, widths: tuple[tuple[int, ...], ...]) -> Geometry:
    """Geometry of `layer` ("relu3_1" or "conv3_1") in a VGG of these block `widths`."""
    block, index = (int(part) for part in layer[4:].split("_"))
    geometry = Geometry()
    for number, block_widths in enumerate(widths[:block], start=1):
        if number > 1:
            geometry = geometry.then(2, 2)
        for _ in range(index if number == block else len(block_widths)):
            geometry = geometry.then(3, 1, 1)
    return geometry
