"""The painting sheet: numbered outlines on paper, and the list of paints."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import shapely

from portrait_nst.errors import InputError
from portrait_nst.pop_art.composition import Composition
from portrait_nst.pop_art.partition.topology import Points, rings
from portrait_nst.pop_art.render.paints import paints
from portrait_nst.pop_art.render.pdf import MM, new_page, path

PAPERS = {"A5": (148, 210), "A4": (210, 297), "A3": (297, 420), "A2": (420, 594), "LETTER": (215.9, 279.4)}
_MARGIN, _ROW, _ENTRY, _BOX = 10.0, 8.0, 38.0, 6.0
_LINE_GREY, _TEXT_GREY = "#555555", "#222222"


@dataclass(frozen=True, eq=False)
class Caption:
    """Text on the sheet, in mm from the top left.

    x, y:  the middle of the text, or the middle of its left side where `start` is true.
    size:  the size of the font.
    """

    text: str
    x: float
    y: float
    size: float
    start: bool = False


@dataclass(frozen=True, eq=False)
class Sheet:
    """Everything on the paper, in mm from its top left: outlines, captions and colour boxes (x, y, w, h, colour)."""

    width: float
    height: float
    outlines: list[tuple[Points, ...]]
    captions: list[Caption]
    boxes: list[tuple[float, float, float, float, str]]


def paper_size(name: str) -> tuple[float, float]:
    """(width, height) in mm of "A4", "A3", "letter", or "300x400mm", "30x40cm". Raises InputError otherwise."""
    if name.upper() in PAPERS:
        width, height = PAPERS[name.upper()]
        return float(width), float(height)
    found = re.fullmatch(r"(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)(mm|cm|in)?", name.lower())
    if not found:
        raise InputError(f"The paper {name!r} is unknown: name {', '.join(PAPERS)} or give a size such as 30x40cm.")
    unit = {"mm": 1.0, "cm": 10.0, "in": 25.4, None: 1.0}[found[3]]
    width, height = float(found[1]) * unit, float(found[2]) * unit
    if not (min(width, height) >= 70 and max(width, height) <= 5000):
        raise InputError(f"The paper {name!r} is {width:g} x {height:g} mm; it must be 70 to 5000 mm a side.")
    return width, height


def layout(composition: Composition, paper: str) -> Sheet:
    """Place the picture as large as the paper allows, upright or across, with the paints below it."""
    width, height = paper_size(paper)
    frame = composition.partition.frame
    if (frame.width > frame.height) != (width > height):
        width, height = height, width
    found, numbers = paints(composition)
    entry = _ENTRY + _BOX * (len(composition.colourings) - 1)
    columns = max(1, int((width - 2 * _MARGIN) // entry))
    rows = -(-len(found) // columns)
    below = rows * _ROW + 6
    scale = min((width - 2 * _MARGIN) / frame.width, (height - 2 * _MARGIN - below) / frame.height)
    if scale <= 0:
        raise InputError(f"The paper {paper} is too small for the list of {len(found)} paints; take a larger one.")
    left, top = (width - frame.width * scale) / 2, _MARGIN
    lines, captions = [], []
    for s in composition.partition.segments:
        lines.append(tuple(r[:-1] * scale + (left, top) for r in rings(s.polygon)))
        if s.number not in numbers:
            continue
        circle = shapely.maximum_inscribed_circle(s.polygon)
        (x, y), _ = shapely.get_coordinates(circle)
        size = min(5.0, max(1.4, 1.1 * circle.length * scale))
        captions.append(Caption(str(numbers[s.number]), left + x * scale, top + y * scale, size))
    boxes = []
    start = top + frame.height * scale + 6
    for i, paint in enumerate(found):
        x, y = _MARGIN + (i % columns) * entry, start + (i // columns) * _ROW
        for j, colour in enumerate(paint.colours):
            boxes.append((x + j * _BOX, y, _BOX, _BOX, colour))
        text = f"{paint.number}  {paint.colours[0] if len(paint.colours) == 1 else ''}  {100 * paint.share:.1f} %"
        captions.append(Caption(text, x + _BOX * len(paint.colours) + 1.5, y + _BOX / 2, 3.0, start=True))
    return Sheet(width, height, lines, captions, boxes)


def svg(composition: Composition, paper: str) -> str:
    """The sheet as SVG text, in millimetres."""
    sheet = layout(composition, paper)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{sheet.width:g}mm" height="{sheet.height:g}mm" '
        f'viewBox="0 0 {sheet.width:g} {sheet.height:g}">',
        "<title>Painting sheet</title>",
        f'<rect width="{sheet.width:g}" height="{sheet.height:g}" fill="#FFFFFF"/>',
        f'<g id="outlines" fill="none" stroke="{_LINE_GREY}" stroke-width="0.2" stroke-linejoin="round">',
    ]
    for found in sheet.outlines:
        data = "".join("M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in r.tolist()) + "Z" for r in found)
        parts.append(f'<path d="{data}"/>')
    parts.append("</g>")
    parts.append(f'<g id="paints" stroke="{_LINE_GREY}" stroke-width="0.1">')
    parts += [
        f'<rect x="{x:.2f}" y="{y:.2f}" width="{w:g}" height="{h:g}" fill="{c}"/>' for x, y, w, h, c in sheet.boxes
    ]
    parts.append("</g>")
    parts.append(f'<g id="numbers" fill="{_TEXT_GREY}" font-family="Helvetica, Arial, sans-serif">')
    for t in sheet.captions:
        anchor = "" if t.start else ' text-anchor="middle"'
        # Digits and capitals are about 0.72 of the font's size high: lowered by half of that, they are in the middle.
        parts.append(
            f'<text x="{t.x:.2f}" y="{t.y + 0.36 * t.size:.2f}" font-size="{t.size:.2f}"{anchor}>{t.text}</text>'
        )
    return "\n".join([*parts, "</g>", "</svg>\n"])


def pdf(composition: Composition, paper: str) -> bytes:
    """The sheet as PDF."""
    from reportlab.lib.colors import HexColor

    sheet = layout(composition, paper)
    out = io.BytesIO()
    page = new_page(out, (sheet.width * MM, sheet.height * MM))
    page.translate(0, sheet.height * MM)
    page.scale(MM, -MM)
    page.setLineWidth(0.2)
    page.setLineJoin(1)
    page.setStrokeColor(HexColor(_LINE_GREY))
    for found in sheet.outlines:
        page.drawPath(path(page, found), stroke=1, fill=0)
    page.setLineWidth(0.1)
    for x, y, w, h, colour in sheet.boxes:
        page.setFillColor(HexColor(colour))
        page.rect(x, y, w, h, stroke=1, fill=1)
    page.setFillColor(HexColor(_TEXT_GREY))
    for t in sheet.captions:
        page.saveState()
        page.translate(t.x, t.y + 0.36 * t.size)
        page.scale(1, -1)
        page.setFont("Helvetica", t.size)
        (page.drawString if t.start else page.drawCentredString)(0, 0, t.text)
        page.restoreState()
    page.showPage()
    page.save()
    return out.getvalue()
