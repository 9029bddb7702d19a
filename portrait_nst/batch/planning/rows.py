"""Jobs from a file: CSV with a head, or one JSON object a line."""

from __future__ import annotations

import contextlib
import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import IO, Any, get_args, get_type_hints

from portrait_nst.batch import storage
from portrait_nst.batch.manifest.digests import FILES
from portrait_nst.batch.planning import row_styles
from portrait_nst.batch.storage import Location
from portrait_nst.errors import InputError
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.report.vary import field_name, parse_value
from portrait_nst.settings import Settings

OWN = ("photo", "style", "output", "kind", "mask", *row_styles.NAMES)
KINDS = ("stylize", "popart")
_POPART = {field.name for field in fields(PopartSettings)}
_SHARED = ("region", "person")  # of pop art too, where they are settings of a painting


@dataclass(frozen=True)
class Row:
    """A line of the file: what it gives, or why it cannot be used. where: "jobs.csv, line 3"."""

    where: str
    values: dict[str, Any]
    error: str = ""


def read(file: Location) -> Iterator[Row]:
    """The rows of `file`, "-" for standard input, one after the other. Raises InputError where it is no such file at all."""
    try:
        with contextlib.nullcontext(sys.stdin) if str(file) == "-" else storage.open_text(file) as stream:
            if file.suffix.lower() == ".csv":
                yield from _csv(stream, file.name)
            elif file.suffix.lower() in (".jsonl", ".ndjson") or str(file) == "-":
                yield from _jsonl(stream, "standard input" if str(file) == "-" else file.name)
            else:
                raise InputError(f"The file of jobs {file} must be .csv or .jsonl, which chooses its format.")
    except OSError as error:
        raise InputError(f"The file of jobs {file} cannot be read ({error.strerror or error}).") from None


def _csv(stream: IO[str], name: str) -> Iterator[Row]:
    table = csv.DictReader(stream, restkey="", strict=True)
    try:
        head = [_own((column or "").strip()) for column in table.fieldnames or []]
        if "photo" not in head:
            found = f" It begins with {','.join(head)[:60]!r}." if head else " It is empty."
            raise InputError(
                f"{name} has no column 'photo'. Its first line must name the columns, divided by commas, as in: "
                f"photo,style,strength.{found}"
            )
        twice = [one for one, count in Counter(column.replace("-", "_") for column in head).items() if count > 1]
        if twice and twice[0]:
            raise InputError(f"{name} has the column {twice[0]!r} twice; leave one of them out.")
        table.fieldnames = head
        for column in head:
            _check_name(column, name)
        for values in table:
            where = f"{name}, line {table.line_num}"
            if "" in values:
                yield Row(where, {}, "there are more values than columns.")
                continue
            yield Row(where, {k: v.strip() for k, v in values.items() if isinstance(v, str) and v.strip()})
    except csv.Error as error:
        raise InputError(f"{name}, line {table.line_num}: this is no CSV ({error}).") from None


def _check_name(column: str, name: str) -> None:
    if column not in OWN and column.replace("-", "_") not in _POPART:
        try:
            row_styles.refuse(column)
            field_name(column)
        except InputError as error:
            raise InputError(f"{name}: {error} Besides: {', '.join(OWN)}.") from None


def _jsonl(stream: IO[str], name: str) -> Iterator[Row]:
    for number, line in enumerate(stream, 1):
        where = f"{name}, line {number}"
        if not line.strip():
            continue
        try:
            values = json.loads(line.removeprefix("\ufeff"))
            if not isinstance(values, dict):
                raise ValueError("expected an object in braces")
        except (ValueError, RecursionError) as error:
            yield Row(where, {}, f"this is no JSON object ({error}).")
            continue
        yield Row(where, {_own(k): v for k, v in values.items() if v is not None})


def _own(name: str) -> str:
    plain = name.replace("-", "_")
    return plain if plain in OWN else name


def painting(values: dict[str, Any], base: Settings, popart: bool) -> Settings:
    """`base` with a row's settings; of a row of pop art only those that it shares. Raises InputError."""
    changes: dict[str, Any] = {}
    for name, value in values.items():
        if name in OWN or (popart and name.replace("-", "_") in _POPART):
            continue
        row_styles.refuse(name)
        field = field_name(name)
        if popart and field not in _SHARED:
            raise InputError(
                f"{name} is no setting of pop art. There are: {', '.join(sorted(_POPART | set(_SHARED)))}."
            )
        value = parse_value(field, value) if isinstance(value, str) else value
        if field == "person" and isinstance(value, str) and value.isdigit():
            value = int(value)
        if field in FILES and not (isinstance(value, str) and row_styles.can_name(value)):
            raise InputError(f"{name} must be a text, not {value!r}.")
        changes[field] = tuple(value) if isinstance(value, list) else value
    return base.replace(**changes)


def popart(values: dict[str, Any], base: PopartSettings) -> PopartSettings:
    """`base` with a row's settings of pop art. Raises InputError."""
    hints, changes = get_type_hints(PopartSettings), {}
    for name, value in values.items():
        field = name.replace("-", "_")
        if field in _POPART:
            changes[field] = _popart_value(field, hints[field], value)
    try:
        return replace(base, **changes)
    except TypeError as error:  # letters, from JSON, where numbers are compared
        raise InputError(f"A setting of pop art has a value of the wrong kind ({error}).") from None


def _popart_value(name: str, hint: Any, value: Any) -> Any:
    kinds = set(get_args(hint)) or {hint}
    if name == "grid":
        pair = value.lower().split("x") if isinstance(value, str) else value
        columns, rows = map(str, pair) if isinstance(pair, (list, tuple)) and len(pair) == 2 else ("", "")
        if not (columns.isdigit() and rows.isdigit()):
            raise InputError(f"grid must be columns x rows, such as 2x2, not {value!r}.")
        return int(columns), int(rows)
    if not isinstance(value, str):
        return value
    if bool in kinds:
        if value.lower() not in ("true", "false", "yes", "no"):
            raise InputError(f"{name} must be true or false, not {value!r}.")
        return value.lower() in ("true", "yes")
    for kind in (int, float):
        if kind in kinds:
            try:
                return kind(value)
            except ValueError:
                raise InputError(f"{name} must be a number, not {value!r}.") from None
    return value
