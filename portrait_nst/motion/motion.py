"""The motion from one frame to the next."""

from __future__ import annotations

from dataclasses import dataclass

from portrait_nst.types import FloatArray


@dataclass(frozen=True, eq=False)
class Motion:
    """Where each pixel of a frame was in the frame before.

    back:  (H, W, 2) float32: the pixel at column x and row y was at (x + back[y, x, 0], y + back[y, x, 1]) in the frame before.
    trust: (H, W) float32 in [0, 1]: 1 where forward and backward flow agree, 0 where something came into view.
    """

    back: FloatArray
    trust: FloatArray

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""
        return self.back.shape[0], self.back.shape[1]
