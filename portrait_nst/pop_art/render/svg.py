"""The picture as SVG: a path for each segment, grouped by tone, with ids and titles, and no hairlines."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable
from itertools import groupby

import cv2
import numpy as np
import shapely

from portrait_nst.pop_art.colour import dots
from portrait_nst.pop_art.colour.colouring import Colouring
from portrait_nst.pop_art.composition import Composition
from portrait_nst.pop_art.partition.regions import BACKGROUND
from portrait_nst.pop_art.partition.topology import Points
from portrait_nst.pop_art.render import shapes


def document(composition: Composition) -> str:
    """The whole SVG text."""
    width, height = shapes.page_size(composition)
    pixels = composition.size
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{pixels[0]}" height="{pixels[1]}" viewBox="0 0 {width} {height}" preserveAspectRatio="none">'
    )
    parts = [head, "<title>Pop-art portrait</title>"]
    if composition.settings.background == "keep":
        parts.append(_photo(composition))
    if len(composition.colourings) == 1:
        colouring = composition.colourings[0]
        drawn = shapes.filled_shapes(composition, colouring)
        parts += _lines("underlay", shapes.underlay(composition, colouring))
        parts += _groups(drawn)
        parts += _dots(composition, colouring, [s for s in drawn if s.dotted])
        parts += _lines("ink", shapes.outlines(composition))
    else:
        parts += _grid(composition)
    return "\n".join([*parts, "</svg>\n"])


def _number(value: float) -> str:
    """A number with at most one decimal, and none where it is whole."""
    return f"{value:.1f}".removesuffix(".0")


def path_data(points: Points, closed: bool) -> str:
    """Path data through points: the first is absolute, the rest relative, in whole or tenth units."""
    exact = np.round(points, 1)
    steps = np.round(np.diff(exact, axis=0), 1)
    text = f"M{_number(exact[0, 0])} {_number(exact[0, 1])}l"
    text += " ".join(f"{_number(x)} {_number(y)}" for x, y in steps.tolist())
    return text.replace(" -", "-") + ("z" if closed else "")


def _rings(shape: shapes.Shape) -> str:
    """Path data around a shape and its holes."""
    return "".join(path_data(ring, closed=True) for ring in shape.rings)


def _groups(drawn: Iterable[shapes.Shape]) -> list[str]:
    """The segments, with a group for each tone."""
    parts = []
    for tone, group in groupby(drawn, key=lambda s: s.tone):
        name, label = ("background",) * 2 if tone == BACKGROUND else (f"tone-{tone + 1}", f"tone {tone + 1}")
        parts.append(f'<g id="{name}" fill-rule="evenodd">')
        for s in group:
            parts.append(
                f'<path id="s{s.number + 1}" fill="{s.fill}" d="{_rings(s)}">'
                f"<title>{s.number + 1}: {label}, {s.colour}</title></path>"
            )
        parts.append("</g>")
    return parts


def _lines(name: str, lines: list[shapes.Line]) -> list[str]:
    """A group of lines, with one path for all of a colour and width."""
    if not lines:
        return []
    parts = [f'<g id="{name}" fill="none" stroke-linejoin="round" stroke-linecap="round">']

    def appearance(line: shapes.Line) -> tuple[str, float]:
        return line.colour, line.width

    for (colour, width), group in groupby(sorted(lines, key=appearance), key=appearance):
        data = "".join(path_data(line.points, closed=False) for line in group)
        parts.append(f'<path stroke="{colour}" stroke-width="{_number(width)}" d="{data}"/>')
    return [*parts, "</g>"]


def _dots(composition: Composition, colouring: Colouring, dotted: list[shapes.Shape]) -> list[str]:
    """The dots as one path of points with round ends, clipped to the segments that are printed as dots.

    A pattern would be shorter, but renderers disagree about turned patterns.
    """
    if not dotted or colouring.screen is None:
        return []
    frame = composition.partition.frame
    radius = colouring.screen.radius * frame.unit
    centres = dots.centres(frame.width, frame.height, frame.unit, colouring.screen.radius)
    polygons = shapely.unary_union([composition.partition.segments[s.number].polygon for s in dotted])
    reach = shapely.buffer(polygons, radius)
    shapely.prepare(reach)
    centres = np.round(centres[shapely.contains_xy(reach, centres[:, 0], centres[:, 1])], 1)
    steps = np.round(np.diff(centres, axis=0, prepend=np.zeros((1, 2))), 1).tolist()
    data = "".join(f"m{_number(x)} {_number(y)}h0" for x, y in steps).replace(" -", "-")
    return [
        f'<clipPath id="dotted"><path clip-rule="evenodd" d="{"".join(_rings(s) for s in dotted)}"/></clipPath>',
        f'<g id="dots" clip-path="url(#dotted)" fill="none" stroke="{dotted[0].colour}" stroke-linecap="round">'
        f'<path stroke-width="{2 * radius:.4g}" d="{data}"/></g>',
    ]


def _grid(composition: Composition) -> list[str]:
    """One partition in several colourings: paths are written once, and used with a fill for each colouring."""
    drawn = shapes.filled_shapes(composition, composition.colourings[0])
    frame, segments = composition.partition.frame, composition.partition.segments
    tones = sorted({s.tone for s in drawn})
    under = _under(composition, tones)
    parts = ["<defs>", f'<clipPath id="frame"><path d="M0 0h{frame.width}v{frame.height}h{-frame.width}z"/></clipPath>']
    for tone in tones:
        group = "".join(f'<path d="{_rings(s)}"/>' for s in drawn if s.tone == tone)
        parts.append(f'<g id="tone-{tone + 1}" fill-rule="evenodd">{group}</g>')
    parts += [
        f'<path id="under-{tone + 1}" fill="none" stroke-width="{shapes.UNDERLAY}" stroke-linejoin="round" d="{data}"/>'
        for tone, data in under.items()
    ]
    parts.append("</defs>")
    outlines = [part.replace('id="ink" ', "") for part in _lines("ink", shapes.outlines(composition))]  # ids are unique
    for i, (colouring, x, y) in enumerate(shapes.placed(composition)):
        colour = {segments[s.number].tone: colouring.colours[s.number] for s in drawn}
        parts.append(f'<g id="cell-{i + 1}" transform="translate({x} {y})" clip-path="url(#frame)">')
        parts.append(f"<title>{_text(colouring.palette.name)}</title>")
        parts += [f'<use xlink:href="#under-{t + 1}" stroke="{colour[t]}"/>' for t in under]
        parts += [f'<use xlink:href="#tone-{t + 1}" fill="{colour[t]}"/>' for t in tones]
        parts += [*outlines, "</g>"]
    return parts


def _under(composition: Composition, tones: list[int]) -> dict[int, str]:
    """Path data of the borders between some tones, by the tone that is painted first."""
    topology, segments = composition.partition.topology, composition.partition.segments
    data: dict[int, list[str]] = {}
    for arc, side in zip(topology.arcs, topology.sides):
        if min(side) >= 0 and {segments[i].tone for i in side} <= set(tones):
            data.setdefault(segments[min(side)].tone, []).append(path_data(topology.xy[arc], closed=False))
    return {tone: "".join(data[tone]) for tone in sorted(data)}


def _photo(composition: Composition) -> str:
    """The kept background as JPEG."""
    width, height = shapes.page_size(composition)
    done, data = cv2.imencode(".jpg", shapes.kept_photo(composition)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])
    assert done
    text = base64.b64encode(data.tobytes()).decode()
    href = f"data:image/jpeg;base64,{text}"
    return f'<image width="{width}" height="{height}" preserveAspectRatio="none" xlink:href="{href}"/>'


def _text(name: str) -> str:
    """A name as XML holds it: escapes stand for what is no letter, since it may be that of a file."""
    return html.escape("".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name))
