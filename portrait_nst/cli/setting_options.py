"""Options of the command line that are settings: one for every field of a dataclass, given to a command by a decorator.

The commands that paint take those of `Settings`, `popart` those of `PopartSettings`, `learn` those of `LearnSettings`.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from portrait_nst.cli.options import check_segmenter
from portrait_nst.instant.learning.settings import LearnSettings
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.presets import PRESETS, settings_of
from portrait_nst.settings import Field, Panel, Settings, schema
from portrait_nst.settings.devices import split
from portrait_nst.settings.unused import unused_notes

PRESET = Annotated[
    str | None,
    typer.Option(
        "--preset", help=f"{', '.join(PRESETS)}: see `portrait-nst presets`.", rich_help_panel=Panel.LOOK.value
    ),
]
Command = Callable[..., None]
POPART_PANEL = "With --popart"
OF_DRAWINGS = {
    **{name: name for name in ("palette", "tones", "detail", "segments", "mode", "grid", "outlines")},
    "popart_background": "background",  # paintings have one too
}
"""The options by which a command that paints may draw pop art instead, and the settings of it that they are."""


def takes_settings(of: type = Settings, **defaults: Any) -> Callable[[Command], Command]:
    """Give a command, in place of its parameter ``settings``, an option for each field of the dataclass `of`.

    defaults: values that this command takes instead of the settings' own defaults.

    Options on the command line override the defaults. With `Settings` there is ``--preset`` too, whose values take the place
    of the defaults. A command may have four more parameters: ``preset`` gets the name of the preset, ``given`` the names of
    the settings (and "preset") that were given on the command line, ``devices`` the GPUs where ``--device`` may name several,
    of which the settings have the first, and ``drawing`` the settings of pop art that were given, by `OF_DRAWINGS`. Raises
    InputError for a value that a setting refuses.
    """

    def decorate(command: Command) -> Command:
        own = inspect.signature(command, eval_str=True).parameters
        fields = schema(of)
        parameters: list[inspect.Parameter] = []
        for name, parameter in own.items():
            if name == "settings":
                parameters += _parameters(of, defaults)
            elif name == "drawing":
                parameters += _drawing_parameters()
            elif name not in ("preset", "given", "devices"):
                parameters.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))
        parameters.append(_keyword("context", typer.Context))

        @functools.wraps(command)
        def wrapped(*, context: typer.Context, preset: str | None = None, **values: Any) -> None:
            given = {name: values[name] for name in fields if _was_given(context, name)}
            devices: tuple[str, ...] = ()
            if "devices" in own and "device" in given:
                devices = split(given["device"])
                given["device"] = devices[0]
            given = {name: fields[name].parse(v) if isinstance(v, str) else v for name, v in given.items()}
            extra = {
                "drawing": _drawing(context, values) if "drawing" in own else {},
                "preset": preset,
                "devices": devices,
                "given": {*given, *(["preset"] if preset is not None else [])},
            }
            rest = {name: value for name, value in (values | extra).items() if name in own}
            changes = given if preset is not None else {**defaults, **given}
            settings = settings_of(preset, **changes) if of is Settings else of(**changes)
            quiet = bool(values.get("quiet") or values.get("json"))
            if not quiet:
                _say_unused(settings, given)
            if isinstance(settings, Settings) and settings.region == "person" and values.get("mask") is None:
                check_segmenter(settings.segmenter, quiet=quiet)
            command(**rest, settings=settings)

        wrapped.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        wrapped.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return wrapped

    return decorate


def field_of(name: str | None, text: str | None) -> Field | None:
    """The field whose option has the name `name` and the help `text`; None for an option that is no setting."""
    found = (schema(of).get(name or "") for of in (Settings, PopartSettings, LearnSettings))
    return next((field for field in found if field is not None and field.help.text == text), None)


def _say_unused(settings: Any, given: Collection[str]) -> None:
    """Say on standard error which of the given options have no effect on this painting."""
    for note in unused_notes(settings, given) if isinstance(settings, Settings) else ():
        from portrait_nst.cli.console import say

        say(f"note: {note}")


def _parameters(of: type, defaults: dict[str, Any]) -> Iterator[inspect.Parameter]:
    """The options, panel by panel and in the order of the fields, and last the option for presets where there are any."""
    panels = list(Panel)
    for field in sorted(schema(of).values(), key=lambda field: panels.index(field.panel)):
        yield _option(field, defaults.get(field.name, field.default))
    if of is Settings:
        yield _keyword("preset", PRESET, default=None)


def _drawing_parameters() -> Iterator[inspect.Parameter]:
    """The options of pop art, after all others of what a picture looks like."""
    fields = schema(PopartSettings)
    for name, setting in OF_DRAWINGS.items():
        field = fields[setting]
        yield _option(field, field.default if name == setting else None, name, POPART_PANEL)


def _drawing(context: typer.Context, values: dict[str, Any]) -> dict[str, Any]:
    fields = schema(PopartSettings)
    given = {OF_DRAWINGS[name]: values[name] for name in OF_DRAWINGS if _was_given(context, name)}
    return {name: fields[name].parse(value) if isinstance(value, str) else value for name, value in given.items()}


def _option(field: Field, default: Any, name: str = "", panel: str = "") -> inspect.Parameter:
    """The option of a field; name, panel: instead of the field's own."""
    shown = default not in (None, (), "") and default is not False
    word = name.replace("_", "-") or field.option
    flag = f"--{word}/--no-{word}" if bool in field.kinds else f"--{word}"
    option = typer.Option(flag, help=field.help.text, rich_help_panel=panel or field.panel.value, show_default=shown)
    if default in (None, (), ""):
        default = None
    elif field.length is not None:
        default = field.write(default)
    kind = _type(field) | None if default is None else _type(field)
    return _keyword(name or field.name, Annotated.__class_getitem__((kind, option)), default=default)  # type: ignore[attr-defined]


def _type(field: Field) -> Any:
    """The type that Typer is given. A setting that takes words beside numbers, or a tuple, comes as text."""
    if field.file is not None and field.optional:
        return Path
    if field.length:
        return str
    kind = next(iter(field.kinds)) if len(field.kinds) == 1 and not field.choices else str
    return kind if field.length is None else list.__class_getitem__(kind)


def _keyword(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _was_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"
