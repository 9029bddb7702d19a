"""Palettes by name: ramps of colours from dark to light, each with a ground."""

from __future__ import annotations

import dataclasses
import os
import re
from pathlib import Path

from portrait_nst.errors import InputError
from portrait_nst.pop_art.colour.palette import Palette
from portrait_nst.pop_art.colour.palette_files import from_file, from_list
from portrait_nst.pop_art.colour.palette_fit import between, fitted
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.settings import base_name

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
# Found by search: CIEDE2000 is at least 20 within a row and to the rows beside it, and a row has nearly one lightness.
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

DEFAULTS = {"ramp": "fiesta", "facets": "wpap", "dots": "ink", "grid": "fiesta;electric;marilyn;neon"}
"""The palette of each mode where none is asked for."""
_HOW = "give colours as '#102040,#ff0044,#ffee88', or the path of a file that holds such colours"
_TAME = "fiesta"
"""The ramp in which face detectors found faces most often; the colours of lost faces are drawn towards it."""


def palette(spec: str, tones: int) -> Palette:
    """The palette that `spec` names, brought to `tones` colours that CIEDE2000 holds apart by 20 or more.

    spec: one of `NAMES`, a list "#..,#..[/#ground]", or the path of a file that holds colours; see `palette_files`.

    Raises InputError for anything else.
    """
    found = _named(spec)
    if found is None:
        found = from_list(spec, spec) or from_file(spec)
        if found is None:
            raise InputError(_refusal(spec))
        found = dataclasses.replace(found, asked=found.ramp)
    return fitted(found, tones)


def files_in(palettes: str) -> list[Path]:
    """The files that hold palettes, out of the palettes of a setting, which ";" divides."""
    specs = [spec.strip() for spec in palettes.split(";")]
    named = [Path(spec) for spec in specs if spec and _named(spec) is None and from_list(spec, spec) is None]
    return [path for path in named if os.path.isfile(path)]  # noqa: PTH113 - a list of colours is too long for Path's


def without_folders(palettes: str) -> str:
    """The palettes of a setting, those in files by the names of the files alone: what may be told of them."""
    files = set(map(str, files_in(palettes)))
    return ";".join(base_name(spec) if str(Path(spec.strip())) in files else spec for spec in palettes.split(";"))


def _refusal(spec: str) -> str:
    """The message that says why a text is no palette, and what would be one."""
    if spec.lstrip().startswith("#"):
        wrong = [w for w in re.split(r"[\s,/]+", spec.strip()) if not re.fullmatch("#[0-9a-fA-F]{6}", w)]
        return f"{wrong[0] if wrong else spec!r} in --palette is no colour; expected # and six digits 0-9, a-f: {_HOW}."
    return f"There is no palette {spec!r}. Name one of {', '.join(NAMES)}, {_HOW}."


def _named(spec: str) -> Palette | None:
    """The palette of a name, as it was designed."""
    if spec in ("wpap", "ink"):
        return _WPAP if spec == "wpap" else _INK
    return from_list(_RAMPS[spec], spec) if spec in _RAMPS else None


def tamed(found: Palette, amount: float) -> Palette:
    """The palette with its ramp drawn towards that of `_TAME` by an amount in [0, 1]; the ground stays.

    Colours move in OKLCH, where hues turn and chroma is kept: the straight way through OKLab crosses grey, and faces
    are found no more often.
    """
    if amount <= 0:
        return found
    safe = palette(_TAME, len(found.ramp))
    mixed = tuple(between(a, b, amount) for a, b in zip(found.ramp, safe.ramp))
    return fitted(dataclasses.replace(found, ramp=mixed, swatches=()), len(mixed))


def for_mode(settings: PopartSettings, given: Palette | None) -> list[Palette]:
    """The palette of each colouring: one, or in mode "grid" as many as the grid has places.

    given: a palette that takes the place of those that the settings name. A grid with one palette is filled with named ones.
    """
    if given is not None and settings.mode != "grid":
        return [given]
    specs = (settings.palette or DEFAULTS[settings.mode]).split(";")
    found = [palette(s.strip(), settings.tones) for s in specs if s.strip()]
    if settings.mode != "grid":
        return found[:1]
    if given is not None:
        found = [given]
    count = settings.grid[0] * settings.grid[1]
    if not (settings.palette and len(specs) > 1):
        known = {p.name for p in found} | {"wpap", "ink", "teal"}
        fillers = [name for name in NAMES if name not in known]
        found += [palette(name, settings.tones) for name in fillers[: max(0, count - len(found))]]
    return [found[i % len(found)] for i in range(count)]
