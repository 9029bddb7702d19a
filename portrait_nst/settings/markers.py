"""The markers that describe a setting at its field: `strength: Annotated[float, Range(0, 1), Help("..."), Panel.LOOK] = 0.5`.

These markers and the hundred lines of `field` are our own because of what `portrait-nst --help` costs, 0.17 s in all, and of our
one-line errors. Measured beside Typer, importing pydantic's dataclasses takes 47 ms more, `annotated_types` alone 11 ms,
attrs 8 ms and msgspec 5 ms; their errors name a path and a rule ("Expected `float` <= 1.0 - at `$.strength`"), where ours say the
option, what it takes with its unit, and what was given.
"""

import math
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True)
class Range:
    """The least and the greatest value of a number, both allowed; in a list, of each entry."""

    least: float
    greatest: float = math.inf


@dataclass(frozen=True)
class Unit:
    """What a number counts or measures, or what the entries of a list are, in the plural: "pixels", "layer names"."""

    text: str


@dataclass(frozen=True)
class Help:
    """What the setting does: a line for `--help`, and further explanation for the documentation."""

    text: str
    more: str = ""


@dataclass(frozen=True)
class File:
    """The setting's text names a file, unless it is one of the setting's words.

    style: whether it is a picture that may also be given by the name of a style in the package.
    """

    style: bool = False


@dataclass(frozen=True)
class Pattern:
    """What a text that is none of the setting's words must match as a whole, with an example of such a text."""

    regex: str
    example: str


@dataclass(frozen=True)
class HexColour:
    """The setting's text may be a colour written "#rrggbb", which names no file."""


class Panel(Enum):
    """The headings of `--help`, of the documentation and of a form, in their order; each setting stands under one."""

    LOOK = "The look"
    REGION = "Where to paint"
    EXPERT = "For experts"
    MACHINE = "The machine"
