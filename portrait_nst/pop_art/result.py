"""A finished pop-art portrait, which renders itself: what `portrait_nst.popart` returns."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from portrait_nst import imaging
from portrait_nst.errors import InputError
from portrait_nst.imaging.file_objects import SupportsWrite, check_suffix, is_file_object, suffix_for, write_to
from portrait_nst.imaging.formats import FORMATS, VECTORS
from portrait_nst.pop_art.composition import Composition
from portrait_nst.pop_art.measures.measure import Measures
from portrait_nst.pop_art.render import pdf, raster, sheet, svg
from portrait_nst.pop_art.report import Report, report, without_folders
from portrait_nst.types import Photo, UInt8Array

Source: TypeAlias = Photo | str | Path | bytes


@dataclass(frozen=True, eq=False)
class PopartResult(Composition):
    """A composition with its measures, and everything that can be made of it.

    measures: the measures by their names; see `measures.goals.GOALS`.
    notes:    remarks for the user about the run.
    source:   the photo that it was made from: its file's sha256, EXIF block, own samples and gain map go into what is saved.
              None for a composition of plain arrays.
    """

    measures: Measures
    notes: tuple[str, ...] = ()
    source: Photo | None = None

    def render(self, size: tuple[int, int] | None = None) -> tuple[UInt8Array, UInt8Array | None]:
        """The picture as (H, W, 3) uint8 sRGB and its (H, W) uint8 alpha, or None where it is opaque.

        size: (width, height) in pixels, or None for `size`.
        """
        return raster.render(self, size)

    def svg(self) -> str:
        """The picture as SVG text, with a path for each segment, grouped by tone."""
        return svg.document(self)

    def pdf(self) -> bytes:
        """The picture as a PDF page of its own shape, 200 mm on its longer side."""
        return pdf.document(self)

    def over(self, photo: Source | None = None) -> Photo:
        """The picture as a photo; where the background is kept, with the own samples and the gain map of `photo`, or of `source`.

        Without the photo's background in its place it is a drawing in sRGB. Raises InputError for a photo of another size.
        """
        photo = self._photo(photo)
        rgb, alpha, kept = raster.layers(self)
        if not self.keeps_the_photo:
            kept = None
        native, note = (None, "") if kept is None else imaging.in_space_of(photo, rgb, kept)
        gain_map, remarks = imaging.carried_over(photo, kept)
        return Photo(rgb, alpha, native=native, gain_map=gain_map, notes=(*((note,) if note else ()), *remarks))

    def lost_in(self, path: str | Path, photo: Source | None = None, *, profile: str = "photo") -> tuple[str, ...]:
        """What `save` cannot write of the photo's own samples into a file of the format of `path`, as remarks for the user."""
        suffix = Path(path).suffix
        if suffix.lower() in VECTORS or not self.keeps_the_photo:
            return ()
        return imaging.lost_in(self._photo(photo), suffix, profile=profile)

    def save(
        self,
        path: str | Path | SupportsWrite,
        photo: Source | None = None,
        *,
        format: str | None = None,
        overwrite: bool = False,
        exif: bytes | None = None,
        keep_metadata: bool = False,
        quality: int = imaging.QUALITY,
        profile: str = "photo",
        recipe: bool = True,
    ) -> Path:
        """Write the picture to `path`, as a drawing (.svg, .pdf) or as pixels in the format of its suffix; returns the path.

        path may be an open binary file too, as in `save(buffer, format="svg")`.

        photo: the photo that it was made from, as a `Photo`, a path or the bytes of a file; it need not be given where the result
               has its `source`, as one of `portrait_nst.popart` has. The recipe in a file of pixels names its sha256.
        exif: the EXIF block of a file of pixels, instead of the photo's; b"" for none.
        recipe: whether a file of pixels gets its recipe.

        Raises InputError, ResourceError as `portrait_nst.imaging.save` does, which explains the other options too.
        """
        photo = self._photo(photo)
        known = (*FORMATS, *VECTORS)
        if is_file_object(path):
            kind = suffix_for(format, str(getattr(path, "name", "")), known)
            if kind in VECTORS:
                return write_to(path, self._drawing(kind))
        elif isinstance(path, (str, os.PathLike)):
            check_suffix(Path(path), format, known)
            kind = Path(path).suffix.lower()
            if kind in VECTORS:
                imaging.write_atomic(Path(path), self._drawing(kind), overwrite=overwrite)
                return Path(path)
        made = {"popart": without_folders(self.settings), "photo": photo.sha256} if recipe else None
        return imaging.save(
            self.over(photo),
            path,
            format=format,
            recipe=made,
            overwrite=overwrite,
            exif=photo.exif if exif is None else exif,
            keep_metadata=keep_metadata,
            quality=quality,
            profile=profile,
        )

    def _photo(self, given: Source | None) -> Photo:
        """The photo that it was made from. Raises InputError for what is none, and for one that it cannot lie over."""
        if given is None:
            return self.source or Photo(self.photo)
        if isinstance(given, (str, Path)):
            given = imaging.load(given)
        elif isinstance(given, (bytes, bytearray, memoryview)):
            given = imaging.decode(bytes(given), "the photo")
        if not isinstance(given, Photo):
            raise InputError(
                f"photo must be a Photo, a path or the bytes of a file, not {type(given).__name__}; "
                "a result of portrait_nst.popart knows its photo, so leave it out."
            )
        if self.keeps_the_photo and given.size != self.photo.shape[:2]:
            (height, width), (own_height, own_width) = given.size, self.photo.shape[:2]
            raise InputError(
                f"The photo has {width} x {height} pixels, and the picture was made from one of {own_width} x {own_height}; "
                "give that one, or leave it out."
            )
        return given

    def _drawing(self, kind: str) -> bytes:
        return self.svg().encode() if kind == ".svg" else self.pdf()

    def sheet_svg(self, paper: str = "A4") -> str:
        """The painting sheet, numbered outlines and the list of paints, as SVG text.

        paper: "A4", "A3", "letter", or a size such as "30x40cm". Raises InputError for any other.
        """
        return sheet.svg(self, paper)

    def sheet_pdf(self, paper: str = "A4") -> bytes:
        """The painting sheet as PDF; see `sheet_svg`."""
        return sheet.pdf(self, paper)

    def report(self) -> Report:
        """Measures, settings, paints and segments as JSON-ready values."""
        return report(self, self.measures, self.notes)
