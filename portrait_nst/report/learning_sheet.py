"""A sheet that shows what a network has learned so far: the painting, and photos that it paints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from portrait_nst import imaging, pipeline, resources
from portrait_nst.report.outputs import check_file
from portrait_nst.report.sheet import KINDS, Tile, contact_sheet
from portrait_nst.types import UInt8Array

if TYPE_CHECKING:
    from portrait_nst.instant import Network

LONGEST = 512  # pixels of the pictures on the sheet; larger ones take longer and show no more


class LearningSheet:
    """The sheet in the file `path`, written anew whenever `write` is called."""

    def __init__(
        self,
        path: str | Path,
        photos: Sequence[pipeline.Picture] = (),
        *,
        overwrite: bool = False,
        inputs: Sequence[str | Path] = (),
    ) -> None:
        """photos: what is painted; by default the two portraits of the package.

        inputs: files that must not be overwritten. Raises InputError for a path or a photo that cannot be used.
        """
        files = [photo for photo in photos if isinstance(photo, (str, Path))]
        self.path = check_file(path, KINDS, "The preview", overwrite=overwrite, inputs=[*inputs, *files])
        self._photos = [_small(pipeline.load(photo, "photo").rgb) for photo in photos]

    def write(self, painting: UInt8Array, network: Network, caption: str) -> None:
        """Write the sheet: the `painting` (H, W, 3), and each photo as `network` paints it, under a `caption`."""
        self._photos = self._photos or _own()
        tiles = [Tile(_small(painting), "painting"), *(Tile(paint(network, photo), caption) for photo in self._photos)]
        contact_sheet(tiles, self.path, columns=len(tiles), overwrite=True)


def paint(network: Network, photo: UInt8Array) -> UInt8Array:
    """`photo` (H, W, 3) painted all over by `network`."""
    import torch

    from portrait_nst import encoders
    from portrait_nst.instant import Painter
    from portrait_nst.instant.painter import grain

    painter = Painter(encoders.get("embedded"), network)
    picture = torch.from_numpy(imaging.to_float(photo)).permute(2, 0, 1)[None]
    picture = picture + grain(photo.shape[:2], network.grain)
    painted = painter.paint(picture, painter.maps(painter.statistics(picture)))
    return np.round(painted[0].permute(1, 2, 0).numpy() * 255).astype(np.uint8)


def _small(rgb: UInt8Array) -> UInt8Array:
    return imaging.resize(rgb, imaging.size_within(rgb.shape[:2], LONGEST))


def _own() -> list[UInt8Array]:
    """The portraits that come with the package, to learn on."""
    files = sorted((resources.models_folder() / "instant").glob("portrait*.jpg"))
    return [_small(imaging.load(file).rgb) for file in files]
