"""Rows of a file of jobs: CSV with a first line of names, or JSON with an object in each line."""

from __future__ import annotations

import contextlib
import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO, Any

from portrait_nst.batch import storage
from portrait_nst.batch.planning import row_styles
from portrait_nst.batch.storage import Location
from portrait_nst.errors import InputError
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.report.vary import field_name, parse_value
from portrait_nst.settings import Settings, schema

OWN = ("photo", "style", "output", "kind", "mask", *row_styles.NAMES)
KINDS = ("stylize", "popart")
_PAINTING, _POPART = schema(Settings), schema(PopartSettings)
_SHARED = ("region", "person", "segmenter")  # settings of a painting that pop art takes too


@dataclass(frozen=True)
class Row:
    """A line of the file: the values that it gives, or the error that makes it useless. where: "jobs.csv, line 3"."""

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
    """`base` with the settings of a row; a row of pop art may only have those that both share. Raises InputError."""
    changes: dict[str, Any] = {}
    for name, value in values.items():
        if name in OWN or (popart and name.replace("-", "_") in _POPART):
            continue
        row_styles.refuse(name)
        field = field_name(name)
        if popart and field not in _SHARED:
            raise InputError(f"{name} is no setting of pop art. There are: {', '.join(sorted({*_POPART, *_SHARED}))}.")
        changes[field] = parse_value(field, value) if isinstance(value, str) else value
        if _PAINTING[field].file and not (isinstance(value, str) and row_styles.can_name(value)):
            raise InputError(f"{name} must be a text, not {value!r}.")
    return base.replace(**changes)


def popart(values: dict[str, Any], base: PopartSettings) -> PopartSettings:
    """`base` with the pop-art settings of a row. Raises InputError."""
    given = {name.replace("-", "_"): value for name, value in values.items()}
    changes = {
        name: field.parse(given[name]) if isinstance(given[name], str) else given[name]
        for name, field in _POPART.items()
        if name in given
    }
    return replace(base, **changes)
