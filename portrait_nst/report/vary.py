"""Settings in a user's words: `optimizer=lbfgs,adam`, `content-layer=relu2_1+relu3_1`, and the grid that they span."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_origin, get_type_hints

from portrait_nst.errors import InputError
from portrait_nst.settings import Settings

_FIELDS = {field.name: field for field in dataclasses.fields(Settings)}
_MOST_RUNS = 10_000


def field_name(name: str) -> str:
    """The field of `Settings` that `name` stands for: with - or _, lists of layers also in the singular.

    Raises InputError, listing the settings there are.
    """
    plain = name.strip().removeprefix("--").replace("-", "_")
    for candidate in (plain, plain + "s"):
        if candidate in _FIELDS:
            return candidate
    raise InputError(f"There is no setting {name!r}. There are: {', '.join(option_name(field) for field in _FIELDS)}.")


def option_name(field: str) -> str:
    """The name of a field of `Settings` as the command line writes it: `content_layers` is "content-layer"."""
    name = field.removesuffix("s") if tuple in _kinds(field) else field
    return name.replace("_", "-")


def parse_value(field: str, text: str) -> Any:
    """`text` as the value of `field`: "default" is its default, "none" is None where that is possible.

    Lists, of layers for example, are joined by "+". Raises InputError for letters where the field takes numbers; what is out of
    range, or no choice, is refused by `Settings`.
    """
    text = text.strip()
    kinds = _kinds(field)
    if text.lower() == "default":
        return _FIELDS[field].default
    if type(None) in kinds and text.lower() in ("none", "auto"):
        return None
    value: Any = text
    if tuple in kinds:
        parts = [part.strip() for part in text.split("+") if part.strip()]
        value = tuple(_number(part, True) for part in parts) if float in _entries(field) else tuple(parts)
        if not value or None in value:
            raise InputError(f"{option_name(field)} must be a list joined by +, or default; not {text!r}.")
    elif bool in kinds:
        if text.lower() not in ("true", "false", "yes", "no"):
            raise InputError(f"{option_name(field)} must be true or false, not {text!r}.")
        value = text.lower() in ("true", "yes")
    elif int in kinds or float in kinds:
        value = _number(text, float in kinds)
        if value is None:
            if str not in kinds:
                raise InputError(f"{option_name(field)} must be a number, not {text!r}.")
            value = text
    return value


def parse_vary(entries: Sequence[str]) -> dict[str, list[Any]]:
    """`name=a,b,c` entries as {field: values}, in the order given. Raises InputError."""
    found: dict[str, list[Any]] = {}
    for entry in entries:
        name, equals, values = entry.partition("=")
        parts = [part for part in values.split(",") if part.strip()]
        if not equals or not parts:
            raise InputError(f"--vary is written name=value,value, as in optimizer=lbfgs,adam; not {entry!r}.")
        found.setdefault(field_name(name), []).extend(parse_value(field_name(name), part) for part in parts)
    return found


def parse_set(entries: Sequence[str], base: Settings | None = None) -> Settings:
    """`base` (by default the defaults) with `name=value` entries applied. Raises InputError."""
    changes: dict[str, Any] = {}
    for entry in entries:
        name, equals, value = entry.partition("=")
        if not equals:
            raise InputError(f"--set is written name=value, as in quality=draft; not {entry!r}.")
        changes[field_name(name)] = parse_value(field_name(name), value)
    return (base or Settings()).replace(**changes)


@dataclasses.dataclass(frozen=True)
class Point:
    """One point of a grid: its settings, and in words the values of what varies."""

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
        words = {option_name(field): say(value) for field, value in zip(axes, chosen)}
        points.setdefault(settings.hash(), Point(settings, words))
    return list(points.values())


def say(value: Any) -> str:
    """A value as `parse_value` reads it."""
    if value is None:
        return "auto"
    if isinstance(value, tuple):
        return "+".join(map(say, value)) or "default"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _given(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _kinds(field: str) -> set[type]:
    """The plain types that a field may have: {int, str, NoneType} of `int | str | None`, {tuple} of `tuple[str, ...]`."""
    hint = get_type_hints(Settings)[field]
    if get_origin(hint) is tuple:
        return {tuple}
    return set(get_args(hint)) or {hint}


def _entries(field: str) -> set[type]:
    """The types of the entries of a field that is a tuple."""
    return set(get_args(get_type_hints(Settings)[field]))


def _number(text: str, fraction: bool) -> float | None:
    for kind in (int, float) if fraction else (int,):
        try:
            return kind(text)
        except ValueError:
            continue
    return None
