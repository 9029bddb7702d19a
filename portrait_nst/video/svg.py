"""Pop art that moves as one SVG: each drawing is shown for its time, in a loop, by SMIL and without scripts.

A segment that is the same in several drawings is written once. Segments are grouped by the times at which they show, and a group
has one animation of `display`; what shows all the time has none. Programs that know no SMIL show the first drawing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from portrait_nst.errors import InputError
from portrait_nst.imaging.atomic import write_atomic
from portrait_nst.pop_art.composition import Composition
from portrait_nst.pop_art.render import shapes
from portrait_nst.pop_art.render.svg import path_data

SEAMS = 'stroke-width="0.8" vector-effect="non-scaling-stroke"'
"""A line in its own colour around each segment, in pixels of the screen at any scale, so that no hairlines show between two."""


class AnimatedSvg:
    """Collects drawings, then writes them."""

    def __init__(self) -> None:
        self._seconds: list[float] = []
        self._shown: dict[
            tuple[str, str, float], list[int]
        ] = {}  # numbers of drawings by (colour, path data, width of a line or 0)
        self._page: tuple[int, int] | None = None
        self._pixels = (0, 0)
        self._last: Composition | None = None

    def add(self, drawing: Composition | None, seconds: float) -> None:
        """The next drawing, which is shown for `seconds`, or None for nothing; the same one again goes on.

        Raises InputError for a kept background, which is no drawing, and for dots and grids.
        """
        if drawing is None:
            self._seconds.append(seconds)
            self._last = None
            return
        if drawing.settings.background == "keep" or drawing.settings.mode in ("dots", "grid"):
            raise InputError(
                "An animated SVG holds drawings only: give --background colour, transparent or '#rrggbb', and no dots or grid."
            )
        if drawing is self._last:
            self._seconds[-1] += seconds
            return
        page = shapes.page_size(drawing)
        if self._page is None:
            self._page, self._pixels = page, drawing.size
        scale = self._page[0] / page[0], self._page[1] / page[1]
        number = len(self._seconds)
        for shape in shapes.filled_shapes(drawing, drawing.colourings[0]):
            data = "".join(path_data(ring * scale, closed=True) for ring in shape.rings)
            self._shown.setdefault((shape.fill, data, 0.0), []).append(number)
        for line in shapes.outlines(drawing):
            self._shown.setdefault((line.colour, path_data(line.points * scale, closed=False), line.width), []).append(
                number
            )
        self._seconds.append(seconds)
        self._last = drawing

    def text(self) -> str:
        """The whole SVG. Raises InputError where nothing was added."""
        if self._page is None:
            raise InputError("There is nobody in this clip to draw, so there is no SVG to write.")
        (width, height), total = self._page, sum(self._seconds)
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self._pixels[0]}" height="{self._pixels[1]}" '
            f'viewBox="0 0 {width} {height}" preserveAspectRatio="none">',
            "<title>Pop-art portrait</title>",
            '<g fill-rule="evenodd" stroke-linejoin="round">',
        ]
        for lines in (False, True):
            groups: dict[tuple[int, ...], dict[tuple[str, float], list[str]]] = {}
            for (fill, data, seam), numbers in self._shown.items():
                if (seam > 0) == lines:
                    groups.setdefault(tuple(numbers), {}).setdefault((fill, seam), []).append(data)
            for times, colours in groups.items():
                parts += [f'<g display="{"inline" if times[0] == 0 else "none"}">', self._animation(times, total)]
                for (colour, seam), found in colours.items():
                    look = f'fill="none" stroke-width="{seam:g}"' if lines else f'fill="{colour}" {SEAMS}'
                    parts.append(f'<path stroke="{colour}" {look} d="{"".join(found)}"/>')
                parts.append("</g>")
        return "\n".join([*filter(None, parts), "</g>", "</svg>\n"])

    def save(self, path: Path, *, overwrite: bool = False) -> Path:
        """Write the file, whole or not at all."""
        write_atomic(path, self.text().encode(), overwrite=overwrite)
        return path

    def _animation(self, numbers: Sequence[int], total: float) -> str:
        """The animation of what is shown in the drawings of these numbers; "" for what always is."""
        if len(numbers) == len(self._seconds):
            return ""
        starts = [sum(self._seconds[:i]) / total for i in range(len(self._seconds))]
        shown = [number in set(numbers) for number in range(len(self._seconds))]
        changes = [i for i in range(len(shown)) if i == 0 or shown[i] != shown[i - 1]]
        values = ";".join("inline" if shown[i] else "none" for i in changes)
        times = ";".join(f"{starts[i]:.5g}" for i in changes)
        return (
            f'<animate attributeName="display" values="{values}" keyTimes="{times}" dur="{total:.6g}s" calcMode="discrete" '
            'repeatCount="indefinite"/>'
        )
