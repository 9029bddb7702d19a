"""Settings as pydantic models, made of what stands at their fields: for the API's description, and for nothing else."""

from __future__ import annotations

import functools
import math
import operator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from portrait_nst.settings.field import Field as Setting
from portrait_nst.settings.field import schema

_HEX = "^#[0-9a-fA-F]{6}$"
_PICTURE = " A picture is given by a style's name, or by the id of an upload."


def model_of(settings: type, name: str, without: tuple[str, ...] = ()) -> type[BaseModel]:
    """A model with the fields of a dataclass of settings, their ranges, choices, defaults and help; all may be left out.

    name: of the model. without: fields that it lacks.
    """
    fields: dict[str, Any] = {
        setting.name: (_type(setting), Field(default=setting.default, description=_words(setting)))
        for setting in schema(settings).values()
        if setting.name not in without
    }
    return create_model(name, __config__=ConfigDict(extra="forbid"), **fields)


def _type(setting: Setting) -> Any:
    one = _either(_kinds(setting))
    if setting.length is not None:
        one = list.__class_getitem__(one) if setting.length == 0 else tuple.__class_getitem__((one,) * setting.length)
    return _either([one, None]) if setting.optional else one


def _either(kinds: list[Any]) -> Any:
    return functools.reduce(operator.or_, kinds[1:], kinds[0]) if len(kinds) > 1 else kinds[0]


def _kinds(setting: Setting) -> list[Any]:
    """The types of one value; a text may be anything where it names a palette or layers."""
    ends: dict[str, Any] = {"ge": setting.range.least} if math.isfinite(setting.range.least) else {}
    ends |= {"le": setting.range.greatest} if math.isfinite(setting.range.greatest) else {}
    found: list[Any] = [Literal[setting.choices]] if setting.choices else []
    for kind in sorted(setting.kinds, key=lambda kind: kind.__name__):
        if kind is str:
            only_colours = setting.colour and setting.file is None
            pattern = _HEX if only_colours else f"^({setting.pattern.regex})$" if setting.pattern else None
            found.append(Annotated[str, Field(pattern=pattern, max_length=2000)])
        else:
            found.append(kind if kind is bool else Annotated[kind, Field(**ends)])
    return found


def _words(setting: Setting) -> str:
    picture = _PICTURE if setting.file is not None else ""
    unit = f" In {setting.unit}." if setting.unit else ""
    return f"{setting.help.text} {setting.help.more}".strip() + unit + picture
