"""Finding pictures in folders, in stores and by glob patterns, always in the same order; circular links are followed once."""

from __future__ import annotations

import glob
import os
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from portrait_nst.batch import storage
from portrait_nst.batch.manifest.database import NAME
from portrait_nst.batch.planning.aside import Aside, Results
from portrait_nst.batch.storage import Location, Url
from portrait_nst.errors import InputError
from portrait_nst.imaging.formats import READABLE_SUFFIXES
from portrait_nst.video.names import FILMS

_TAKEN = READABLE_SUFFIXES | FILMS
_FolderId = tuple[int, int] | Url  # device and inode of a local folder


@dataclass(frozen=True)
class FoundPicture:
    """A picture; or, with `error`, a folder that cannot be read.

    relative: its path below the folder that was named, which it also has below the output folder.
    searched: whether it was found in a folder, so that a result of an earlier batch is not meant; named files are.
    """

    path: Location
    relative: Path
    error: str = ""
    searched: bool = False


def find_pictures(
    inputs: Sequence[str | Path | Url], avoid: Location | None = None, aside: Aside | None = None
) -> Iterator[FoundPicture]:
    """The pictures that `inputs` name: files, folders with everything below them, and glob patterns; paths or URLs.

    avoid: a folder that is left out wherever it lies, unless it is one of `inputs` itself.
    aside: counts what is left aside in folders and by patterns, with what a batch painted there, which its manifest names;
           None where such results are wanted too, as for styles.

    A file keeps only the last part of its name. A folder's structure is kept, below the folder's own name where several folders
    are named. A folder is searched once, however many links lead to it. Raises InputError for an input that does not exist,
    or is a pipe, a socket or a device.
    """
    named = [storage.locate(name) for name in inputs]
    types = [storage.entry_type(path) for path in named]
    own = {_folder_id(path) for path in named}
    seen = {folder for folder in [_folder_id(avoid)] if folder and folder not in own}
    for path, entry_type in zip(named, types):
        if entry_type == "folder":
            yield from _pictures_below(path, Path(_own_name(path) if types.count("folder") > 1 else ""), seen, aside)
        elif entry_type == "file":
            _check_plain(path)
            yield FoundPicture(path, Path(path.name))
        elif glob.has_magic(str(path)):
            yield from _matches(path, seen, aside)
        else:
            raise _missing(path)


def check_there(inputs: Sequence[str | Path | Url]) -> None:
    """Raise InputError for one of `inputs` that neither exists nor is a pattern, or that cannot be read as a file or folder."""
    for path in map(storage.locate, inputs):
        entry_type = storage.entry_type(path)
        if not glob.has_magic(str(path)) and not entry_type:
            raise _missing(path)
        if entry_type == "file":
            _check_plain(path)
        if entry_type == "folder" and isinstance(path, Path):
            try:
                os.scandir(path).close()
            except OSError as error:
                raise InputError(_unreadable(path, error)) from None


def _missing(path: Location) -> InputError:
    return InputError(f"{path} does not exist; give files, folders or patterns such as 'photos/*.jpg'.")


def _check_plain(path: Location) -> None:
    if isinstance(path, Path) and (kind := storage.special_kind(path)):
        raise InputError(f"{path} is a {kind}; a batch needs picture files.")


def _unreadable(folder: Location, error: OSError) -> str:
    return f"The folder {folder} cannot be read ({error.strerror or error})."


def _own_name(folder: Location) -> str:
    return folder.resolve().name if isinstance(folder, Path) else folder.name


def is_picture(name: str) -> bool:
    """Whether a file of this name in a folder is taken for a picture or a film. Hidden files are not: other programs made them."""
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in _TAKEN  # noqa: PTH122 - fast


