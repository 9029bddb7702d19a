"""Settings as text, `optimizer=lbfgs,adam` or `content-layer=relu2_1+relu3_1`, and the grid that they span."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from portrait_nst.errors import InputError
from portrait_nst.settings import Settings, base_name, schema
from portrait_nst.settings.field import unknown_setting
from portrait_nst.settings.files import named_file
from portrait_nst.settings.unused import unused_notes

_FIELDS = schema(Settings)
_MOST_RUNS = 10_000


def field_name(name: str) -> str:
    """The field of `Settings` that `name` stands for: with - or _, lists of layers also in the singular.

    Raises InputError, listing the settings there are.
    """
    plain = name.strip().removeprefix("--").replace("-", "_")
    for candidate in (plain, plain + "s"):
        if candidate in _FIELDS:
            return candidate
    raise unknown_setting(name, list(map(option_name, _FIELDS)))


def option_name(field: str) -> str:
    """The name of a field of `Settings` as the command line writes it: `content_layers` is "content-layer"."""
    return _FIELDS[field].option


def parse_value(field: str, text: str) -> Any:
    """`text` as the value of `field`: "default" is its default, "none" and "auto" are None where that is possible.

    Lists, of layers for example, are joined by "+". Raises InputError for a list without entries; everything else that is wrong
    is refused by `Settings`.
    """
    text = text.strip()
    if text.lower() == "default":
        return _FIELDS[field].default
    if _FIELDS[field].optional and text.lower() in ("none", "auto"):
        return None
    return _FIELDS[field].parse(text)


def assignments(flag: str, entries: Sequence[str], form: str) -> Iterator[tuple[str, str]]:
    """(name, value) of each `name=value` that `flag` was given. Raises InputError, which says the `form` that is expected."""
    for entry in entries:
        name, _, value = entry.partition("=")
        if not value.replace(",", "").strip():
            raise InputError(f"{flag} is written {form}; not {entry!r}.")
        yield name.strip(), value.strip()


def parse_vary(entries: Sequence[str]) -> dict[str, list[Any]]:
    """`name=a,b,c` entries as {field: values}, in the order given. Raises InputError."""
    found: dict[str, list[Any]] = {}
    for name, values in assignments("--vary", entries, "name=value,value, as in optimizer=lbfgs,adam"):
        parts = [part for part in values.split(",") if part.strip()]
        found.setdefault(field_name(name), []).extend(parse_value(field_name(name), part) for part in parts)
    return found


def parse_set(entries: Sequence[str], base: Settings | None = None) -> Settings:
    """`base` (by default the defaults) with `name=value` entries applied. Raises InputError."""
    changes = {
        field_name(name): parse_value(field_name(name), value)
        for name, value in assignments("--set", entries, "name=value, as in quality=draft")
    }
    return (base or Settings()).replace(**changes)


@dataclasses.dataclass(frozen=True)
class Point:
    """One point of a grid: its settings, and the values that vary, as text by option."""

    settings: Settings
    varied: dict[str, str]


def expand(vary: Mapping[str, Sequence[Any]], base: Settings) -> list[Point]:
    """All combinations of `vary` over `base`, the last name turning fastest; equal ones once.

    Names as `field_name` takes them; values of the field's type, or text as `parse_value` takes it. Raises InputError.
    """
    axes: dict[str, list[Any]] = {}
    for name, values in vary.items():
        field = field_name(name)
        if isinstance(values, str) or not values:
            raise InputError(f"What varies needs a list of values; {name} has {values!r}.")
        axes[field] = [parse_value(field, value) if isinstance(value, str) else _given(value) for value in values]
    if not axes:
        raise InputError("Nothing varies. Give at least one --vary, as in --vary optimizer=lbfgs,adam.")
    count = 1
    for values in axes.values():
        count *= len(values)
    if count > _MOST_RUNS:
        raise InputError(f"That would be {count} runs; at most {_MOST_RUNS} are possible. Vary less at once.")
    points: dict[str, Point] = {}
    for chosen in itertools.product(*axes.values()):
        settings = base.replace(**dict(zip(axes, chosen)))
        words = {option_name(field): format_value(field, value) for field, value in zip(axes, chosen)}
        points.setdefault(settings.hash(), Point(settings, words))
    return list(points.values())


def unused_in_all(points: Sequence[Point], given: Sequence[str] = ()) -> list[str]:
    """A note for each setting that varies, or is `given`, and has no effect in any of `points`; `given` as for `field_name`."""
    names = {field_name(name) for point in points for name in (*point.varied, *given)}
    notes = [unused_notes(point.settings, names) for point in points]
    return [note for note in notes[0] if all(note in others for others in notes)]


def format_value(field: str, value: Any) -> str:
    """A value of `field` as `parse_value` reads it, but a file by its name alone, because overviews are shown to others."""
    words = _FIELDS[field].write(value)
    return base_name(words) if named_file(_FIELDS[field], value) else words


def _given(value: Any) -> Any:
    as_python = getattr(value, "tolist", None)  # numpy's numbers and arrays
    value = as_python() if callable(as_python) else value
    return tuple(value) if isinstance(value, list) else value
