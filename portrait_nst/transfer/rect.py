"""Rectangles of a frame, and the rectangle that is computed.

The *frame* is the whole photo at the size of a scale. Only the *canvas* is computed: a box around the region, with a margin for
the receptive fields. Where the region touches the photo's border, the box extends beyond the border and is filled by reflection.
Otherwise the zero padding inside the encoder would be painted as if it were part of the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from portrait_nst.planning.extent import BEYOND, MARGIN

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Rect:
    """The rows top to bottom - 1 and the columns left to right - 1 of a frame; it may reach beyond the frame."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def shape(self) -> tuple[int, int]:
        """Its (height, width)."""
        return self.bottom - self.top, self.right - self.left

    @property
    def slices(self) -> tuple[slice, slice]:
        """Its rows and columns."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def moved(self, rows: int, columns: int) -> Rect:
        """The rectangle moved down by `rows` and to the right by `columns`."""
        return Rect(self.top + rows, self.left + columns, self.bottom + rows, self.right + columns)

    def part(self, tensor: Tensor) -> Tensor:
        """The part of a `tensor` (..., h, w) that the rectangle covers, not copied; the rectangle must not extend beyond it."""
        rows, columns = self.slices
        return tensor[..., rows, columns]

    def cut(self, array: NDArray[np.float32], *, outside: str = "reflect") -> NDArray[np.float32]:
        """The box's part of `array` (h, w[, c]); what lies beyond it is its reflection, or 0 with outside="zero"."""
        edges = [(self.top, self.bottom), (self.left, self.right)]
        near = []  # the box and the part that is mirrored into it: padding the whole array would double its memory
        pads = [(0, 0)] * array.ndim
        for axis, ((begin, end), length) in enumerate(zip(edges, array.shape)):
            near.append(slice(max(0, min(begin, 2 * length - end)), min(length, max(end, -begin))))
            pads[axis] = (max(0, -begin), max(0, end - length))
        part = array[tuple(near)]
        if any(map(any, pads)):
            part = np.pad(part, pads, mode="constant" if outside == "zero" else "symmetric")
        top, left = (max(0, begin) - side.start for (begin, _), side in zip(edges, near))
        return part[top : top + self.shape[0], left : left + self.shape[1]].copy()

    def paste(self, part: NDArray[np.float32], frame: NDArray[np.float32]) -> None:
        """Write the box's `part` into `frame`, without the part that lies beyond the frame."""
        height, width = frame.shape[:2]
        top, left, bottom, right = max(0, self.top), max(0, self.left), min(height, self.bottom), min(width, self.right)
        frame[top:bottom, left:right] = part[top - self.top : bottom - self.top, left - self.left : right - self.left]


def rect_around(mask: NDArray[np.float32], *, margin: int = MARGIN, beyond: int = BEYOND, grid: int = 1) -> Rect:
    """The box around the non-zero part of `mask` (h, w) with a `margin`, which extends at most `beyond` pixels outside the frame.

    It begins at multiples of `grid` pixels: with 4, an encoder that halves twice has the same cells as on the whole frame.
    """
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    height, width = mask.shape
    beyond = min(beyond, height - 1, width - 1)
    top, left = (max(-(beyond // grid), (int(first) - margin) // grid) * grid for first in (rows[0], columns[0]))
    return Rect(
        top, left, min(height + beyond, int(rows[-1]) + 1 + margin), min(width + beyond, int(columns[-1]) + 1 + margin)
    )


def union(masks: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """The union of the `masks` (h, w): their sum, clipped to [0, 1]."""
    return masks[0] if len(masks) == 1 else np.clip(sum(masks[1:], masks[0]), 0, 1)
