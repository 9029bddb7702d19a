"""The picture as SVG: a path for each segment, grouped by tone, with ids and titles, and no hairlines."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from itertools import groupby

import cv2
import numpy as np
import shapely

from portrait_nst.pop_art.colour import dots
from portrait_nst.pop_art.partition.regions import BACKGROUND
from portrait_nst.pop_art.render.shapes import Line, Points, Shape, cells, outlines, shapes, underlay
from portrait_nst.pop_art.result import Cell, PopartResult


def document(result: PopartResult) -> str:
    """The whole SVG text."""
    canvas = result.geometry.canvas
    width, height = result.columns * canvas.width, result.rows * canvas.height
    pixels = result.size
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{pixels[0]}" height="{pixels[1]}" viewBox="0 0 {width} {height}" preserveAspectRatio="none">'
    )
    parts = [head, "<title>Pop-art portrait</title>"]
    if result.settings.background == "keep":
        parts.append(_photo(result, width, height))
    if len(result.cells) == 1:
        cell = result.cells[0]
        parts += _underlay(underlay(result, cell))
        parts += _groups(cell, shapes(result, cell))
        parts += _dots(result, cell)
        parts += _outlines(outlines(result))
    else:
        parts += _cells(result)
    return "\n".join([*parts, "</svg>\n"])


def number(value: float) -> str:
    """At most one decimal, none where it is whole."""
    return f"{value:.1f}".removesuffix(".0")


def outline(points: Points, closed: bool) -> str:
    """Path data through points (n, 2): the first absolute, the rest relative, in whole or tenth units."""
    exact = np.round(points, 1)
    steps = np.round(np.diff(exact, axis=0), 1)
    text = f"M{number(exact[0, 0])} {number(exact[0, 1])}l"
    text += " ".join(f"{number(x)} {number(y)}" for x, y in steps.tolist())
    return text.replace(" -", "-") + ("z" if closed else "")


def _path(shape: Shape) -> str:
    return "".join(outline(r, True) for r in shape.rings)


def _groups(cell: Cell, drawn: Iterable[Shape]) -> list[str]:
    parts = []
    for tone, group in groupby(drawn, key=lambda s: s.tone):
        name = "background" if tone == BACKGROUND else f"tone-{tone + 1}"
        parts.append(f'<g id="{name}" fill-rule="evenodd">')
        for s in group:
            fill = cell.paper if s.dotted else s.colour
            label = "background" if tone == BACKGROUND else f"tone {tone + 1}"
            parts.append(
                f'<path id="s{s.number + 1}" fill="{fill}" d="{_path(s)}">'
                f"<title>{s.number + 1}: {label}, {s.colour}</title></path>"
            )
        parts.append("</g>")
    return parts


def _underlay(lines: list[Line]) -> list[str]:
    if not lines:
        return []
    parts = ['<g id="underlay" fill="none" stroke-linejoin="round" stroke-linecap="round">']
    ordered = sorted(lines, key=lambda line: line.colour)
    for colour, group in groupby(ordered, key=lambda line: line.colour):
        found = list(group)
        data = "".join(outline(line.points, False) for line in found)
        parts.append(f'<path stroke="{colour}" stroke-width="{number(found[0].width)}" d="{data}"/>')
    return [*parts, "</g>"]


def _outlines(lines: list[Line]) -> list[str]:
    if not lines:
        return []
    parts = ['<g id="ink" fill="none" stroke-linejoin="round" stroke-linecap="round">']
    ordered = sorted(lines, key=lambda line: line.width)
    for width, group in groupby(ordered, key=lambda line: line.width):
        found = list(group)
        data = "".join(outline(line.points, False) for line in found)
        parts.append(f'<path stroke="{found[0].colour}" stroke-width="{number(width)}" d="{data}"/>')
    return [*parts, "</g>"]


def _dots(result: PopartResult, cell: Cell) -> list[str]:
    """The dots as one path of points with round ends, clipped to the segments that are printed so.

    A pattern would be shorter, but renderers disagree about turned patterns.
    """
    dotted = [s for s in shapes(result, cell) if s.dotted]
    if not dotted:
        return []
    canvas = result.geometry.canvas
    radius = cell.radius * canvas.unit
    spots = dots.centres(canvas.width, canvas.height, canvas.unit, cell.radius)
    polygons = shapely.unary_union([result.geometry.segments[s.number].polygon for s in dotted])
    reach = shapely.buffer(polygons, radius)
    shapely.prepare(reach)
    spots = np.round(spots[shapely.contains_xy(reach, spots[:, 0], spots[:, 1])], 1)
    steps = np.round(np.diff(spots, axis=0, prepend=np.zeros((1, 2))), 1).tolist()
    data = "".join(f"m{number(x)} {number(y)}h0" for x, y in steps).replace(" -", "-")
    return [
        f'<clipPath id="dotted"><path clip-rule="evenodd" d="{"".join(_path(s) for s in dotted)}"/></clipPath>',
        f'<g id="dots" clip-path="url(#dotted)" fill="none" stroke="{dotted[0].colour}" stroke-linecap="round">'
        f'<path stroke-width="{2 * radius:.4g}" d="{data}"/></g>',
    ]


def _cells(result: PopartResult) -> list[str]:
    """One geometry, several colourings: paths are written once and used with a fill for each cell."""
    first = result.cells[0]
    drawn = shapes(result, first)
    canvas = result.geometry.canvas
    parts = [
        "<defs>",
        f'<clipPath id="frame"><path d="M0 0h{canvas.width}v{canvas.height}h{-canvas.width}z"/></clipPath>',
    ]
    tones = sorted({s.tone for s in drawn})
    for tone in tones:
        group = "".join(f'<path d="{_path(s)}"/>' for s in drawn if s.tone == tone)
        parts.append(f'<g id="tone-{tone + 1}" fill-rule="evenodd">{group}</g>')
    by_tone: dict[int, list[str]] = {}
    net, segments = result.geometry.net, result.geometry.segments
    for arc, side in zip(net.arcs, net.sides):
        if min(side) >= 0 and segments[min(side)].tone in tones and segments[max(side)].tone in tones:
            by_tone.setdefault(segments[min(side)].tone, []).append(outline(net.xy[arc], False))
    for tone, data in sorted(by_tone.items()):
        parts.append(
            f'<path id="under-{tone + 1}" fill="none" stroke-width="1.2" stroke-linejoin="round" d="{"".join(data)}"/>'
        )
    parts.append("</defs>")
    for i, (cell, x, y) in enumerate(cells(result)):
        colour = {segments[s.number].tone: cell.colours[s.number] for s in drawn}
        parts.append(f'<g id="cell-{i + 1}" transform="translate({x} {y})" clip-path="url(#frame)">')
        parts.append(f"<title>{cell.palette.name}</title>")
        parts += [f'<use xlink:href="#under-{t + 1}" stroke="{colour[t]}"/>' for t in sorted(by_tone)]
        parts += [f'<use xlink:href="#tone-{t + 1}" fill="{colour[t]}"/>' for t in tones]
        parts += [part.replace('id="ink" ', "") for part in _outlines(outlines(result))]
        parts.append("</g>")
    return parts


def _photo(result: PopartResult, width: int, height: int) -> str:
    """The kept background, at the canvas' size as JPEG."""
    small = cv2.resize(result.photo, (width, height), interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode(".jpg", small[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])
    assert done
    text = base64.b64encode(data.tobytes()).decode()
    href = f"data:image/jpeg;base64,{text}"
    return f'<image width="{width}" height="{height}" preserveAspectRatio="none" xlink:href="{href}"/>'
