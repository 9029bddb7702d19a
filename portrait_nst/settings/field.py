"""A setting as its annotation describes it: the values that it takes, how text becomes a value, and the errors for others."""

import difflib
import math
import re
import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import cache
from os import PathLike, fspath
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from portrait_nst.errors import InputError
from portrait_nst.settings.markers import File, Help, HexColour, Panel, Pattern, Range, Unit

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_TRUE, _FALSE = ("true", "yes"), ("false", "no")


@dataclass(frozen=True)
class Field:
    """One field of a dataclass of settings.

    kinds:    the plain types of its values, or of its entries where it is a list or a tuple: some of bool, int, float and str.
    choices:  the words that it takes; where there are no kinds it takes nothing else.
    optional: whether None is a value, which stands for a default that depends on the others.
    length:   the number of entries of a tuple; 0 for a list of any length, None for a single value.
    """

    name: str
    kinds: frozenset[type]
    choices: tuple[str, ...]
    optional: bool
    length: int | None
    default: Any
    range: Range
    unit: str
    help: Help
    panel: Panel
    file: File | None
    colour: bool
    pattern: Pattern | None = None

    @property
    def option(self) -> str:
        """The name on the command line, without its dashes: "face-hold"; a list's is in the singular, as "style-layer"."""
        return (self.name.removesuffix("s") if self.length == 0 else self.name).replace("_", "-")

    @property
    def expected(self) -> str:
        """What the setting takes, as the end of "strength must be ..."."""
        if self.length is not None:
            least, greatest = map(_short, self._ends)
            one = f"{self.unit}, each from {least} to {greatest}, such as {self.write(self.default)}"
            return one if self.length else f"a list of {self.unit}"
        if bool in self.kinds:
            return "true or false"
        if self.pattern is not None:
            return f"one of {', '.join(self.choices)}, or as {self.pattern.example}"
        if str in self.kinds:
            words = f"one of {', '.join(self.choices)}, or a colour as #rrggbb"
            return words if self.colour and self.file is None else "a string"
        if not self.kinds:
            return f"one of {', '.join(self.choices)}"
        return " or ".join([self.numbers, *map(repr, self.choices)])

    @property
    def each(self) -> str:
        """What one value of a list must be, in words; `expected` where it takes no list of numbers."""
        return self.numbers if self.length == 0 and str not in self.kinds else self.expected

    @property
    def numbers(self) -> str:
        """The numbers that it takes, in words: "a whole number of pixels from 64 to 20000"."""
        number = "a number" if float in self.kinds else "a whole number"
        unit = f" of {self.unit}" if self.unit and self.length is None else ""  # a list's unit is of its entries
        least, greatest = map(_short, self._ends)
        return f"{number}{unit} from {least}" + (f" to {greatest}" if math.isfinite(self.range.greatest) else "")

    @property
    def _ends(self) -> tuple[float, float]:
        return self.range.least, self.range.greatest

    def check(self, value: object) -> Any:
        """`value` as the field holds it: numbers that may be fractions are floats, lists are tuples, paths are texts.

        Numbers and arrays of numpy's count as Python's, and a pair may be written as one text, such as "3x2". Raises InputError,
        in a line, where the setting does not take the value.
        """
        value = _plain(value)
        if value is None and self.optional:
            return None
        if self.length is None:
            return self._checked(value, value)
        if self.length and isinstance(value, str):
            value = self.parse(value)
        if isinstance(value, (list, tuple)) and self._fits(value):
            return tuple(self._checked(entry, value if self.length else entry) for entry in value)
        raise InputError(f"{self.name.replace('_', '-')} must be {self.expected}, not {value!r}.")

    def _fits(self, entries: Sequence[object]) -> bool:
        """Whether there are as many as there must be, texts or numbers as they must be."""
        right = all(isinstance(entry, str) == (self.kinds == {str}) for entry in entries)
        return right and len(entries) == (self.length or len(entries))

    def _checked(self, value: object, shown: object) -> Any:
        """A single value or an entry of several, which are `shown` together in the error where their number is fixed."""
        if isinstance(value, str):
            if value in self.choices or (str in self.kinds and self._is_text(value)):
                return value
        elif isinstance(value, bool):
            if bool in self.kinds:
                return value
        elif isinstance(value, (int, float)) and self.kinds & {int, float}:
            least, greatest = self._ends
            if least <= value <= greatest and (float in self.kinds or isinstance(value, int)):
                return float(value) if float in self.kinds else value
        elif isinstance(value, PathLike) and self.file is not None:
            return fspath(value)
        raise InputError(f"{self.option} must be {self.each}, not {shown!r}.{self._near(value)}")

    def _is_text(self, value: str) -> bool:
        """Whether the setting takes `value` beside its words."""
        if self.pattern is not None:
            return re.fullmatch(self.pattern.regex, value) is not None
        return self.file is not None or not self.colour or _HEX.fullmatch(value) is not None

    def _near(self, value: object) -> str:
        """A question with the words that are written much like `value`, to end an error; "" where there are none."""
        if not isinstance(value, str):
            return ""
        plain = value.strip().casefold()
        known = [*self.choices, *([self.pattern.example] if self.pattern else [])]
        close = [plain] if plain in known or (self.pattern and self._is_text(plain)) else []
        close = close or [word for word in known if len(plain) > 2 and plain in word][:3]
        close = close or difflib.get_close_matches(plain, known, n=3, cutoff=0.7)
        return f" Did you mean {' or '.join(close)}?" if close else ""

    def parse(self, text: str) -> Any:
        """The value that `text` stands for, or `text` itself, which `check` refuses. Lists are joined by "+", pairs by "x".

        Raises InputError for a list without entries, and for one of numbers that has an entry that is none.
        """
        if self.length == 0:
            entries = tuple(self._single(part.strip()) for part in text.split("+") if part.strip())
            if not entries:
                raise InputError(f"{self.option} must be a list joined by +, or default; not {text!r}.")
            if str not in self.kinds and any(isinstance(entry, str) for entry in entries):
                raise InputError(f"{self.option} must be {self.each}, or several joined by +; not {text!r}.")
            return entries
        if self.length:
            parts = text.lower().split("x")
            return tuple(map(int, parts)) if len(parts) == self.length and all(map(str.isdecimal, parts)) else text
        return self._single(text)

    def _single(self, text: str) -> Any:
        if bool in self.kinds and text.lower() in (*_TRUE, *_FALSE):
            return text.lower() in _TRUE
        for kind in (int, float):
            if kind in self.kinds or (float in self.kinds and kind is int):
                try:
                    return kind(text)
                except ValueError:
                    continue
        return text

    def write(self, value: Any) -> str:
        """`value` as `parse` reads it; "auto" for None, "default" for an empty list."""
        if value is None:
            return "auto"
        if isinstance(value, tuple):
            return ("x" if self.length else "+").join(map(self.write, value)) or "default"
        return f"{value:g}" if isinstance(value, float) else str(value)


