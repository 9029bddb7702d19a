"""Where the inputs of a recipe are now: found by name and sha256, since a recipe knows no folder."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from pathlib import Path

from portrait_nst import __version__, named_styles
from portrait_nst.errors import InputError, WeightsError
from portrait_nst.imaging.formats import READABLE_SUFFIXES
from portrait_nst.recipe.entries import Entry
from portrait_nst.resources import file_digest
from portrait_nst.settings import base_name

HASHED = 200  # files of a folder that are read to find one that was renamed: a few seconds for photos
_STYLE = re.compile(r"style( \d+)?")  # the roles that STYLE and --blend, or the labels, have
_KEYWORDS = {"--photo": "photo", "--style": "style", "--input": "inputs"}  # of `read_job`, in place of the options

Given = Sequence[str | Path] | str | Path | None


class Search:
    """Looks for the inputs of the picture `output`, a file or its bytes: in the given files and folders, beside it, and here.

    photo:  the photo's file; style: the style's file or name, or several; inputs: other files, and folders.
    """

    def __init__(
        self, output: str | Path | bytes, photo: str | Path | None = None, style: Given = None, inputs: Given = None
    ):
        self._output = None if isinstance(output, bytes) else Path(output)
        self.name = str(self._output or "the picture")  # in messages
        self._digest = functools.lru_cache(None)(_digest)
        more = [Path(path) for path in _listed(inputs)]
        self._files = [("--input", path) for path in more if not path.is_dir()]
        self._files += [("--style", named_styles.style_file(word)) for word in _listed(style)]
        self._files += [("--photo", Path(photo))] if photo else []
        here = {"in the current folder": Path()}
        if self._output is not None:
            here = {"beside the picture": self._output.parent, **here}
        self._folders = {f"in {path}": path for path in more if path.is_dir()} | here
        if self._output is not None and _is_same(self._output.parent, Path()):
            del self._folders["in the current folder"]

    def check(self, entries: dict[str, Entry]) -> None:
        """Raise InputError for a given file that is none of those that the picture was made from."""
        for option, path in self._files:
            if not _is_file(path):
                raise InputError(f"{option} {path} is not there, or no file; check the name and the folder.")
            wanted = [entry["sha256"] for role, entry in entries.items() if _takes(role, option)]
            if self._digest(path) not in wanted:
                what = {"--photo": "the photo", "--style": "a style"}.get(option, "a file")
                raise InputError(f"{path} is not {what} that {self.name} was made from: its sha256 differs.")

    def find(self, role: str, entry: Entry) -> Path:
        """The file with the sha256 of `entry`. Raises InputError, or WeightsError for weights that have changed."""
        sha256, name, old = entry["sha256"], entry.get("file"), entry.get("path")
        for option, path in self._files:
            if _takes(role, option) and self._digest(path) == sha256:
                return path
        option = "--photo" if role in ("photo", "clip") else "--style" if _STYLE.fullmatch(role) else "--input"
        if (ours := entry.get("name")) is not None:
            return self._named(role, ours, sha256, option)
        name = base_name(name or old or "")
        named = [folder / name for folder in self._folders.values()] if name else []
        named = [path for path in (*named, *([Path(old)] if old else [])) if _is_file(path)]
        for path in named:
            if self._digest(path) == sha256:
                return path
        for folder in self._folders.values():
            for path in self._alike(folder, name):
                if self._digest(path) == sha256:
                    return path
        where = f"Say where it is now with {option} FILE, or --input FOLDER ({_KEYWORDS[option]}=, inputs= in Python)."
        if named:
            kind = WeightsError if role == "weights" else InputError
            raise kind(
                f"The {role} {named[0]} is not the file that {self.name} was made from: its sha256 differs. {where}"
            )
        places = " and ".join(self._folders)
        if not name:
            raise InputError(
                f"The {role} that {self.name} was made with was bytes or an array, not a named file, and no file {places} is "
                f"the same. {where}"
            )
        raise InputError(
            f"The {role} {name} of the recipe in {self.name} is not there any more: no file {places} has its contents. "
            f"{where}"
        )

    def _named(self, role: str, name: str, sha256: str | None, option: str) -> Path:
        """The picture of the package's style `name`."""
        path = named_styles.files().get(name)
        if path is None:
            raise InputError(
                f"The {role} of {self.name} is {name!r}, a style that this version ({__version__}) does not have. "
                f"Say where such a picture is with {option} ({_KEYWORDS[option]}= in Python)."
            )
        if self._digest(path) != sha256:
            raise InputError(
                f"The {role} {path} is not the file that {self.name} was made from: its sha256 differs. Say where that one is "
                f"with {option} ({_KEYWORDS[option]}= in Python)."
            )
        return path

    def _alike(self, folder: Path, name: str) -> list[Path]:
        """At most `HASHED` files of `folder` that may be the renamed file `name`: those of its suffix, then other pictures."""
        own = Path(name).suffix.lower()
        kinds = {own} if own and own not in READABLE_SUFFIXES else {own, *READABLE_SUFFIXES}
        try:
            found = [path for path in folder.iterdir() if path.suffix.lower() in kinds and path.suffix]
        except OSError:  # a folder that may not be read holds nothing for us
            return []
        found.sort(key=lambda path: (path.suffix.lower() != own, path.name))
        own_file = self._output
        return [path for path in found if _is_file(path) and not (own_file and _is_same(path, own_file))][:HASHED]


def _takes(role: str, option: str) -> bool:
    """Whether a file that is given by `option` may be the input `role`."""
    return role in ("photo", "clip") if option == "--photo" else bool(option == "--input" or _STYLE.fullmatch(role))


def _listed(given: Given) -> list[str | Path]:
    return [] if given is None else [given] if isinstance(given, (str, Path)) else list(given)


def _digest(path: Path) -> str | None:
    try:
        return file_digest(path)
    except OSError:  # what may not be read is not found
        return None


def _is_file(path: Path) -> bool:
    """Whether a plain file is there: a recipe is anybody's, and a pipe or device that it names would be read for ever."""
    try:
        return path.is_file()
    except OSError:  # a name that is too long
        return False


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
