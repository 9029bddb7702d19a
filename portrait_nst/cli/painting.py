"""The painting options: one for every field of `Settings`, given to a command by a decorator.

They are listed once, here; the commands that paint (`stylize`, `reconstruct`, `compare`, `batch`) take them all.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import typer

from portrait_nst.cli.options import EXPERT, LOOK, MACHINE, REGION, person_number
from portrait_nst.errors import InputError
from portrait_nst.presets import PRESETS, settings_of
from portrait_nst.settings import Settings


@dataclass(frozen=True)
class Painting:
    """An option: the field it sets, its type, its panel and what it does."""

    field: str
    type: Any
    panel: str
    text: str
    flag: str = ""

    def parameter(self, default: Any = None) -> inspect.Parameter:
        """default: of the command, where it is not the setting's own."""
        default = default or next(f for f in fields(Settings) if f.name == self.field).default
        shown = isinstance(default, (str, int, float)) and not isinstance(default, bool)
        flag = self.flag or f"--{self.field.replace('_', '-')}"
        option = typer.Option(flag, help=self.text, rich_help_panel=self.panel, show_default=shown)
        empty = default if shown or isinstance(default, bool) else None
        kind = self.type if empty is not None else self.type | None
        annotation = Annotated.__class_getitem__((kind, option))  # type: ignore[attr-defined]
        return inspect.Parameter(self.field, inspect.Parameter.KEYWORD_ONLY, default=empty, annotation=annotation)


OPTIONS = (
    Painting("strength", float, LOOK, "0: the photo, 1: all style."),
    Painting(
        "method",
        str,
        LOOK,
        "painterly: nearest strokes; gram: statistics of texture alone; auto: painterly, as far as goes.",
    ),
    Painting("quality", str, LOOK, "draft, standard or fine."),
    Painting("size", str, LOOK, "Longest painted side in pixels, or full; the output is always the photo's size."),
    Painting(
        "recolour", float, LOOK, "0: the photo's colours are part of its content; 1: the palette is all the style's."
    ),
    Painting("brushwork", float, LOOK, "How much of the finest detail is the style's own paint; 0: none."),
    Painting("colours", str, LOOK, "style, or the photo's own: luminance, pca or cholesky."),
    Painting(
        "face_hold",
        float,
        LOOK,
        "How much more firmly faces are kept; 0: like the rest; default: the method's.",
    ),
    Painting("likeness", float, LOOK, "0 to 1: how alike the face must stay; it is held more firmly until it is."),
    Painting("style_scale", float, LOOK, "Over 1 for broader strokes, under 1 for finer ones."),
    Painting(
        "coarse_style",
        Path,
        LOOK,
        "A second style, FILE or name, for the coarse structure; STYLE gives the fine texture.",
    ),
    Painting(
        "background", str, LOOK, "keep, blur, transparent, '#rrggbb', or a style of its own: a picture or a name."
    ),
    Painting("style_region", str, LOOK, "whole painting, its sitter (person), or a mask for it (FILE)."),
    Painting("gain_maps", bool, LOOK, "Remodel the face after the painting's sitter.", "--gain-maps/--no-gain-maps"),
    Painting("person", str, REGION, "Which person: all, largest, or a number from the left."),
    Painting("region", str, REGION, "person, or all: the whole picture."),
    Painting("encoder", str, EXPERT, "embedded, vgg19, resnet50 ...: see `portrait-nst layers`."),
    Painting("weights", Path, EXPERT, "A file with the encoder's weights (.pth, .pt, .npz)."),
    Painting("style_layers", list[str], EXPERT, "Layer, or layer:weight; repeat.", "--style-layer"),
    Painting("content_layers", list[str], EXPERT, "Layer, or layer:weight; repeat.", "--content-layer"),
    Painting("style_weight", float, EXPERT, "Instead of what --strength gives."),
    Painting("content_weight", float, EXPERT, "Instead of what --strength gives."),
    Painting("tv_weight", float, EXPERT, "Of total variation."),
    Painting("tv_exponent", float, EXPERT, "2: squared differences; 1.25: Chollet's."),
    Painting("normalisation", str, EXPERT, "Of the losses: relative, gatys2015, gatys2016, chollet or half."),
    Painting("style_loss", str, EXPERT, "gram or wasserstein."),
    Painting("optimizer", str, EXPERT, "lbfgs, adam, nadam, rmsprop or sgd."),
    Painting("learning_rate", float, EXPERT, "Of all but lbfgs; default: the optimiser's own."),
    Painting("decay", str, EXPERT, "Of the learning rate: cosine, exponential or constant."),
    Painting("decay_rate", float, EXPERT, "Exponential decay: the factor after every --decay-steps."),
    Painting("decay_steps", int, EXPERT, "Steps after which an exponential decay has made its factor."),
    Painting("iterations", int, EXPERT, "Exactly so many steps at each scale, of each window of a large one."),
    Painting("scales", list[float], EXPERT, "Painted sizes as fractions of --size, coarse to fine; repeat.", "--scale"),
    Painting("init", str, EXPERT, "content, statistics, random, or a picture to start from."),
    Painting("canvas", str, EXPERT, "What is optimised: pyramid coefficients, or plain pixels."),
    Painting("values", str, EXPERT, "Of the canvas and in the losses: unit (0 to 1) or byte (0 to 255)."),
    Painting("guidance", str, EXPERT, "soft, inside or all."),
    Painting("guidance_offset", int, EXPERT, "Grow (> 0) or shrink (< 0) the guidance by feature cells."),
    Painting("levels", int, EXPERT, "Levels of the image pyramid in the style loss."),
    Painting("pooling", str, EXPERT, "average or max, for the VGG networks."),
    Painting("identity_weights", Path, EXPERT, "A face-recognition network's weights, for an identity loss."),
    Painting("seed", int, EXPERT, "Of everything random."),
    Painting("device", str, MACHINE, "auto, cpu, cuda or mps."),
    Painting("precision", str, MACHINE, "auto, float32 or bfloat16."),
    Painting("threads", int, MACHINE, "CPU threads; default: all."),
    Painting(
        "max_memory",
        float,
        MACHINE,
        "GB it may take; larger is painted in parts, or smaller. Default: what is free.",
    ),
)


