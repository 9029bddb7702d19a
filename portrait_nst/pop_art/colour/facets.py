"""Facets, in the manner that painters call WPAP: several hues for each tone, chosen so that neighbours contrast."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from portrait_nst.pop_art.colour import oklab
from portrait_nst.pop_art.colour.colouring import TRANSPARENT, Colouring
from portrait_nst.pop_art.colour.contrast import FLOOR
from portrait_nst.pop_art.colour.palette import Palette
from portrait_nst.pop_art.colour.ramp import ground_of
from portrait_nst.pop_art.partition.merge import borders
from portrait_nst.pop_art.partition.segments import Partition, is_background

_CAP = 0.45
_WARM_HUE = np.radians(50.0)
_STARTS = 6
_CLOSE = 6.0


def by_facet(partition: Partition, palette: Palette, background: str, tame: float = 0.0) -> Colouring:
    """A swatch for each segment, by local search.

    The border-weighted OKLab distance between neighbours, capped at 0.45, is to be large; warm hues are drawn to the
    lit side and cool ones to the shade; neighbours that differ by less than `FLOOR` cost dearly.

    background: the setting. tame: in [0, 1], how much the face is drawn to the first swatch of each tone.
    """
    rows = swatches(palette, partition.tone_count)
    ground = ground_of(palette, background)
    names = [*dict.fromkeys(c for row in rows for c in row), ground]
    choices = [
        [len(names) - 1] if is_background(s) else [names.index(c) for c in rows[s.tone]] for s in partition.segments
    ]
    shown = [c if c != TRANSPARENT else "#FFFFFF" for c in names]
    labs = np.array([oklab.lab_of(c) for c in shown])
    gain = np.minimum(np.linalg.norm(labs[:, None] - labs[None], axis=2), _CAP)
    close = np.array([[oklab.difference(a, b) < FLOOR for b in shown] for a in shown])
    gain = gain - _CLOSE * close
    if ground == TRANSPARENT:
        gain[-1], gain[:, -1] = 0, 0
    wish = _wishes(partition, labs, tame, np.array([c in {r[0] for r in rows} for c in names], float))
    return Colouring(palette, tuple(names[c] for c in _solve(partition, choices, gain, wish)))


def swatches(palette: Palette, tones: int) -> tuple[tuple[str, ...], ...]:
    """Several colours of nearly equal lightness for each tone: the palette's own, or its hues at the tone's lightness."""
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
    partition: Partition, labs: NDArray[np.float64], tame: float, first: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(segments, colours): what a segment gains by a colour, for each pixel of its border.

    labs: (colours, 3) OKLab; first: (colours,) 1 for the first swatch of a tone, else 0.
    """
    hue = np.arctan2(labs[:, 2], labs[:, 1])
    chroma = np.hypot(labs[:, 1], labs[:, 2])
    warm = np.cos(hue - _WARM_HUE) * np.minimum(chroma / 0.12, 1)
    middles = np.array([s.polygon.representative_point().coords[0] for s in partition.segments])
    lit = _lit(partition, middles)
    wish = 0.22 * lit[:, None] * warm[None, :] + 0.6 * np.minimum(chroma, 0.2)[None, :]
    if tame:
        xy = np.clip(middles.astype(int), 0, (partition.frame.width - 1, partition.frame.height - 1))
        in_face = partition.frame.face[xy[:, 1], xy[:, 0]]
        wish = wish + tame * in_face[:, None] * first[None, :]
    return np.asarray(wish)


def _lit(partition: Partition, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much points are on the lit side, from -1 to 1, by the slope of lightness over the face or the person."""
    frame = partition.frame
    weight = frame.face * frame.person if frame.has_face else frame.person.astype(np.float32)
    y, x = np.nonzero(weight[::4, ::4] > 0.5)
    if len(x) < 10:
        return np.zeros(len(points))
    value = frame.light[4 * y, 4 * x]
    places = 4.0 * np.stack([x, y], axis=1)
    middle = places.mean(axis=0)
    centred = places - middle
    slope = np.linalg.lstsq(centred, value - value.mean(), rcond=None)[0]
    # Light from straight above would divide the face from the chest, so light from the side counts most.
    slope = slope * (1.0, 0.35)
    norm = float(np.hypot(*slope))
    direction = slope / norm if norm > 1e-6 else np.array([-1.0, 0.0])
    spread = max(1.0, float(np.std(centred @ direction)))
    return np.asarray(np.tanh(1.2 * ((points - middle) @ direction) / spread))


def _solve(
    partition: Partition, choices: list[list[int]], gain: NDArray[np.float64], wish: NDArray[np.float64]
) -> list[int]:
    """The number of each segment's colour, by coordinate ascent from several fixed starts.

    choices: the colours that each segment may take; gain: (colours, colours) of neighbours; wish: see `_wishes`.
    """
    lengths = borders(partition.topology)
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
