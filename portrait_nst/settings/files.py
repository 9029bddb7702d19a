"""The files that settings name: a run reads them, no output may replace them, and they decide whether two runs are equal."""

from pathlib import Path
from typing import Any

from portrait_nst import named_styles
from portrait_nst.settings.field import Field, schema


def given_files(settings: Any) -> dict[str, str]:
    """The settings that name a file, and their text.

    Those that take nothing but files come first: digests of batches are made in this order.
    """
    named = [
        (field, text)
        for name, field in schema(type(settings)).items()
        if (text := named_file(field, getattr(settings, name)))
    ]
    return {field.name: text for field, text in sorted(named, key=lambda entry: bool(entry[0].choices))}


def files_of(settings: Any) -> dict[str, Path]:
    """The files that `settings` name, by setting, whether they are there or not; a style's name gives its picture."""
    styles = style_fields(type(settings))
    return {
        name: named_styles.path_of(text) if name in styles else Path(text)
        for name, text in given_files(settings).items()
    }


def base_name(name: str) -> str:
    """The last part of a path or URL: what may be told of a file. What follows "?" in a URL may be a key, and goes too."""
    protocol, found, rest = name.partition("://")
    return Path(rest.partition("?")[0] if found else protocol).name


def without_folders(settings: Any) -> dict[str, Any]:
    """The JSON-ready values of `settings` with the base names of the files that they name, for what others will see."""
    values: dict[str, Any] = settings.as_dict()
    return values | {name: base_name(text) for name, text in given_files(settings).items()}


def style_fields(of: type) -> tuple[str, ...]:
    """The settings that may be a style picture, or the name of one."""
    return tuple(name for name, field in schema(of).items() if field.file is not None and field.file.style)


def named_file(field: Field, value: Any) -> str | None:
    """The name of a file, where the value of the field is one."""
    if field.file is None or not value or value in field.choices or (field.colour and value.startswith("#")):
        return None
    return str(value)
