"""The picture as PDF, written by ReportLab; the same picture gives the same file."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from portrait_nst.pop_art.colour import dots
from portrait_nst.pop_art.colour.colouring import Colouring
from portrait_nst.pop_art.composition import Composition
from portrait_nst.pop_art.partition.topology import Points
from portrait_nst.pop_art.render import shapes

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.pdfgen.pathobject import PDFPathObject

MM = 72 / 25.4
"""Points in a millimetre."""
_LONGER = 200.0


def document(composition: Composition) -> bytes:
    """A page of the picture's own shape, 200 mm on its longer side."""
    frame = composition.partition.frame
    width, height = shapes.page_size(composition)
    scale = _LONGER * MM / max(width, height)
    out = io.BytesIO()
    page = new_page(out, (width * scale, height * scale))
    page.translate(0, height * scale)
    page.scale(scale, -scale)
    if composition.settings.background == "keep":
        _photo(page, composition)
    for colouring, x, y in shapes.placed(composition):
        page.saveState()
        page.translate(x, y)
        clip = page.beginPath()
        clip.rect(0, 0, frame.width, frame.height)
        page.clipPath(clip, stroke=0, fill=0)
        _draw(page, composition, colouring)
        page.restoreState()
    page.showPage()
    page.save()
    return out.getvalue()


def new_page(out: io.BytesIO, size: tuple[float, float]) -> Canvas:
    """An empty page of size (width, height) in points."""
    from reportlab.pdfgen.canvas import Canvas

    page = Canvas(out, pagesize=size, invariant=1, pageCompression=1)
    page.setTitle("Pop-art portrait")
    page.setCreator("portrait-nst")
    return page


def path(page: Canvas, lines: tuple[Points, ...], closed: bool = True) -> PDFPathObject:
    """A path through rings or lines."""
    result = page.beginPath()
    for points in lines:
        result.moveTo(*points[0].tolist())
        for point in points[1:].tolist():
            result.lineTo(*point)
        if closed:
            result.close()
    return result


def _draw(page: Canvas, composition: Composition, colouring: Colouring) -> None:
    """Draw one colouring with its top left corner at the origin."""
    from reportlab.lib.colors import HexColor

    page.setLineJoin(1)
    page.setLineCap(1)
    for line in shapes.underlay(composition, colouring):
        _line(page, line)
    drawn = shapes.filled_shapes(composition, colouring)
    for shape in drawn:
        page.setFillColor(HexColor(shape.fill))
        page.drawPath(path(page, shape.rings), stroke=0, fill=1, fillMode=0)
    _dots(page, composition, colouring, [s for s in drawn if s.dotted])
    for line in shapes.outlines(composition):
        _line(page, line)


def _dots(page: Canvas, composition: Composition, colouring: Colouring, dotted: list[shapes.Shape]) -> None:
    """Draw the dots, clipped to the segments that are printed as dots."""
    from reportlab.lib.colors import HexColor

    if not dotted or colouring.screen is None:
        return
    frame, radius = composition.partition.frame, colouring.screen.radius
    page.saveState()
    page.clipPath(path(page, tuple(r for s in dotted for r in s.rings)), stroke=0, fill=0, fillMode=0)
    page.setFillColor(HexColor(dotted[0].colour))
    circles = page.beginPath()
    for x, y in dots.centres(frame.width, frame.height, frame.unit, radius).tolist():
        circles.circle(x, y, radius * frame.unit)
    page.drawPath(circles, stroke=0, fill=1)
    page.restoreState()


def _line(page: Canvas, line: shapes.Line) -> None:
    """Draw one line."""
    from reportlab.lib.colors import HexColor

    page.setStrokeColor(HexColor(line.colour))
    page.setLineWidth(line.width)
    page.drawPath(path(page, (line.points,), closed=False), stroke=1, fill=0)


def _photo(page: Canvas, composition: Composition) -> None:
    """Draw the kept background."""
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    width, height = shapes.page_size(composition)
    page.saveState()
    page.scale(1, -1)
    page.drawImage(ImageReader(Image.fromarray(shapes.kept_photo(composition))), 0, -height, width, height)
    page.restoreState()
