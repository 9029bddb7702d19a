"""What stands behind the person, parsed from the one word that `Settings.background` and recipes hold."""

from dataclasses import dataclass
from pathlib import Path

from portrait_nst import named_styles
from portrait_nst.errors import InputError


@dataclass(frozen=True)
class Keep:
    """The photo's own pixels."""


@dataclass(frozen=True)
class Blur:
    """The photo's own background, blurred."""


@dataclass(frozen=True)
class Transparent:
    """Nothing: the picture gets an alpha channel."""


@dataclass(frozen=True)
class Colour:
    """One colour, sRGB, each from 0 to 255."""

    red: int
    green: int
    blue: int


@dataclass(frozen=True)
class Picture:
    """A style for the background alone: the path of a picture, which need not exist, or the name of a style in the package."""

    word: str

    @property
    def path(self) -> Path:
        """The file that the word means."""
        return named_styles.path_of(self.word)


Background = Keep | Blur | Transparent | Colour | Picture


def parse_background(word: str) -> Background:
    """The background that `word` means: "keep", "blur", "transparent", "#rrggbb" or "#rgb", or else a picture.

    Raises InputError for what begins as a colour and is none.
    """
    match word:
        case "keep":
            return Keep()
        case "blur":
            return Blur()
        case "transparent":
            return Transparent()
    return Colour(*hex_colour(word)) if word.startswith("#") else Picture(word)


def hex_colour(colour: str) -> tuple[int, int, int]:
    """(red, green, blue), 0 to 255, of "#rrggbb" or "#rgb". Raises InputError."""
    digits = colour[1:]
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    try:
        if len(digits) != 6:
            raise ValueError
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    except ValueError:
        raise InputError(f"A colour is written '#rrggbb' with hexadecimal digits, not {colour!r}.") from None
