"""Pictures in folders, by patterns and by name, in an order that is always the same; links in a circle end."""

from __future__ import annotations

import glob
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from portrait_nst.errors import InputError

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".avif", ".heic", ".heif"})
Skip = Callable[[Path], bool]


@dataclass(frozen=True)
class Found:
    """A picture; or, with `error`, a folder that cannot be read.

    place: where it belongs below the output folder: its path below the folder that was named.
    """

    path: Path
    place: Path
    error: str = ""


def find(inputs: Sequence[str | Path], avoid: Path | None = None) -> Iterator[Found]:
    """The pictures that `inputs` name: files, folders with all that is in them, and glob patterns.

    avoid: a folder that is left out wherever it lies, unless it is one of `inputs` itself.

    Of a file's name only its last part is kept; a folder is mirrored, under its own name where several folders are named. A
    folder is walked once, by whatever links it is reached. Raises InputError for what is not there.
    """
    names = [str(name) for name in inputs]
    own = {_mark(Path(name)) for name in names}
    seen = {mark for mark in [_mark(avoid)] if mark and mark not in own}
    folders = sum(Path(name).is_dir() for name in names)
    for name in names:
        path = Path(name)
        if path.is_dir():
            yield from _walk(path, Path(path.resolve().name if folders > 1 else ""), seen)
        elif os.path.lexists(path):
            yield Found(path, Path(path.name))
        elif glob.has_magic(name):
            yield from _matches(name, seen)
        else:
            check_there([name])


def check_there(inputs: Sequence[str | Path]) -> None:
    """Raise InputError for one of `inputs` that is neither there nor a pattern."""
    for name in map(str, inputs):
        if not os.path.lexists(name) and not glob.has_magic(name):
            raise InputError(f"{name} does not exist; give files, folders or patterns such as 'photos/*.jpg'.")


def is_picture(name: str) -> bool:
    """Whether a file of this name is taken from a folder. Hidden ones are not: they are other programs' own."""
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES  # noqa: PTH122 - a Path for each costs


def _walk(folder: Path, place: Path, seen: set[tuple[int, int]]) -> Iterator[Found]:
    """All pictures below `folder`: by name, files before folders, and what links lead to at the end."""
    stack, links = [(folder, place)], deque[tuple[Path, Path]]()
    while stack or links:
        here, there = stack.pop() if stack else links.popleft()
        mark = _mark(here)
        if mark in seen:
            continue
        if mark:
            seen.add(mark)
        pictures, folders = [], []
        try:
            with os.scandir(here) as entries:
                for entry in entries:
                    if _is_folder(entry):
                        if not entry.name.startswith("."):
                            folders.append((os.fsencode(entry.name), entry.is_symlink()))
                    elif is_picture(entry.name):
                        pictures.append(os.fsencode(entry.name))
        except OSError as error:
            yield Found(here, there, f"The folder {here} cannot be read ({error.strerror or error}).")
            continue
        pictures.sort()
        for name in pictures:
            yield Found(here / os.fsdecode(name), there / os.fsdecode(name))
        for name, is_link in sorted(folders, reverse=True):
            entry_of = here / os.fsdecode(name), there / os.fsdecode(name)
            if is_link:
                links.appendleft(entry_of)
            else:
                stack.append(entry_of)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _matches(pattern: str, seen: set[tuple[int, int]]) -> Iterator[Found]:
    """What a pattern matches, below the part of it that has no signs."""
    parts = Path(pattern).parts
    fixed = Path(*parts[: next(i for i, part in enumerate(parts) if glob.has_magic(part))])
    count = 0
    for name in sorted(glob.iglob(pattern, recursive=True), key=os.fsencode):  # noqa: PTH207 - takes whole patterns
        path = Path(name)
        count += 1
        if path.is_dir():
            if "**" not in pattern:
                yield from _walk(path, path.relative_to(fixed), seen)
        elif is_picture(path.name) and _mark(path.parent) not in seen:
            yield Found(path, path.relative_to(fixed))
    if not count:
        raise InputError(f"Nothing matches {pattern}; give files, folders or patterns such as 'photos/*.jpg'.")


def _mark(folder: Path | None) -> tuple[int, int] | None:
    try:
        state = folder.stat() if folder else None
    except OSError:
        return None
    return (state.st_dev, state.st_ino) if state else None
