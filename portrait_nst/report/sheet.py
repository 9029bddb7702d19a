"""Contact sheets: pictures in a grid, each with a caption that fits under it."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from portrait_nst import imaging
from portrait_nst.report.frames import shrink
from portrait_nst.report.lettering import drawable, font_file
from portrait_nst.report.outputs import check_file, write
from portrait_nst.types import UInt8Array

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

KINDS = (".png",)
TILE = 360
_PAPER, _INK, _FAINT, _HOLE = "#ffffff", "#1d2329", "#5b6670", "#eef1f3"
_MARGIN, _GAP, _BELOW, _LINE = 36, 20, 30, 1.32
_TITLE, _NAME, _NOTE = 30, 18, 15  # pixels of type
_MOST_LINES = 4
_LONGEST_SHEET = 24_000  # pixels a side; tiles become smaller before a sheet becomes larger


@dataclass(frozen=True, eq=False)
class Tile:
    """One picture of a sheet.

    picture: (H, W, 3) uint8, a file, or None where there is none to show: then `note` says why.
    caption: its name; note: text under that in grey.
    """

    picture: UInt8Array | Path | None
    caption: str
    note: str = ""


def contact_sheet(
    tiles: Sequence[Tile],
    path: str | Path,
    *,
    leading: Sequence[Tile] = (),
    columns: int | None = None,
    title: str = "",
    subtitle: str = "",
    tile: int = TILE,
    overwrite: bool = False,
) -> Path:
    """Write a sheet of `tiles` to `path` (.png); returns the path.

    leading: the first tiles, usually photo and style: in a row of their own where `columns` is given, else in the grid.
    columns: how many stand side by side; by default the sheet becomes a little wider than high.
    tile:    width of a picture in pixels; smaller where the sheet would be too large for a file.

    Raises InputError for another suffix, or a file that exists already without `overwrite`.
    """
    target = check_file(path, KINDS, "The contact sheet", overwrite=overwrite)
    file = io.BytesIO()
    draw_sheet(tiles, leading=leading, columns=columns, title=title, subtitle=subtitle, tile=tile).save(file, "PNG")
    return write(target, file.getvalue(), overwrite=overwrite)


def draw_sheet(
    tiles: Sequence[Tile],
    *,
    leading: Sequence[Tile] = (),
    columns: int | None = None,
    title: str = "",
    subtitle: str = "",
    tile: int = TILE,
) -> Image.Image:
    """The sheet that `contact_sheet` writes."""
    from PIL import Image, ImageDraw

    rows = _rows(list(leading), list(tiles), columns)
    across = max(len(row) for row in rows)
    tile = max(64, min(tile, _LONGEST_SHEET // max(across, 2 * len(rows)) - _GAP))
    images = {id(entry): _image(entry, tile) for row in rows for entry in row}
    talls = [max((image.height for entry in row if (image := images[id(entry)])), default=tile // 2) for row in rows]
    width = max(2 * _MARGIN + across * (tile + _GAP) - _GAP, 520)

    measure = ImageDraw.Draw(Image.new("RGB", (1, 1)))
    name, note = _font(_NAME, bold=True), _font(_NOTE)
    head = _wrap(measure, title, _font(_TITLE, bold=True), width - 2 * _MARGIN)
    under = _wrap(measure, subtitle, note, width - 2 * _MARGIN)
    texts = {
        id(entry): (
            _wrap(measure, entry.caption, name, tile),
            _wrap(measure, entry.note, note, tile) if entry.picture is not None else [],
        )
        for row in rows
        for entry in row
    }
    heights = [tall + 8 + max(_height(*texts[id(entry)]) for entry in row) + _BELOW for row, tall in zip(rows, talls)]
    top = _MARGIN + round(len(head) * _TITLE * _LINE + len(under) * _NOTE * _LINE) + (16 if head or under else 0)
    sheet = Image.new("RGB", (width, top + sum(heights) + _MARGIN - _BELOW), _PAPER)
    draw = ImageDraw.Draw(sheet)
    y = _write_lines(draw, _MARGIN, _MARGIN, head, _font(_TITLE, bold=True), _TITLE, _INK)
    _write_lines(draw, _MARGIN, y, under, note, _NOTE, _FAINT)
    y = top
    for row, tall, height in zip(rows, talls, heights):
        for number, entry in enumerate(row):
            x = _MARGIN + number * (tile + _GAP)
            image = images[id(entry)]
            if image is None:
                draw.rectangle((x, y, x + tile - 1, y + tall - 1), fill=_HOLE)
                _write_lines(draw, x + 14, y + 14, _wrap(draw, entry.note, note, tile - 28, 8), note, _NOTE, _FAINT)
            else:
                sheet.paste(image, (x + (tile - image.width) // 2, y + tall - image.height))
            caption, small = texts[id(entry)]
            below = _write_lines(draw, x, y + tall + 8, caption, name, _NAME, _INK)
            _write_lines(draw, x, below + 3, small, note, _NOTE, _FAINT)
        y += height
    return sheet


def _rows(leading: list[Tile], tiles: list[Tile], columns: int | None) -> list[list[Tile]]:
    apart = [leading] if columns is not None and leading else []
    rest = tiles if apart else leading + tiles
    if columns is None:
        columns = max(1, min(8, math.ceil(math.sqrt(1.4 * len(rest)))))
    return apart + [rest[i : i + columns] for i in range(0, len(rest), columns)] or [
        [Tile(None, "", "nothing to show")]
    ]


def _image(tile: Tile, width: int) -> Image.Image | None:
    """The picture in a box of `width` x 1.5 `width`, whole; small pictures are enlarged."""
    from PIL import Image

    if tile.picture is None:
        return None
    if isinstance(tile.picture, Path):
        loaded = imaging.load(tile.picture)
        rgb = on_white(loaded.rgb, loaded.alpha)
    else:
        rgb = tile.picture
    rgb = shrink(rgb, 2 * width)
    factor = min(width / rgb.shape[1], 1.5 * width / rgb.shape[0])
    size = max(1, round(rgb.shape[0] * factor)), max(1, round(rgb.shape[1] * factor))
    return Image.fromarray(imaging.resize(np.ascontiguousarray(rgb), size))


def on_white(rgb: UInt8Array, alpha: UInt8Array | None) -> UInt8Array:
    """`rgb` (H, W, 3) laid over white by its `alpha` (H, W), where it has one."""
    if alpha is None:
        return rgb
    return imaging.composite(np.full_like(rgb, 255), rgb, imaging.to_float(alpha))


def _font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(str(font_file(bold)), size)


def _wrap(draw: ImageDraw.ImageDraw, text: str, font: Any, width: int, most: int = _MOST_LINES) -> list[str]:
    """`text` in lines no wider than `width`: broken at spaces, else after + , = _ / -, else anywhere; cut after `most`."""

    def fits(line: str) -> bool:
        return draw.textlength(line, font=font) <= width

    lines: list[str] = []
    for paragraph in drawable(text).splitlines():
        rest = paragraph.strip()
        while rest:
            length = len(rest) if fits(rest) else _break(rest, fits)
            lines.append(rest[:length].rstrip())
            rest = rest[length:].lstrip()
    if len(lines) > most:
        last = lines[most - 1]
        while last and not fits(last + "…"):
            last = last[:-1]
        lines = [*lines[: most - 1], last.rstrip() + "…"]
    return lines


def _break(text: str, fits: Callable[[str], bool]) -> int:
    """How many letters of `text`, which is too long, go on this line."""
    length = 1
    while length < len(text) and fits(text[: length + 1].rstrip()):
        length += 1
    for marks in (" ", "+,=_/-"):
        place = max(text.rfind(mark, 0, length + (mark == " ")) for mark in marks) + 1
        if place > length // 3:
            return place
    return length


def _height(caption: list[str], note: list[str]) -> int:
    return round(len(caption) * _NAME * _LINE) + 3 + round(len(note) * _NOTE * _LINE)


def _write_lines(
    draw: ImageDraw.ImageDraw, x: int, y: int, lines: Sequence[str], font: Any, size: int, colour: str
) -> int:
    for number, line in enumerate(lines):
        draw.text((x, y + round(number * size * _LINE)), line, font=font, fill=colour)
    return y + round(len(lines) * size * _LINE)