def takes_settings(command: Callable[..., None], **defaults: Any) -> Callable[..., None]:
    """Give `command`, which takes ``settings``, all painting options and ``--preset`` in that place.

    A command with a parameter ``preset`` is told its name as well. What is given on the command line goes over the preset, the
    preset over the defaults, which are the settings' own but for `defaults`.
    """
    own = list(inspect.signature(command, eval_str=True).parameters.values())
    tell = any(parameter.name == "preset" for parameter in own)
    own = [parameter for parameter in own if parameter.name != "preset"]
    at = next(i for i, parameter in enumerate(own) if parameter.name == "settings")
    preset_option = typer.Option(
        "--preset", help=f"{', '.join(PRESETS)}: see `portrait-nst presets`.", rich_help_panel=LOOK
    )
    parameters = [
        *own[:at],
        *[option.parameter(defaults.get(option.field)) for option in OPTIONS],
        inspect.Parameter(
            "preset", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[str | None, preset_option]
        ),
        *own[at + 1 :],
        inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context),
    ]
    names = {option.field for option in OPTIONS}

    @functools.wraps(command)
    def wrapped(*, context: typer.Context, preset: str | None, **values: Any) -> None:
        given = {name: _plain(name, values[name]) for name in names if _was_given(context, name)}
        rest = {k: v for k, v in values.items() if k not in names} | ({"preset": preset} if tell else {})
        command(**rest, settings=settings_of(preset, **({**defaults, **given} if preset is None else given)))

    keyword = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in parameters]
    wrapped.__signature__ = inspect.Signature(keyword)  # type: ignore[attr-defined]
    wrapped.__annotations__ = {parameter.name: parameter.annotation for parameter in keyword}
    return wrapped


def _was_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


def _plain(name: str, value: Any) -> Any:
    """A value as `Settings` has it."""
    if name == "size":
        return _size(value)
    if name == "person":
        return person_number(value)
    if isinstance(value, Path):
        return str(value)
    return tuple(value) if isinstance(value, list) else value


def _size(size: str) -> int | str:
    if size == "full":
        return size
    try:
        return int(size)
    except ValueError:
        raise InputError(f"--size must be a number of pixels or 'full', not {size!r}.") from None
