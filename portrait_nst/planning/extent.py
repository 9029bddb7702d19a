"""Which part of a photo is painted, and how large a canvas that makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portrait_nst.types import FloatArray

Size = tuple[int, int]

MARGIN = 24  # pixels of the canvas around the painted region
BEYOND = 16  # greatest number of mirrored pixels by which a canvas extends beyond the photo's border


@dataclass(frozen=True)
class Extent:
    """The box around the painted region, as fractions of the photo's height and width, each in [0, 1]."""

    top: float = 0.0
    left: float = 0.0
    bottom: float = 1.0
    right: float = 1.0

    @classmethod
    def of(cls, mask: FloatArray) -> Extent:
        """The box around the non-zero part of `mask` (H, W); the whole photo if the mask is empty."""
        import numpy as np

        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        if not len(rows):
            return WHOLE_PHOTO
        height, width = mask.shape
        first, last = int(rows[0]), int(rows[-1]) + 1
        return cls(first / height, int(columns[0]) / width, last / height, (int(columns[-1]) + 1) / width)

    @property
    def share(self) -> float:
        """The share of the photo's pixels that lie in the box."""
        return (self.bottom - self.top) * (self.right - self.left)

    def pixels(self, size: Size) -> float:
        """The number of pixels of the box in a photo of `size` (height, width)."""
        return self.share * size[0] * size[1]

    def canvas(self, size: Size) -> Size:
        """The (height, width) of the canvas in a photo of `size`: the box and its margins; within 4 pixels of the engine's.

        The engine cuts the canvas out of a resized mask, whose edge may lie some pixels further out; see
        `portrait_nst.transfer.rect.rect_around`.
        """
        return _side(self.top, self.bottom, size[0]), _side(self.left, self.right, size[1])


WHOLE_PHOTO = Extent()


def _side(first: float, last: float, length: int) -> int:
    """The pixels of the canvas along an axis of `length` pixels, from the fractions `first` to `last`."""
    beyond = min(BEYOND, length - 1)
    return round(min(length + beyond, last * length + MARGIN) - max(-beyond, first * length - MARGIN))
