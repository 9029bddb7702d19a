"""A sheet that shows what a network has learned so far: the painting, and photos that it paints."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from portrait_nst import imaging, pipeline, resources
from portrait_nst.faces import face_map
from portrait_nst.report.outputs import check_file
from portrait_nst.report.sheet import KINDS, Tile, contact_sheet
from portrait_nst.types import FloatArray, Photo, UInt8Array

if TYPE_CHECKING:
    from portrait_nst.encoders import Encoder
    from portrait_nst.instant import Network, Painter

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
        from portrait_nst.instant import Painter

        painter = Painter(self._encoder, network)
        painted = [_painted(painter, photo, faces) for photo, faces in self._looked_at]
        tiles = [Tile(_small(painting), "painting"), *(Tile(picture, caption) for picture in painted)]
        contact_sheet(tiles, self.path, columns=len(tiles), overwrite=True)

    @cached_property
    def _encoder(self) -> Encoder:
        from portrait_nst import encoders

        return encoders.get("embedded")

    @cached_property
    def _looked_at(self) -> list[tuple[UInt8Array, FloatArray]]:
        """The photos with the maps of their faces, (H, W) from 0."""
        from portrait_nst import segmentation

        photos = self._photos or _own()
        return [(rgb, face_map((rgb.shape[0], rgb.shape[1]), segmentation.faces(Photo(rgb)))) for rgb in photos]


def _painted(painter: Painter, photo: UInt8Array, faces: FloatArray) -> UInt8Array:
    """`photo` (H, W, 3) painted all over."""
    import torch

    from portrait_nst.instant.ground import grounded

    picture = torch.from_numpy(imaging.to_float(photo)).permute(2, 0, 1)[None]
    seen = painter.see(grounded(picture, painter.network.grain, torch.from_numpy(faces)[None, None]))
    painted = painter.paint(seen, painter.maps(painter.statistics(seen)))
    return imaging.to_uint8(painted[0].permute(1, 2, 0).numpy())


def _small(rgb: UInt8Array) -> UInt8Array:
    return imaging.resize(rgb, imaging.size_within((rgb.shape[0], rgb.shape[1]), LONGEST))


def _own() -> list[UInt8Array]:
    """The portraits that come with the package, to learn on."""
    files = sorted((resources.models_folder() / "instant").glob("portrait*.jpg"))
    return [_small(imaging.load(file).rgb) for file in files]
