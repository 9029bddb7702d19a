"""Pictures in folders and stores, by patterns and by name, in an order that is always the same; links in a circle end."""

from __future__ import annotations

import glob
import os
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from portrait_nst.batch import storage
from portrait_nst.batch.storage import Place, Url
from portrait_nst.errors import InputError

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".avif", ".heic", ".heif"})
_Mark = tuple[int, int] | Url


@dataclass(frozen=True)
class Found:
    """A picture; or, with `error`, a folder that cannot be read.

    place: where it belongs below the output folder: its path below the folder that was named.
    """

    path: Place
    place: Path
    error: str = ""


def find(inputs: Sequence[str | Path | Url], avoid: Place | None = None) -> Iterator[Found]:
    """The pictures that `inputs` name: files, folders with all that is in them, and glob patterns; paths or URLs.

    avoid: a folder that is left out wherever it lies, unless it is one of `inputs` itself.

    Of a file's name only its last part is kept; a folder is mirrored, under its own name where several folders are named. A
    folder is walked once, by whatever links it is reached. Raises InputError for what is not there.
    """
    named = [storage.place(name) for name in inputs]
    kinds = [storage.kind(path) for path in named]
    own = {_mark(path) for path in named}
    seen = {mark for mark in [_mark(avoid)] if mark and mark not in own}
    for path, kind in zip(named, kinds):
        if kind == "folder":
            yield from _walk(path, Path(_own_name(path) if kinds.count("folder") > 1 else ""), seen)
        elif kind == "file":
            yield Found(path, Path(path.name))
        elif glob.has_magic(str(path)):
            yield from _matches(path, seen)
        else:
            raise _missing(path)


def check_there(inputs: Sequence[str | Path | Url]) -> None:
    """Raise InputError for one of `inputs` that is neither there nor a pattern."""
    for path in map(storage.place, inputs):
        if not glob.has_magic(str(path)) and not storage.kind(path):
            raise _missing(path)


def _missing(path: Place) -> InputError:
    return InputError(f"{path} does not exist; give files, folders or patterns such as 'photos/*.jpg'.")


def _own_name(folder: Place) -> str:
    return folder.resolve().name if isinstance(folder, Path) else folder.name


def is_picture(name: str) -> bool:
    """Whether a file of this name is taken from a folder. Hidden ones are not: they are other programs' own."""
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES  # noqa: PTH122 - a Path for each costs


def _walk(folder: Place, place: Path, seen: set[_Mark]) -> Iterator[Found]:
    """All pictures below `folder`: by name, files before folders, and what links lead to at the end."""
    if isinstance(folder, Url):
        yield from _listed(folder, place, seen)
        return
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


def _listed(folder: Url, place: Path, seen: set[_Mark]) -> Iterator[Found]:
    """All pictures below `folder` of a store, which is listed at once: it knows no folders."""
    walked = [mark for mark in seen if isinstance(mark, Url)]
    seen.add(folder)
    for path in storage.below(folder):
        inner = path.relative_to(folder)
        if _is_shown(inner) and not any(path.is_relative_to(other) for other in walked):
            yield Found(path, place / inner)


def _is_shown(inner: Path) -> bool:
    """Whether an object is taken; one with ".." in its key would lead out of the output folder."""
    return is_picture(inner.name) and not _is_hidden(inner)


def _is_hidden(inner: Path) -> bool:
    return any(part.startswith(".") for part in inner.parts) or bool(inner.anchor)


def _matches(pattern: Place, seen: set[_Mark]) -> Iterator[Found]:
    """What a pattern matches, below the part of it that has no signs."""
    fixed = storage.fixed_part(pattern)
    count = 0
    for path, is_folder in storage.matches(pattern):
        count += 1
        place = path.relative_to(fixed)  # type: ignore[arg-type]  # both are paths, or both are URLs
        if is_folder:
            if "**" not in str(pattern) and not (isinstance(path, Url) and _is_hidden(place)):
                yield from _walk(path, place, seen)
        elif isinstance(path, Url):
            if _is_shown(place) and not any(isinstance(mark, Url) and path.is_relative_to(mark) for mark in seen):
                yield Found(path, place)
        elif is_picture(path.name) and _mark(path.parent) not in seen:
            yield Found(path, place)
    if not count:
        raise InputError(f"Nothing matches {pattern}; give files, folders or patterns such as 'photos/*.jpg'.")


def _mark(folder: Place | None) -> _Mark | None:
    """What a folder is known by, whatever link it is reached by."""
    if isinstance(folder, Url):
        return folder
    try:
        state = folder.stat() if folder else None
    except OSError:
        return None
    return (state.st_dev, state.st_ino) if state else None
