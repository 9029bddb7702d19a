"""The style pictures that come with the package, and which of them a word means."""

from __future__ import annotations

import difflib
import json
import os
import shlex
from functools import lru_cache
from pathlib import Path

from portrait_nst import resources
from portrait_nst.errors import InputError, ModelError

SUFFIX = ".png"
DESCRIPTIONS = "styles.json"
_LISTED = "`portrait-nst styles` lists them"


def styles() -> list[str]:
    """The names of the style pictures in the package, in alphabetical order; each may be given wherever a style is taken.

    Raises ModelError where the installation is damaged.
    """
    return list(files())


def files() -> dict[str, Path]:
    """The pictures by name. Raises ModelError where there are none."""
    folder = resources.styles_folder()
    found = _in(folder)
    if not found:
        raise ModelError(
            f"The style pictures are missing in {folder}. "
            "The installation is damaged: run `pip install --force-reinstall portrait-nst`."
        )
    return found


def descriptions() -> dict[str, str]:
    """What each style looks like, in one line, by name; "" where there is no description."""
    described = json.loads((resources.styles_folder() / DESCRIPTIONS).read_text("utf-8"))
    return {name: described.get(name, "") for name in files()}


def is_name(word: str | Path) -> bool:
    """Whether `word` can be a style's name: what has a suffix or a separator is a path, or a URL."""
    text = str(word)
    return bool(text) and not Path(text).suffix and not set(text) & set("/\\:")


def find(word: str | Path) -> Path | None:
    """The picture of the style that `word` names, whatever lies in the working folder; None if no style has that name.

    Capital letters do not matter, and - and _ are the same.
    """
    return {_plain(name): path for name, path in files().items()}.get(_plain(str(word)))


def named(word: str | Path) -> Path:
    """The picture of the style that `word` names. Raises InputError, with the names that are near, if there is none."""
    found = find(word)
    if found is None:
        raise InputError(
            f"There is no style {str(word)!r}, and no file or folder of that name.{near(word)} "
            f"Give a picture of a painting, or one of the names: {_LISTED}."
        )
    return found


def near(word: str | Path) -> str:
    """A sentence with the names that are written much like `word`, to end an error; "" if there are none."""
    close = difflib.get_close_matches(_plain(str(word)), styles(), n=3) if is_name(word) else []
    return f" Did you mean {' or '.join(close)}?" if close else ""


def style_file(word: str | Path) -> Path:
    """The file that a user means by `word` where a style is expected: a file or folder that is there, or the style's picture.

    What looks like a path stays one, whether anything is there or not. Raises InputError for a name that no style has, and for a
    style's name if a folder here has it too, since a folder is no picture.
    """
    path = Path(word)
    if not is_name(word):
        return path
    if not _is_there(path):
        return named(word)
    if path.is_dir() and (ours := find(word)):
        raise InputError(
            f"{word} is a folder here, which goes before the style of that name. Rename it, or give the picture itself: {ours}"
        )
    return path


def path_of(word: str | Path) -> Path:
    """The file that `style_file` gives, or `word` as a path if it means nothing: whatever reads it later raises an error."""
    found = None if not is_name(word) or _is_there(Path(word)) else find(word)
    return found or Path(word)


def name_of(picture: Path) -> str | None:
    """The name of a picture that is a style of the package; None for any other file."""
    ours = picture.suffix == SUFFIX and picture.absolute().parent == resources.styles_folder()
    return picture.stem if ours else None


def word(picture: str | Path) -> str:
    """How a picture is named on a command line: by its name if it is a style of the package, else by its path; quoted."""
    return name_of(Path(picture)) or quoted(picture)


def quoted(path: str | Path) -> str:
    """The path of a file as one word for a shell, in one line, and never taken for an option."""
    text = str(path)
    text = f"./{text}" if text.startswith("-") else text
    if text.isprintable():
        return shlex.quote(text)
    return "$'" + "".join(f"\\{c}" if c in "\\'" else c if c.isprintable() else _escaped(c) for c in text) + "'"


def _escaped(character: str) -> str:
    """A character as bash writes it within $'...'; one that stands for a byte that is no text (PEP 383) as that byte."""
    number = ord(character)
    byte = number - 0xDC00 if 0xDC80 <= number <= 0xDCFF else number if number < 0x80 else None
    return f"\\U{number:08x}" if byte is None else f"\\x{byte:02x}"


@lru_cache(maxsize=1)
def _in(folder: Path) -> dict[str, Path]:
    """The pictures in `folder` by name; listed once, because a batch asks for each of its jobs."""
    return {path.stem: path for path in sorted(folder.glob(f"*{SUFFIX}"))}


def _plain(name: str) -> str:
    return name.casefold().replace("-", "_")


def _is_there(path: Path) -> bool:
    return os.path.exists(path)  # noqa: PTH110 - Path's raises for names that no file system takes
