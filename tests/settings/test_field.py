"""Settings as data: what each field says of itself, and text to values and back."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
import typer

from portrait_nst import InputError, Settings
from portrait_nst.cli.main import app
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.qualities import INSTANT, QUALITIES
from portrait_nst.settings import MAX_SIZE, MIN_SIZE, Described, Panel, describe, options_table, schema
from portrait_nst.settings.markers import Help, Range

BOTH = pytest.mark.parametrize("of", [Settings, PopartSettings])


@BOTH
def test_every_field_is_described_and_the_whole_is_json(of: type[Described]) -> None:
    found = json.loads(json.dumps(describe(of)))
    assert [entry["name"] for entry in found] == [field.name for field in dataclasses.fields(of)]
    for entry in found:
        assert entry["help"].endswith(".") and entry["panel"] in [panel.value for panel in Panel]
        assert entry["optional"] or entry["default"] is not None
        assert not entry["choices"] or entry["default"] in [*entry["choices"], None]
        assert (entry["type"] in ("integer", "number")) == (entry["range"] is not None)
    assert of.from_dict({entry["name"]: entry["default"] for entry in found}) == of()


def test_what_a_form_needs() -> None:
    found = {entry["name"]: entry for entry in describe(Settings)}
    assert found["strength"] == {
        "name": "strength",
        "option": "--strength",
        "type": "number",
        "list": False,
        "length": None,
        "range": [0.0, 1.0],
        "unit": "",
        "choices": [],
        "file": False,
        "style": False,
        "colour": False,
        "optional": False,
        "default": 0.5,
        "help": "0: the photo, 1: all style.",
        "more": "",
        "panel": "The look",
    }
    shown = ("type", "list", "range", "unit", "choices", "file", "style", "colour", "optional")

    def row(name: str) -> tuple[Any, ...]:
        return tuple(found[name][key] for key in shown)

    words = ["keep", "blur", "transparent"]
    assert row("background") == ("string", False, None, "", words, True, True, True, False)
    assert row("size") == ("integer", False, [MIN_SIZE, MAX_SIZE], "pixels", ["full"], False, False, False, True)
    assert row("person") == ("integer", False, [1, None], "", ["all", "largest"], False, False, False, False)
    assert row("style_layers") == ("string", True, None, "layer names", [], False, False, False, False)
    assert row("gain_maps") == ("boolean", False, None, "", [], False, False, False, False)
    assert row("quality") == ("choice", False, None, "", ["instant", *QUALITIES["gram"]], False, False, False, False)
    assert found["style_layers"]["option"] == "--style-layer" and found["levels"]["option"] == "--levels"
    (grid,) = (entry for entry in describe(PopartSettings) if entry["name"] == "grid")
    assert (grid["length"], grid["range"], grid["default"]) == (2, [1, 4], [2, 2])


def test_the_methods_have_the_qualities_that_can_be_chosen() -> None:
    assert set(QUALITIES) == set(schema(Settings)["method"].choices) - {"auto"}
    of_the_engine = tuple(name for name in schema(Settings)["quality"].choices if name != "instant")
    assert all(tuple(qualities) == of_the_engine for qualities in QUALITIES.values())
    assert Settings(quality="instant").preset_of_quality == INSTANT


@pytest.mark.parametrize(("command", "of"), [("stylize", Settings), ("batch", Settings), ("popart", PopartSettings)])
def test_the_command_line_has_every_setting_with_its_help_and_default(command: str, of: type[Described]) -> None:
    options = {parameter.name: parameter for parameter in typer.main.get_command(app).commands[command].params}  # type: ignore[attr-defined]
    for name, field in schema(of).items():
        assert f"--{field.option}" in options[name].opts and options[name].help == field.help.text
        assert options[name].rich_help_panel == field.panel.value
        default = field.write(field.default) if field.length else field.default or options[name].default
        assert options[name].default == default


@BOTH
def test_a_table_has_a_row_for_every_option(of: type[Described]) -> None:
    rows = [line for line in options_table(of).splitlines() if line.startswith("| `--")]
    assert len(rows) == len(schema(of)) and all(row.replace("\\|", "").count("|") == 5 for row in rows)
    if of is Settings:
        assert "| `--strength` | a number from 0 to 1 | `0.5` | 0: the photo, 1: all style. |" in rows
        assert "| `--seed` | a whole number from 0 to 9223372036854775807 | `0` | Of everything random. |" in rows
        assert any(row.startswith("| `--gain-maps`, `--no-gain-maps` |  |  | Remodel") for row in rows)


@pytest.mark.parametrize(
    ("of", "name", "text", "value"),
    [
        (Settings, "size", "512", 512),
        (Settings, "size", "full", "full"),
        (Settings, "person", "2", 2),
        (Settings, "strength", "1", 1),
        (Settings, "scales", "0.5+1", (0.5, 1.0)),
        (Settings, "style_layers", "a + b:0.5", ("a", "b:0.5")),
        (Settings, "gain_maps", "Yes", True),
        (PopartSettings, "grid", "3X2", (3, 2)),
        (PopartSettings, "outlines", "no", False),
        (PopartSettings, "tones", "4", 4),
    ],
)
def test_text_becomes_a_value(of: type[Described], name: str, text: str, value: object) -> None:
    parsed = schema(of)[name].parse(text)
    assert (parsed, type(parsed)) == (value, type(value))
    assert schema(of)[name].check(parsed) == value


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"tones": 9}, "tones must be a whole number from 3 to 8, not 9."),
        ({"tones": 5.0}, "tones must be a whole number from 3 to 8, not 5.0."),
        ({"detail": "much"}, "detail must be a number from 0 to 1, not 'much'."),
        ({"grid": (5, 1)}, "grid must be columns x rows, each from 1 to 4, such as 2x2, not (5, 1)."),
        ({"grid": "2"}, "grid must be columns x rows, each from 1 to 4, such as 2x2, not '2'."),
        (
            {"background": "red"},
            "background must be one of colour, keep, transparent, or a colour as #rrggbb, not 'red'.",
        ),
        ({"outlines": 1}, "outlines must be true or false, not 1."),
    ],
)
def test_pop_art_is_refused_in_the_same_words(values: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as error:
        PopartSettings(**values)
    assert str(error.value) == message


def test_any_dataclass_can_describe_itself() -> None:
    @dataclass(frozen=True)
    class Print(Described):
        paper: Annotated[Literal["A4", "A3"], Help("Of the print."), Panel.LOOK] = "A4"
        copies: Annotated[int, Range(1, 9), Help("How many."), Panel.MACHINE] = 1

    assert [entry["choices"] for entry in describe(Print)] == [["A4", "A3"], []]
    assert Print(paper="A3", copies=2).as_dict() == {"paper": "A3", "copies": 2}
    with pytest.raises(InputError, match="copies must be a whole number from 1 to 9, not 10"):
        Print(copies=10)
