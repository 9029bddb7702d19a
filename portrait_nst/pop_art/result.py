"""A finished pop-art portrait: geometry and colours, and what can be made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from portrait_nst.pop_art.colour.palettes import Palette
from portrait_nst.pop_art.partition.geometry import Geometry
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.types import FloatArray, UInt8Array

TRANSPARENT = "none"
"""The colour of a segment that is left open: a transparent or kept background."""


@dataclass(frozen=True, eq=False)
class Cell:
    """One colouring of the geometry; a Warhol grid has several.

    palette: where the colours come from.
    colours: "#RRGGBB" of each segment by number, or TRANSPARENT.
    paper:   in mode "dots" the colour under the dots; the segment's colour is then the dots' own.
    radius:  of the dots, in canvas pixels at a unit of 1.
    """

    palette: Palette
    colours: tuple[str, ...]
    paper: str = ""
    radius: float = 0.0


@dataclass(frozen=True, eq=False)
class PopartResult:
    """What `paint` returns.

    geometry: the segments, in canvas pixels.
    cells:    one colouring, or columns x rows of them, row by row.
    photo:    the photo's part inside the frame, (h, w, 3) uint8, and matte (h, w) float32: for a kept background.
    notes:    what the run had to say.
    """

    geometry: Geometry
    cells: tuple[Cell, ...]
    settings: PopartSettings
    photo: UInt8Array
    matte: FloatArray
    measures: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def columns(self) -> int:
        return self.settings.grid[0] if self.settings.mode == "grid" else 1

    @property
    def rows(self) -> int:
        return self.settings.grid[1] if self.settings.mode == "grid" else 1

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels of the picture: the photo's own, or for a bust at least 1600 px high or wide."""
        height, width = self.photo.shape[:2]
        if self.settings.mode == "grid" or self.geometry.canvas.is_part:
            grow = max(1.0, 1600 / max(self.columns * width, self.rows * height))
            return self.columns * round(width * grow), self.rows * round(height * grow)
        return width, height

    @property
    def outlines(self) -> bool:
        """Whether ink is drawn on the silhouette and on borders that jump two tones."""
        return self.settings.mode == "dots" if self.settings.outlines is None else self.settings.outlines

    def render(self, size: tuple[int, int] | None = None) -> tuple[UInt8Array, UInt8Array | None]:
        """The picture as (H, W, 3) uint8 sRGB and its (H, W) uint8 alpha, or None where it is opaque."""
        from portrait_nst.pop_art.render.raster import render

        return render(self, size)

    def svg(self) -> str:
        """The picture as SVG text: a path for each segment, grouped by tone."""
        from portrait_nst.pop_art.render.svg import document

        return document(self)

    def pdf(self) -> bytes:
        """The picture as a PDF page of its own shape, 200 mm on its longer side."""
        from portrait_nst.pop_art.render.pdf import picture

        return picture(self)

    def sheet_svg(self, paper: str = "A4") -> str:
        """The painting sheet, numbered outlines and the list of paints, as SVG text on `paper` (A4, A3, 30x40cm)."""
        from portrait_nst.pop_art.render.sheet import svg

        return svg(self, paper)

    def sheet_pdf(self, paper: str = "A4") -> bytes:
        """The painting sheet as PDF."""
        from portrait_nst.pop_art.render.sheet import pdf

        return pdf(self, paper)

    def report(self) -> dict[str, Any]:
        """Measures, settings and segments as JSON-ready values."""
        from portrait_nst.pop_art.report import report

        return report(self)
