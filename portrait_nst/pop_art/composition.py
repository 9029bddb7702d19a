"""A composed portrait as a value: the partition and its colourings, which the renderers draw."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from portrait_nst.pop_art.colour.colouring import Colouring
from portrait_nst.pop_art.partition.segments import Partition
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.types import FloatArray, UInt8Array


@dataclass(frozen=True, eq=False)
class Composition:
    """The segments of a portrait and their colours.

    partition:  the segments, in frame pixels.
    colourings: one, or columns x rows of them, row by row.
    photo:      (h, w, 3) uint8 sRGB, the photo's part inside the frame, for a kept background.
    matte:      (h, w) float32 in [0, 1], the person in that part.
    """

    partition: Partition
    colourings: tuple[Colouring, ...]
    settings: PopartSettings
    photo: UInt8Array
    matte: FloatArray

    @property
    def columns(self) -> int:
        """How many colourings stand side by side."""
        return self.settings.grid[0] if self.settings.mode == "grid" else 1

    @property
    def rows(self) -> int:
        """How many colourings stand one below the other."""
        return self.settings.grid[1] if self.settings.mode == "grid" else 1

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels of the picture: the photo's own, or for a bust at least 1600 px high or wide."""
        height, width = self.photo.shape[:2]
        if self.settings.mode == "grid" or self.partition.frame.is_crop:
            grow = max(1.0, 1600 / max(self.columns * width, self.rows * height))
            return self.columns * round(width * grow), self.rows * round(height * grow)
        return width, height

    @property
    def keeps_the_photo(self) -> bool:
        """Whether the background is the photo itself, in its place."""
        return self.settings.background == "keep" and self.settings.mode != "grid" and not self.partition.frame.is_crop

    def first(self) -> Composition:
        """The first colouring alone."""
        settings = dataclasses.replace(self.settings, grid=(1, 1))
        return Composition(self.partition, self.colourings[:1], settings, self.photo, self.matte)
