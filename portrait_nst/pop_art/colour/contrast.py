"""A floor under the contrast of a palette: colours that may be neighbours have a CIEDE2000 difference of 20 or more."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np

from portrait_nst.pop_art.colour import oklab

FLOOR = 20.0
"""The least CIEDE2000 difference between neighbours."""
_AIM = FLOOR + 0.3


def keep_apart(ramp: tuple[str, ...], ground: str) -> tuple[tuple[str, ...], str]:
    """The ramp and the ground, moved so far that all pairs differ by `FLOOR` and lightness rises along the ramp.

    Colours that fulfil this are returned as they are. Otherwise lightness is spread evenly as far as is needed, and then
    the closest pair is moved apart step by step.
    """
    if _rising(ramp) and oklab.closest((*ramp, ground)) >= FLOOR:
        return ramp, ground
    n = len(ramp)
    given = [oklab.lch_of(c) for c in ramp]
    best: tuple[float, tuple[str, ...], str] | None = None
    for share in np.linspace(0, 1, 6):
        low, high = min(given[0][0], 0.32), max(given[-1][0], 0.93)
        even = np.linspace(low, high, n)
        lights = [(1 - share) * c[0] + share * e for c, e in zip(given, even)]
        lights = list(np.maximum.accumulate([v + 1e-3 * i for i, v in enumerate(lights)]))
        chromas = [max(c[1], share * 0.12) for c in given]
        # Greys of one lightness have no hue to turn, so they get hues that are spread around the circle.
        hues = [c[2] + share * (0.0 if c[1] > 0.04 else 2 * np.pi * i / n) for i, c in enumerate(given)]
        colours = [oklab.hex_of_lch(*v) for v in zip(lights, chromas, hues)]
        found, back = _push(colours, ground)
        score = oklab.closest((*found, back))
        if best is None or score > best[0]:
            best = score, found, back
        if score >= FLOOR:
            break
    assert best is not None
    return best[1], best[2]


def _rising(ramp: tuple[str, ...]) -> bool:
    """Whether lightness rises along a ramp."""
    lights = [oklab.lab_of(c)[0] for c in ramp]
    return all(b > a for a, b in pairwise(lights))


def _push(colours: list[str], ground: str) -> tuple[tuple[str, ...], str]:
    """The colours and the ground after one of the closest pair was moved in OKLCH, again and again, while that helps."""
    current = [*colours, ground]
    last = len(current) - 1

    def score(candidate: list[str], i: int) -> float:
        return min(oklab.difference(candidate[i], c) for j, c in enumerate(candidate) if j != i)

    for _ in range(40):
        pairs = [(oklab.difference(a, b), i, j) for i, a in enumerate(current) for j, b in enumerate(current[:i])]
        closest, i, j = min(pairs)
        if closest >= _AIM:
            break
        options = []
        for which, dl, dc, dh in product((i, j), (-0.05, 0.0, 0.05), (-0.04, 0.0, 0.05), (-0.35, 0.0, 0.35)):
            light, chroma, hue = oklab.lch_of(current[which])
            if not min(0.15, light) <= light + dl <= 0.985:
                continue
            trial = list(current)
            trial[which] = oklab.hex_of_lch(light + dl, chroma + dc, hue + dh)
            if _rising(tuple(trial[:last])):
                cost = abs(dl) + abs(dc) + 0.1 * abs(dh)
                options.append((min(score(trial, which), _AIM) - 2 * cost, trial))
        if not options:
            break
        gain, trial = max(options, key=lambda o: o[0])
        if gain <= closest - 2 * 0.14:
            break
        current = trial
    return tuple(current[:last]), current[last]
