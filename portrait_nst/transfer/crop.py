"""The part of a large photo that the engine holds in memory: the painted part and a margin."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from portrait_nst.planning.extent import MARGIN, Size
from portrait_nst.transfer import colour
from portrait_nst.types import FloatArray, UInt8Array


class Crop:
    """A rectangle of the photo, and its sizes (h, w) at each scale; nothing outside of it is painted."""

    def __init__(self, photo: Size, sizes: Sequence[Size], regions: Sequence[FloatArray], *, whole: bool) -> None:
        """Crop a photo to its painted part.

        photo:   (height, width) of the whole photo.
        sizes:   (height, width) of the whole photo at each scale, coarse to fine.
        regions: (H, W) each; together they are the painted part.
        whole:   whether the crop is to be the whole photo.
        """
        self.photo, self.frames = photo, list(sizes)
        self.rows, self.columns = (0, photo[0]), (0, photo[1])
        if not whole:
            beyond = [-(-(MARGIN + 1) * side // size) for side, size in zip(photo, sizes[0])]  # the coarsest margin
            painted = [region > 0 for region in regions]
            self.rows = _span(np.any([mask.any(1) for mask in painted], 0), beyond[0])
            self.columns = _span(np.any([mask.any(0) for mask in painted], 0), beyond[1])
        height, width = self.rows[1] - self.rows[0], self.columns[1] - self.columns[0]
        self.sizes = [(max(1, round(height * h / photo[0])), max(1, round(width * w / photo[1]))) for h, w in sizes]

    @property
    def all(self) -> bool:
        """Whether the crop is the whole photo."""
        return self.rows == (0, self.photo[0]) and self.columns == (0, self.photo[1])

    def cut(self, array: FloatArray | UInt8Array) -> FloatArray:
        """The crop's part of `array` (h, w[, c]), which shows the whole photo at any size, at the finest scale, as float32.

        An array that has that size already is not copied.
        """
        down, across = array.shape[0] / self.photo[0], array.shape[1] / self.photo[1]
        rows = slice(round(self.rows[0] * down), max(1, round(self.rows[1] * down)))
        columns = slice(round(self.columns[0] * across), max(1, round(self.columns[1] * across)))
        part = array[rows, columns]
        if part.shape == self.sizes[-1] and part.dtype == np.float32:
            return np.ascontiguousarray(part, np.float32)
        return colour.resize(part, self.sizes[-1])

    def origin(self, size: Size) -> Size:
        """The row and column of the crop's corner in the whole frame, at the scale where the crop is of `size`."""
        frame = self.frames[self.sizes.index(size)]
        return round(self.rows[0] * frame[0] / self.photo[0]), round(self.columns[0] * frame[1] / self.photo[1])

    def paste(self, part: NDArray[np.generic], base: UInt8Array) -> NDArray[np.generic]:
        """The whole photo `base` (H, W, 3) at a scale, with `part` (h, w, 3; uint8 or float32 in [0, 1]) laid over the crop."""
        if self.all:
            return part
        import cv2

        size = (part.shape[0], part.shape[1])
        frame = self.frames[self.sizes.index(size)]
        whole: NDArray[np.generic] = base
        if base.shape[:2] != frame:
            whole = np.asarray(cv2.resize(base, (frame[1], frame[0]), interpolation=cv2.INTER_AREA))
        whole = whole.copy() if part.dtype == np.uint8 else whole.astype(np.float32) / np.float32(255)
        top, left = self.origin(size)
        top, left = min(top, frame[0] - size[0]), min(left, frame[1] - size[1])
        whole[top : top + size[0], left : left + size[1]] = part
        return whole


def _span(painted: NDArray[np.bool_], margin: int) -> tuple[int, int]:
    where = np.flatnonzero(painted)
    return max(0, int(where[0]) - margin), min(len(painted), int(where[-1]) + 1 + margin)
