"""Palettes: ramps of colours from dark to light with a ground, by name, from a file or from a list."""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from portrait_nst.errors import InputError
from portrait_nst.pop_art.colour import oklab
from portrait_nst.pop_art.colour.contrast import keep_apart


@dataclass(frozen=True)
class Palette:
    """Colours as "#RRGGBB".

    ramp:     one colour a tone, dark to light.
    ground:   the background's.
    swatches: for facets, several colours of nearly equal lightness a tone; () to make them from the ramp's hues.
    asked:    the colours of a list or a file as they were given; () for a palette that has none of the user's.
    """

    name: str
    ramp: tuple[str, ...]
    ground: str
    swatches: tuple[tuple[str, ...], ...] = ()
    asked: tuple[str, ...] = ()


_RAMPS = {
    "fiesta": "#2B0070 #C4128F #FF6B2C #FFC65C #EAFF70 / #00A8E0",
    "electric": "#35006E #0A6CFF #00B89B #FF8A3D #FFF25E / #FF2E63",
    "teal": "#0A1045 #0057D9 #00B3A4 #FF8C42 #FFF275 / #FF2E63",
    "primary": "#0B0B0B #0B3FA8 #E3170A #FFA07A #FFF34A / #00A6D6",
    "marilyn": "#1B0B3B #C2185B #FF5A36 #FFB3A7 #FFF04D / #19C2C9",
    "neon": "#14003D #5B00C9 #FF1493 #FF9E00 #F8FF33 / #00D1C1",
    "riviera": "#2B0070 #E0218A #FF6B2C #38D6F5 #FFF36B / #00A676",
    "jungle": "#2A0A6B #008A5E #F0502A #FFC21A #F4FFB0 / #FF4FA0",
    "cherry": "#4A0048 #D4002A #FF5AA0 #6FE3FF #FFF3A0 / #2447F9",
    "ocean": "#1E0A78 #9A1FD1 #0098D8 #52ECB8 #FFF58A / #FF5C39",
    "sunset": "#38007A #C4128F #FF5136 #FFB01F #FFF7A0 / #00B4D8",
}
# Found by search: within a row and to the rows beside it CIEDE2000 is at least 20, lightness nearly equal a row.
_WPAP = Palette(
    "wpap",
    ("#580069", "#B10063", "#F15600", "#F79F00", "#FFF0A8"),
    "#FFD400",
    (
        ("#580069", "#5F0019", "#00264B", "#003205"),
        ("#B10063", "#B90011", "#0053DB", "#3C6C00"),
        ("#F15600", "#A900D4", "#008AFE", "#00A424"),
        ("#F79F00", "#FF529B", "#B976FF", "#00D1FF"),
        ("#FFE140", "#FFBFA1", "#04F6C3", "#FFB1F4"),
    ),
)
_INK = Palette("ink", ("#0B0B0B", "#0A3FA8", "#E3170A", "#FFE0CC", "#FFFAEC"), "#FFD500")
NAMES = (*_RAMPS, "wpap", "ink")
"""The named palettes."""

GROUNDS = ("#FF2E63", "#00A6D6", "#FFC800", "#00B894", "#8A2BE2", "#FF7A1A")
"""Backgrounds to choose from for a palette that has none."""

DEFAULTS = {"ramp": "fiesta", "facets": "wpap", "dots": "ink", "grid": "fiesta;electric;marilyn;neon"}
"""The palette of each mode where none is asked for."""
HOW = "give colours as '#102040,#ff0044,#ffee88', or the path of a file that holds such colours"
TAME = "fiesta"
"""The ramp in which face detectors see faces best of all that were tried; lost faces are drawn towards it."""


def palette(spec: str, tones: int) -> Palette:
    """The palette that `spec` names, brought to `tones` colours that CIEDE2000 holds apart by 20 or more.

    spec: a name of `NAMES`, "#..,#..[/#ground]", or the path of a file that holds such colours (.gpl, .hex, .json,
    .txt, .css: every "#rrggbb" in it, or a row of three numbers each). Raises InputError for anything else.
    """
    found = _named(spec)
    if found is None:
        found = _listed(spec, spec) or _filed(spec)
        if found is None:
            raise InputError(_refusal(spec))
        found = dataclasses.replace(found, asked=found.ramp)
    return fitted(found, tones)


def _refusal(spec: str) -> str:
    """Why a text is no palette, and what would be one."""
    if spec.lstrip().startswith("#"):
        wrong = [w for w in re.split(r"[\s,/]+", spec.strip()) if not re.fullmatch("#[0-9a-fA-F]{6}", w)]
        return f"{wrong[0] if wrong else spec!r} in --palette is no colour; expected # and six digits 0-9, a-f: {HOW}."
    return f"There is no palette {spec!r}. Name one of {', '.join(NAMES)}, {HOW}."


def fitted(found: Palette, tones: int) -> Palette:
    """The palette with `tones` colours, held apart."""
    if len(found.swatches) == tones:
        return found
    ramp, ground = keep_apart(resampled(found.ramp, tones), found.ground)
    return dataclasses.replace(found, ramp=ramp, ground=ground, swatches=())


