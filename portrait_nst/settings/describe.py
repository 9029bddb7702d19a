"""Settings as data, for a web form or a page: what each takes, its default and its texts."""

import math
from typing import Any

from portrait_nst.settings.field import Field, schema
from portrait_nst.settings.markers import Panel

_TABLE_HEAD = ("| Option | Takes | Default | What it does |", "|---|---|---|---|")


def describe(of: type) -> list[dict[str, Any]]:
    """The settings of a dataclass such as `Settings`, in its order, JSON-ready. Each entry has these keys.

    name, option: the names of the field and of the option on the command line
    type:         "boolean", "integer", "number" or "string", or "choice" where it takes nothing but its choices; for a list or a
                  tuple this is the type of the entries
    list, length: whether it takes several values, and how many; None for any number
    range:        [least, greatest], None where that is open; or None
    unit:         what a number counts or what the entries are, or ""
    choices:      the words that it takes, before any number, text or file
    file, style, colour: whether it may name a file, whether that may be a style by name, whether it may be "#rrggbb"
    optional:     whether it may be None, which leaves the choice to other settings
    default:      the default as a JSON value
    help, more:   one line, and further explanation
    panel:        the heading under which it stands
    """
    return [_described(field) for field in schema(of).values()]


def _described(field: Field) -> dict[str, Any]:
    ends = [end if math.isfinite(end) else None for end in (field.range.least, field.range.greatest)]
    return {
        "name": field.name,
        "option": f"--{field.option}",
        "type": _type(field),
        "list": field.length is not None,
        "length": field.length or None,
        "range": None if ends == [None, None] else ends,
        "unit": field.unit,
        "choices": list(field.choices),
        "file": field.file is not None,
        "style": field.file is not None and field.file.style,
        "colour": field.colour,
        "optional": field.optional,
        "default": list(field.default) if isinstance(field.default, tuple) else field.default,
        "help": field.help.text,
        "more": field.help.more,
        "panel": field.panel.value,
    }


def _type(field: Field) -> str:
    names = {bool: "boolean", float: "number", int: "integer", str: "string"}
    return next((name for kind, name in names.items() if kind in field.kinds), "choice")


def options_table(of: type) -> str:
    """A Markdown table of the settings of a dataclass: option, what it takes, default, help; a table for each panel."""
    parts = []
    for panel in Panel:
        rows = [_row(field) for field in schema(of).values() if field.panel is panel]
        if rows:
            parts.append("\n".join([f"**{panel.value}**", "", *_TABLE_HEAD, *rows]))
    return "\n\n".join(parts) + "\n"


def _row(field: Field) -> str:
    default = "" if field.default in (None, (), "") or bool in field.kinds else f"`{field.write(field.default)}`"
    text = f"{field.help.text} {field.help.more}".strip().replace("|", "\\|")
    flag = f"--{field.option}`, `--no-{field.option}" if bool in field.kinds else f"--{field.option}"
    return f"| `{flag}` | {_takes(field)} | {default} | {text} |"


def _takes(field: Field) -> str:
    if bool in field.kinds or field.length:
        return field.expected if field.length else ""
    words = [f"`{word}`" for word in field.choices]
    words += ["`#rrggbb`"] if field.colour else []
    words += [f"`{field.pattern.example}`"] if field.pattern is not None else []
    words += ["a style's name"] if field.file is not None and field.file.style else []
    words += ["a file"] if field.file is not None else []
    if str not in field.kinds and field.kinds:
        words.append(field.numbers)
    elif not words:
        words.append(field.unit or "text")
    return ", ".join(words)
