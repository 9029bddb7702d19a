"""The picture as PDF, written by ReportLab; the same file for the same picture."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from portrait_nst.pop_art.colour import dots
from portrait_nst.pop_art.render.shapes import Line, Points, cells, outlines, rings, shapes, underlay
from portrait_nst.pop_art.result import Cell, PopartResult

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

MM = 72 / 25.4
_LONGER = 200.0


def picture(result: PopartResult) -> bytes:
    """A page of the picture's own shape, 200 mm on its longer side."""
    frame = result.geometry.canvas
    width, height = result.columns * frame.width, result.rows * frame.height
    scale = _LONGER * MM / max(width, height)
    out = io.BytesIO()
    page = new(out, (width * scale, height * scale))
    page.translate(0, height * scale)
    page.scale(scale, -scale)
    if result.settings.background == "keep":
        _photo(page, result, width, height)
    for cell, x, y in cells(result):
        page.saveState()
        page.translate(x, y)
        clip = page.beginPath()
        clip.rect(0, 0, frame.width, frame.height)
        page.clipPath(clip, stroke=0, fill=0)
        _cell(page, result, cell)
        page.restoreState()
    page.showPage()
    page.save()
    return out.getvalue()


def new(out: io.BytesIO, size: tuple[float, float]) -> Canvas:
    """An empty page of size (width, height) in points."""
    from reportlab.pdfgen.canvas import Canvas

    page = Canvas(out, pagesize=size, invariant=1, pageCompression=1)
    page.setTitle("Pop-art portrait")
    page.setCreator("portrait-nst")
    return page


def path(page: Canvas, found: tuple[Points, ...], closed: bool = True) -> Any:
    """A path through rings or lines of points (n, 2)."""
    result = page.beginPath()
    for points in found:
        result.moveTo(*points[0].tolist())
        for point in points[1:].tolist():
            result.lineTo(*point)
        if closed:
            result.close()
    return result


def _cell(page: Canvas, result: PopartResult, cell: Cell) -> None:
    from reportlab.lib.colors import HexColor

    page.setLineJoin(1)
    page.setLineCap(1)
    for line in underlay(result, cell):
        _line(page, line)
    for shape in shapes(result, cell):
        page.setFillColor(HexColor(cell.paper if shape.dotted else shape.colour))
        page.drawPath(path(page, shape.rings), stroke=0, fill=1, fillMode=0)
    dotted = [s for s in shapes(result, cell) if s.dotted]
    if dotted:
        frame = result.geometry.canvas
        page.saveState()
        page.clipPath(path(page, tuple(r for s in dotted for r in s.rings)), stroke=0, fill=0, fillMode=0)
        page.setFillColor(HexColor(dotted[0].colour))
        spots = page.beginPath()
        for x, y in dots.centres(frame.width, frame.height, frame.unit, cell.radius).tolist():
            spots.circle(x, y, cell.radius * frame.unit)
        page.drawPath(spots, stroke=0, fill=1)
        page.restoreState()
    for line in outlines(result):
        _line(page, line)


def _line(page: Canvas, line: Line) -> None:
    from reportlab.lib.colors import HexColor

    page.setStrokeColor(HexColor(line.colour))
    page.setLineWidth(line.width)
    page.drawPath(path(page, (line.points,), closed=False), stroke=1, fill=0)


def _photo(page: Canvas, result: PopartResult, width: int, height: int) -> None:
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    small = cv2.resize(result.photo, (width, height), interpolation=cv2.INTER_AREA)
    page.saveState()
    page.scale(1, -1)
    page.drawImage(ImageReader(Image.fromarray(np.ascontiguousarray(small))), 0, -height, width, height)
    page.restoreState()


__all__ = ["MM", "new", "path", "picture", "rings"]