def unknown_setting(name: str, known: Sequence[str], kind: str = "setting") -> InputError:
    """The error for a `name` that is not among the `known` ones: it lists them, after those that are written much like it."""
    plain = {other.replace("_", "-"): other for other in known}
    close = [plain[found] for found in difflib.get_close_matches(name.casefold().replace("_", "-"), plain, n=3)]
    near = f" Did you mean {' or '.join(close)}?" if close else ""
    return InputError(f"There is no {kind} {name!r}.{near} There are: {', '.join(known)}.")


def schema(of: type[Any]) -> Mapping[str, Field]:
    """The fields of a dataclass of settings by their names, in their order."""
    return _schema(of)  # type: ignore[arg-type]


@cache
def _schema(of: type[Any]) -> Mapping[str, Field]:
    hints = get_type_hints(of, include_extras=True)
    return types.MappingProxyType({f.name: _field(f.name, hints[f.name], f.default) for f in fields(of)})


def _field(name: str, hint: Any, default: Any) -> Field:
    assert get_origin(hint) is Annotated and default is not MISSING, f"{name} needs a description and a default"
    plain, *markers = get_args(hint)
    members = get_args(plain) if get_origin(plain) in (Union, types.UnionType) else (plain,)
    words = tuple(word for member in members if get_origin(member) is Literal for word in get_args(member))
    entries = next((get_args(member) for member in members if get_origin(member) is tuple), None)
    length = None if entries is None else 0 if entries[-1] is Ellipsis else len(entries)
    of_type = {type(marker): marker for marker in markers}
    return Field(
        name=name,
        kinds=frozenset(kind for kind in (entries or members) if kind in (bool, int, float, str)),
        choices=words,
        optional=type(None) in members,
        length=length,
        default=default,
        range=of_type.get(Range, Range(-math.inf)),
        unit=of_type[Unit].text if Unit in of_type else "",
        help=of_type[Help],
        panel=of_type[Panel],
        file=of_type.get(File),
        colour=HexColour in of_type,
        pattern=of_type.get(Pattern),
    )


def _plain(value: object) -> object:
    """`value` with numpy's numbers and arrays, alone or in a list, as Python's numbers and lists."""
    if isinstance(value, (list, tuple)):
        return type(value)(map(_plain, value)) if type(value) in (list, tuple) else value
    as_python = getattr(value, "tolist", None)
    return as_python() if callable(as_python) else value


def _short(number: float) -> str:
    return f"{number:g}" if isinstance(number, float) else str(number)
