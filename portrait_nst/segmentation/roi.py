"""Regions of interest: cut out of a photo, seen by a model, put back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portrait_nst.types import Face, FloatArray, UInt8Array


def shrink(rgb: UInt8Array, longest: int) -> tuple[UInt8Array, float]:
    """`rgb` (H, W, 3) with its longer side at most `longest`, and how many of its old pixels a new one spans."""
    import cv2

    height, width = rgb.shape[:2]
    scale = max(height, width) / longest  # `imaging.size_within` rounds a few sizes otherwise: faces would move
    if scale <= 1:
        return np.ascontiguousarray(rgb), 1.0
    size = (max(1, round(width / scale)), max(1, round(height / scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8), scale


@dataclass(frozen=True)
class Roi:
    """A region of interest: a rectangle in whole pixels of a photo, which may reach over the photo's border."""

    left: int
    top: int
    width: int
    height: int

    @classmethod
    def around(cls, x: float, y: float, width: float, height: float) -> Roi:
        """The region of this size with its centre at (x, y)."""
        w, h = max(1, round(width)), max(1, round(height))
        return cls(round(x - w / 2), round(y - h / 2), w, h)

    @classmethod
    def middle_of(cls, face: Face) -> Roi:
        """The middle of a face: six tenths of its box, along both axes."""
        left, top, width, height = face.box
        return cls.around(left + width / 2, top + height / 2, 0.6 * width, 0.6 * height)

    def clipped(self, shape: tuple[int, ...]) -> Roi:
        """The part inside of a photo of `shape` (H, W), at least one pixel a side."""
        x0, x1 = max(self.left, 0), min(self.left + self.width, shape[1])
        y0, y1 = max(self.top, 0), min(self.top + self.height, shape[0])
        return Roi(x0, y0, max(1, x1 - x0), max(1, y1 - y0))

    @property
    def slices(self) -> tuple[slice, slice]:
        """Its rows and columns in an array of the photo's size, as far as they are inside of it."""
        rows = slice(max(self.top, 0), max(self.top + self.height, 0))
        return rows, slice(max(self.left, 0), max(self.left + self.width, 0))

    def cut(self, rgb: UInt8Array, size: tuple[int, int]) -> UInt8Array:
        """The region of `rgb` (H, W, 3), resized to `size` = (h, w).

        Beyond the photo its outermost pixels are repeated: a body that leaves the frame goes on, and the
        models do not see an edge that is none. Raises ValueError where the region lies outside of the photo.
        """
        import cv2

        height, width = rgb.shape[:2]
        x0, x1 = (int(np.clip(v, 0, width)) for v in (self.left, self.left + self.width))
        y0, y1 = (int(np.clip(v, 0, height)) for v in (self.top, self.top + self.height))
        if x0 >= x1 or y0 >= y1:
            raise ValueError(f"{self} lies outside of a photo of {width} x {height} pixels")
        # Shrink first, repeat the border afterwards: padding at full size would copy the whole photo.
        sy, sx = size[0] / self.height, size[1] / self.width
        inner_w, inner_h = max(1, round((x1 - x0) * sx)), max(1, round((y1 - y0) * sy))
        inner = cv2.resize(
            np.ascontiguousarray(rgb[y0:y1, x0:x1]),
            (inner_w, inner_h),
            interpolation=cv2.INTER_AREA if sx * sy < 1 else cv2.INTER_LINEAR,
        )
        before_x = min(max(round((x0 - self.left) * sx), 0), size[1] - inner_w)
        before_y = min(max(round((y0 - self.top) * sy), 0), size[0] - inner_h)
        padded = cv2.copyMakeBorder(
            inner, before_y, size[0] - inner_h - before_y, before_x, size[1] - inner_w - before_x, cv2.BORDER_REPLICATE
        )
        return np.asarray(padded, np.uint8)

    def paste(self, seen: FloatArray, shape: tuple[int, ...]) -> tuple[FloatArray, tuple[slice, slice]]:
        """Bring `seen` (h, w) back to the photo's pixels.

        Returns the part inside of a photo of `shape` (H, W), and where it belongs there.
        """
        import cv2

        y0, y1 = max(self.top, 0), min(self.top + self.height, shape[0])
        x0, x1 = max(self.left, 0), min(self.left + self.width, shape[1])
        large = cv2.resize(seen, (self.width, self.height), interpolation=cv2.INTER_LINEAR)
        part = large[y0 - self.top : y1 - self.top, x0 - self.left : x1 - self.left]
        return np.ascontiguousarray(part), (slice(y0, y1), slice(x0, x1))
