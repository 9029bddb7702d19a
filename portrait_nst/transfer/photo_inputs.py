"""The engine's copy of the photo: the part around the painting, at the finest size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portrait_nst.planning.extent import Size
from portrait_nst.transfer.config import EngineConfig, StyleSource
from portrait_nst.transfer.crop import Crop
from portrait_nst.transfer.initialization import content_of, halved, in_bytes, sized
from portrait_nst.transfer.rect import Rect, rect_around, union
from portrait_nst.types import FloatArray, UInt8Array


class PhotoInputs:
    """The photo as content, its regions and its faces, all cut to one crop.

    crop:          the part of the photo that is kept in memory; the whole photo unless it is painted at a large size.
    content:       (h, w, 3) float32, the picture whose content is preserved; float16 if it is large.
    regions:       (h, w) float32 each, the region of each style.
    faces:         (h, w) float32, where the faces are that faces of a style may match, or None.
    initial_image: (h, w, 3) float32, the picture that the coarsest scale begins from; None for the one of the configuration.
    """

    def __init__(
        self,
        photo: FloatArray | UInt8Array,
        styles: Sequence[StyleSource],
        config: EngineConfig,
        faces: FloatArray | None,
        initial_image: FloatArray | None,
    ) -> None:
        """Cut the crop out of `photo`, (H, W, 3) uint8 or float32 in [0, 1]; `StyleOptimizer` describes the other arguments."""
        self.config = config
        size, large = (photo.shape[0], photo.shape[1]), config.tiling.needed_for(config.sizes[-1])
        self.crop = crop = Crop(size, config.sizes, [style.region for style in styles], whole=not large)
        self._base = None if crop.all else in_bytes(photo)
        self.regions = [crop.cut(style.region) for style in styles]
        self.faces = None if faces is None else crop.cut(faces)
        visible = crop.cut(photo)
        if photo.dtype == np.uint8:
            visible /= np.float32(255)
        self.content: NDArray[Any]
        self.content, recoloured = content_of(visible, styles, self.regions, config)
        self.initial_image = recoloured if config.init == "statistics" else None
        if initial_image is not None:
            self.initial_image = crop.cut(initial_image)
        if large:
            self.content = halved(self.content)

    @property
    def sizes(self) -> list[Size]:
        """The (height, width) of the crop at each scale, coarse to fine."""
        return self.crop.sizes

    def at(self, size: Size) -> tuple[FloatArray, list[FloatArray], Rect]:
        """The content and the regions at one of the `sizes`, and the box of the canvas there."""
        masks = [sized(region, size) for region in self.regions]
        return sized(self.content, size), masks, self._box(union(masks))

    def canvas_sizes(self) -> list[Size]:
        """The (height, width) of the canvas at each scale, coarse to fine."""
        region = union(self.regions)
        return [self._box(sized(region, size)).shape for size in self.sizes]

    def in_photo(self, part: NDArray[Any]) -> NDArray[Any]:
        """The crop's `part` (h, w, 3) in the whole photo at that scale."""
        return part if self._base is None else self.crop.paste(part, self._base)

    def _box(self, region: FloatArray) -> Rect:
        return rect_around(region, beyond=self.config.beyond, grid=self.config.grid)
