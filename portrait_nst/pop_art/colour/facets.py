"""Facets (the manner painters call WPAP): several hues a tone, chosen so that neighbours contrast."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from portrait_nst.pop_art.colour import oklab
from portrait_nst.pop_art.colour.contrast import FLOOR
from portrait_nst.pop_art.colour.palettes import Palette
from portrait_nst.pop_art.colour.ramp import ground_of
from portrait_nst.pop_art.partition.geometry import Geometry, is_background
from portrait_nst.pop_art.partition.merge import borders
from portrait_nst.pop_art.result import TRANSPARENT, Cell
from portrait_nst.pop_art.settings import PopartSettings

_CAP = 0.45
_WARM_HUE = np.radians(50.0)
_STARTS = 6
_CLOSE = 6.0


def colour(geometry: Geometry, palette: Palette, settings: PopartSettings, tame: float = 0.0) -> Cell:
    """A swatch for each segment: the border-weighted OKLab distance between neighbours (capped at 0.45) is as large
    as local search finds, warm hues are drawn to the lit side and cool ones to the shade, and neighbours under the
    CIEDE2000 floor cost dearly. `tame` in [0, 1] draws the face to the first swatch of each tone."""
    rows = swatches(palette, geometry.tones)
    ground = ground_of(palette, settings)
    names = [*dict.fromkeys(c for row in rows for c in row), ground]
    choices = [
        [len(names) - 1] if is_background(s) else [names.index(c) for c in rows[s.tone]] for s in geometry.segments
    ]
    shown = [c if c != TRANSPARENT else "#FFFFFF" for c in names]
    labs = np.array([oklab.lab_of(c) for c in shown])
    gain = np.minimum(np.linalg.norm(labs[:, None] - labs[None], axis=2), _CAP)
    close = np.array([[oklab.difference(a, b) < FLOOR for b in shown] for a in shown])
    gain = gain - _CLOSE * close
    if ground == TRANSPARENT:
        gain[-1], gain[:, -1] = 0, 0
    wish = _wishes(geometry, labs, tame, np.array([c in {r[0] for r in rows} for c in names], float))
    return Cell(palette, tuple(names[c] for c in _solve(geometry, choices, gain, wish)))


def swatches(palette: Palette, tones: int) -> tuple[tuple[str, ...], ...]:
    """Several colours of nearly equal lightness a tone: the palette's own, or its hues at each tone's lightness."""
    if len(palette.swatches) == tones:
        return palette.swatches
    hues = [oklab.lch_of(c)[2] for c in (*palette.ramp, palette.ground)]
    rows = []
    for base in palette.ramp:
        light, chroma, _ = oklab.lch_of(base)
        row = [base]
        others = [oklab.hex_of_lch(light, max(chroma, 0.16), h) for h in hues]
        while len(row) < 4 and others:
            others.sort(key=lambda c: -min(oklab.difference(c, r) for r in row))
            if min(oklab.difference(others[0], r) for r in row) < 9:
                break
            row.append(others.pop(0))
        rows.append(tuple(row))
    return tuple(rows)


def _wishes(
    geometry: Geometry, labs: NDArray[np.float64], tame: float, first: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(segments, colours): how gladly a segment takes a colour, a pixel of its border; first: 1 for each row's first."""
    hue = np.arctan2(labs[:, 2], labs[:, 1])
    chroma = np.hypot(labs[:, 1], labs[:, 2])
    warm = np.cos(hue - _WARM_HUE) * np.minimum(chroma / 0.12, 1)
    middles = np.array([s.polygon.representative_point().coords[0] for s in geometry.segments])
    lit = _lit(geometry, middles)
    wish = 0.22 * lit[:, None] * warm[None, :] + 0.6 * np.minimum(chroma, 0.2)[None, :]
    if tame:
        xy = np.clip(middles.astype(int), 0, (geometry.canvas.width - 1, geometry.canvas.height - 1))
        in_face = geometry.canvas.face[xy[:, 1], xy[:, 0]]
        wish = wish + tame * in_face[:, None] * first[None, :]
    return np.asarray(wish)


def _lit(geometry: Geometry, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 on the side that the light comes from, -1 on the other, by the slope of lightness over the face or person."""
    canvas = geometry.canvas
    weight = canvas.face * canvas.person if canvas.found else canvas.person.astype(np.float32)
    y, x = np.nonzero(weight[::4, ::4] > 0.5)
    if len(x) < 10:
        return np.zeros(len(points))
    value = canvas.light[4 * y, 4 * x]
    places = 4.0 * np.stack([x, y], axis=1)
    middle = places.mean(axis=0)
    centred = places - middle
    slope = np.linalg.lstsq(centred, value - value.mean(), rcond=None)[0]
    # Light from straight above would part the face from the chest: sideways light counts most.
    slope = slope * (1.0, 0.35)
    norm = float(np.hypot(*slope))
    direction = slope / norm if norm > 1e-6 else np.array([-1.0, 0.0])
    spread = max(1.0, float(np.std(centred @ direction)))
    return np.tanh(1.2 * ((points - middle) @ direction) / spread)


def _solve(
    geometry: Geometry, choices: list[list[int]], gain: NDArray[np.float64], wish: NDArray[np.float64]
) -> list[int]:
    """Coordinate ascent from several fixed starts; the best is kept."""
    lengths = borders(geometry.net)
    around: list[list[tuple[int, float]]] = [[] for _ in choices]
    for (a, b), length in lengths.items():
        around[a].append((b, length))
        around[b].append((a, length))
    edge = np.array([sum(v for _, v in n) for n in around])
    best, best_value = [c[0] for c in choices], -np.inf
    order = np.argsort(-edge)
    for start in range(_STARTS):
        chosen = [c[(i * start) % len(c)] if start else c[int(wish[i, c].argmax())] for i, c in enumerate(choices)]
        for _ in range(30):
            changed = False
            for i in order:
                if len(choices[i]) < 2:
                    continue
                values = edge[i] * wish[i, choices[i]]
                for j, length in around[i]:
                    values = values + length * gain[choices[i], chosen[j]]
                pick = choices[i][int(values.argmax())]
                if pick != chosen[i] and values.max() > values[choices[i].index(chosen[i])] + 1e-9:
                    chosen[i], changed = pick, True
            if not changed:
                break
        value = sum(length * gain[chosen[a], chosen[b]] for (a, b), length in lengths.items())
        value += sum(edge[i] * wish[i, c] for i, c in enumerate(chosen))
        if value > best_value:
            best, best_value = list(chosen), value
    return best
