"""The style columns of a row (style, blend, labels, region_style), and what the manifest keeps of a style."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Mapping
from typing import Any

from portrait_nst.batch import storage
from portrait_nst.batch.storage import Location
from portrait_nst.errors import InputError
from portrait_nst.style_spec import StyleSpec, Weighted, parse_regions, parse_weighted

NAMES = ("blend", "labels", "region_style")
ELSEWHERE = ("movement", "library", "pick", "paintings")
_BETWEEN = ";"  # entries in a CSV; + may be in a file's name


def styles_of_row(values: Mapping[str, Any], base: Location, defaults: Iterable[Location]) -> list[StyleSpec]:
    """The styles that a row is painted in: usually one, or each of `defaults` where the row names none itself.

    values: the row's entries; base: the folder of its file, where its relative paths begin. Raises InputError.
    """
    blend = [_picture(*parse_weighted(entry), base) for entry in _entries(values, "blend")]
    labels = _entries(values, "labels")
    regions = parse_regions(_entries(values, "region_style"))
    if len(labels) > 1 or bool(labels) != bool(regions):
        raise InputError("labels and region_style go together: a label map, and the style of each label.")
    if labels and (blend or "style" in values or "mask" in values):
        raise InputError("with labels every style is given by region_style; leave style, blend and mask out.")
    if labels:
        pictures = tuple((label, *_picture(name, weight, base)) for label, name, weight in regions)
        return [StyleSpec(labels=str(storage.join(base, labels[0])), regions=pictures)]
    given = [storage.resolve_style(base, text_of(values, "style"))] if "style" in values else list(defaults)
    if not given:
        raise InputError("the style is missing.")
    return [StyleSpec(((str(style), 1.0), *blend)) for style in given]


def as_stored(style: StyleSpec | None) -> dict[str, Any] | None:
    """What the manifest keeps of a style beyond its main picture, which has a column; None where there is no more."""
    if style is None or style.is_single:
        return None
    return {"blend": style.blend[1:], "labels": style.labels, "regions": style.regions}


def from_stored(main: Location | None, stored: Mapping[str, Any] | None) -> StyleSpec | None:
    """The style of a row of the manifest: of its column `main`, and of what `as_stored` gave."""
    if main is None and stored is None:
        return None
    more = stored or {"blend": [], "labels": "", "regions": []}
    first = () if main is None else ((str(main), 1.0),)
    blend = tuple((name, weight) for name, weight in more["blend"])
    return StyleSpec((*first, *blend), more["labels"], tuple((label, name, w) for label, name, w in more["regions"]))


def refuse(name: str) -> None:
    """Raise InputError for an option of `portrait-nst stylize` that a row cannot have."""
    if name.replace("-", "_") in ELSEWHERE:
        raise InputError(
            f"{name} is not for rows. Give the paintings as style and blend, or paint single photos by "
            "`portrait-nst stylize --movement`."
        )


def can_name(text: str) -> bool:
    """Whether a file can have this name; lone surrogates from JSON escapes and NUL cannot be in one."""
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def text_of(values: Mapping[str, Any], name: str) -> str:
    """The row's entry `name`, a file's name. Raises InputError where it cannot be one."""
    if not isinstance(values[name], str) or not can_name(values[name]):
        raise InputError(f"{name} must be the name of a file, not {values[name]!r}.")
    return str(values[name])


def _entries(values: Mapping[str, Any], name: str) -> list[str]:
    """A column as a list of texts. JSON gives a list, or an object whose entries become "label=file"; CSV divides by ";"."""
    given = values.get(name, [])
    if isinstance(given, str):
        given = given.split(_BETWEEN) if name != "labels" else [given]
    if isinstance(given, Mapping):
        given = list(itertools.starmap("{}={}".format, given.items()))
    if not isinstance(given, list) or not all(isinstance(entry, str) and can_name(entry) for entry in given):
        raise InputError(f"{name} must name files, not {given!r}.")
    return [entry.strip() for entry in given if entry.strip()]


def _picture(name: str, weight: float, base: Location) -> Weighted:
    if not 0 < weight < 1e6:
        raise InputError(f"a style's weight must be a number over 0, not {weight:g}.")
    return str(storage.resolve_style(base, name)), weight