def changes(found: Palette, tones: int) -> str:
    """What became of the user's own colours in a palette of `tones`, as a note; "" where they are all in it."""
    count = len(found.asked)
    lost = [c for c in found.asked if c not in found.ramp]
    if count > tones:
        return f"{tones} tones of the palette's {count} colours were taken" + (
            f"; tones {count} takes all" if count <= 8 else ""
        )
    if lost:
        return f"moved to keep all colours apart: {', '.join(lost)} of the palette"
    if count and count < tones:
        return f"the palette's {count} colours were made {tones} by blending" + (
            f"; tones {count} takes them alone" if count >= 3 else ""
        )
    return ""


def tamed(found: Palette, amount: float) -> Palette:
    """The palette's ramp drawn towards that of `TAME`, by an amount in [0, 1]; the ground stays.

    Hues turn and chroma is kept (OKLCH): the straight way through OKLab crosses grey, and finds faces no more often.
    """
    if amount <= 0:
        return found
    safe = palette(TAME, len(found.ramp))
    mixed = tuple(_between(a, b, amount) for a, b in zip(found.ramp, safe.ramp))
    return fitted(dataclasses.replace(found, ramp=mixed, swatches=()), len(mixed))


def resampled(ramp: tuple[str, ...], tones: int) -> tuple[str, ...]:
    """Another number of colours along the same ramp: some of its own for fewer, blends in the widest gaps for more."""
    if len(ramp) > tones:
        return tuple(ramp[round(float(i))] for i in np.linspace(0, len(ramp) - 1, tones))
    result = list(ramp)
    while len(result) < tones:
        gaps = [oklab.difference(a, b) for a, b in pairwise(result)]
        widest = int(np.argmax(gaps))
        result.insert(widest + 1, _between(result[widest], result[widest + 1], 0.5))
    return tuple(result)


def _between(one: str, other: str, share: float) -> str:
    """A colour on the way from one to another in OKLCH, hues the shorter way round."""
    a, b = oklab.lch_of(one), oklab.lch_of(other)
    turn = (b[2] - a[2] + np.pi) % (2 * np.pi) - np.pi
    light, chroma = (a[k] + share * (b[k] - a[k]) for k in range(2))
    return oklab.hex_of_lch(light, chroma, a[2] + share * turn)


def _named(spec: str) -> Palette | None:
    if spec == "wpap":
        return _WPAP
    if spec == "ink":
        return _INK
    return _listed(_RAMPS[spec], spec) if spec in _RAMPS else None


def _listed(text: str, name: str) -> Palette | None:
    """Colours of a list, by lightness; one after "/" is the ground."""
    if not re.fullmatch(r"\s*(#[0-9a-fA-F]{6}[\s,/]*)+", text):
        return None
    colours, _, ground = text.upper().partition("/")
    return of_colours(re.findall(r"#[0-9A-F]{6}", colours), re.findall(r"#[0-9A-F]{6}", ground), name)


def _filed(spec: str) -> Palette | None:
    path = Path(spec)
    try:
        if not path.is_file():
            return None
        text = path.read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError) as error:
        raise InputError(f"The palette file {spec} cannot be read: {error}.") from error
    colours = [c.upper() for c in re.findall(r"#[0-9a-fA-F]{6}\b", text)]
    if not colours:
        colours = ["#" + c.upper() for c in re.findall(r"^\s*([0-9a-fA-F]{6})\s*$", text, re.MULTILINE)]
    if not colours:
        rows = re.findall(r"^\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\b", text, re.MULTILINE)
        colours = [oklab.hex_of((int(r), int(g), int(b))) for r, g, b in rows if max(int(r), int(g), int(b)) < 256]
    if path.suffix == ".json":
        try:
            stated = json.loads(text)
        except ValueError as error:
            raise InputError(f"The palette file {spec} is not JSON: {error}.") from error
        ground = stated.get("ground") if isinstance(stated, dict) else None
        if isinstance(ground, str) and ground.upper() in colours:
            colours.remove(ground.upper())
            return of_colours(colours, [ground.upper()], path.stem)
    if not colours:
        raise InputError(f"The file {spec} holds no colours; write them as #rrggbb, one a line, dark to light.")
    return of_colours(colours, [], path.stem)


def of_colours(colours: list[str], ground: list[str], name: str) -> Palette:
    """A palette of the colours in order of lightness; without a ground the one most unlike them is taken."""
    ramp = tuple(sorted(dict.fromkeys(colours), key=lambda c: oklab.lab_of(c)[0]))
    if len(ramp) < 2:
        raise InputError(f"The palette {name!r} has {len(ramp)} colour; it needs at least two, dark and light.")
    return Palette(name, ramp, most_unlike(ramp, tuple(ground) or GROUNDS))


def most_unlike(ramp: tuple[str, ...], grounds: tuple[str, ...] = GROUNDS) -> str:
    """The one of some grounds that is farthest from every colour of a ramp."""
    return max(grounds, key=lambda g: min(oklab.difference(g, c) for c in ramp))