def _pictures_below(
    folder: Location, relative: Path, seen: set[_FolderId], aside: Aside | None
) -> Iterator[FoundPicture]:
    """All pictures below `folder`: sorted by name, files before folders, and linked folders at the end.

    relative: the path that `folder` has below the output folder; seen: folders to leave out, which grows.
    """
    if isinstance(folder, Url):
        yield from _objects_below(folder, relative, seen, aside)
        return
    stack, links = [(folder, relative)], deque[tuple[Path, Path]]()
    results = Results(aside)
    while stack or links:
        here, there = stack.pop() if stack else links.popleft()
        folder_id = _folder_id(here)
        if folder_id in seen:
            continue
        if folder_id:
            seen.add(folder_id)
        pictures, folders = [], []
        try:
            with os.scandir(here) as entries:
                for entry in entries:
                    if _is_folder(entry):
                        if not entry.name.startswith("."):
                            folders.append((os.fsencode(entry.name), entry.is_symlink()))
                    elif is_picture(entry.name) and _is_special(entry):
                        if aside is not None:
                            aside.add_special()
                    elif is_picture(entry.name):
                        pictures.append(os.fsencode(entry.name))
                    elif entry.name == NAME:
                        results.enter(here)
                    elif aside is not None:
                        aside.add_name(entry.name)
        except OSError as error:
            yield FoundPicture(here, there, _unreadable(here, error))
            continue
        pictures.sort()
        for name in pictures:
            picture = here / os.fsdecode(name)
            if not results.holds(picture):
                yield FoundPicture(picture, there / os.fsdecode(name), searched=True)
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


def _is_special(entry: os.DirEntry[str]) -> bool:
    """Whether it is a pipe, a socket or a device, which are not waited for."""
    try:
        return not entry.is_file() and bool(storage.special_kind(Path(entry.path)))
    except OSError:  # a link to itself
        return False


def _objects_below(folder: Url, relative: Path, seen: set[_FolderId], aside: Aside | None) -> Iterator[FoundPicture]:
    """All pictures below `folder` of a store, which is listed at once because it has no folders."""
    searched = [other for other in seen if isinstance(other, Url)]
    seen.add(folder)
    files, results = storage.list_files(folder), Results(aside)
    for path in files:
        if path.name == NAME:
            results.enter(path.parent)
    for path in files:
        inner = path.relative_to(folder)
        if any(path.is_relative_to(other) for other in searched):
            continue
        if not _is_object_taken(inner):
            if aside is not None:
                aside.add_name("." if _is_hidden(inner) else path.name)
        elif not results.holds(path):
            yield FoundPicture(path, relative / inner, searched=True)


def _is_object_taken(inner: Path) -> bool:
    """Whether an object is taken for a picture; a key with ".." in it would lead out of the output folder."""
    return is_picture(inner.name) and not _is_hidden(inner)


def _is_hidden(inner: Path) -> bool:
    """Whether a part of the path begins with a dot, or the path is absolute."""
    return any(part.startswith(".") for part in inner.parts) or bool(inner.anchor)


def _matches(pattern: Location, seen: set[_FolderId], aside: Aside | None) -> Iterator[FoundPicture]:
    """The pictures that a pattern matches; their paths begin after the part of the pattern that has no wildcards.

    They are named, as the files are that a shell makes of a pattern, unless "**" looks for them in all folders.
    """
    deep = "**" in str(pattern)
    root = storage.glob_root(pattern)
    count = 0
    for path, is_folder in storage.matches(pattern):
        count += 1
        relative = path.relative_to(root)  # type: ignore[arg-type]  # both are paths, or both are URLs
        if is_folder:
            if not deep and not (isinstance(path, Url) and _is_hidden(relative)):
                yield from _pictures_below(path, relative, seen, aside)
        elif isinstance(path, Url):
            if _is_object_taken(relative) and not any(isinstance(o, Url) and path.is_relative_to(o) for o in seen):
                yield FoundPicture(path, relative, searched=deep)
        elif not is_picture(path.name):
            if aside is not None:
                aside.add_name(path.name)
        elif storage.special_kind(path):
            if aside is not None:
                aside.add_special()
        elif _folder_id(path.parent) not in seen:
            yield FoundPicture(path, relative, searched=deep)
    if not count:
        raise InputError(f"Nothing matches {pattern}; give files, folders or patterns such as 'photos/*.jpg'.")


def _folder_id(folder: Location | None) -> _FolderId | None:
    """What identifies a folder, whichever link leads to it; None where there is no folder."""
    if isinstance(folder, Url):
        return folder
    try:
        state = folder.stat() if folder else None
    except OSError:
        return None
    return (state.st_dev, state.st_ino) if state else None
