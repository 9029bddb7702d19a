"""Where pictures lie, local paths and URLs: what is there, reading, writing. What differs between the two is here."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import io
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

from portrait_nst import named_styles
from portrait_nst.batch.storage.stores import forget, is_root, opened, said
from portrait_nst.batch.storage.urls import Place, Url, absolute, fixed_part, join, place
from portrait_nst.errors import InputError, PortraitError
from portrait_nst.types import Photo

HEADER = 1 << 18  # bytes in which a picture's size is found, but for the oddest files

__all__ = ["Place", "Url", "absolute", "fixed_part", "forget", "join", "place"]


def kind(found: Place) -> str:
    """ "folder", "file", or "" where there is nothing."""
    if isinstance(found, Path):
        return "folder" if found.is_dir() else "file" if os.path.lexists(found) else ""
    info = _info(found)
    return "" if info is None else "folder" if info["type"] == "directory" else "file"


def style(base: Place, name: str | Path | Url) -> Place:
    """The style that `name` means in the folder `base`: an absolute path, a URL, or the name of one of ours.

    As a name it is the same on every machine, wherever the package lies there. Raises InputError for a name that there is not.
    """
    word = str(name)
    there = join(base, word)
    # A folder cannot be meant, and may be the batch's own output by now.
    if named_styles.is_name(word) and kind(there) != "file":
        return Path(named_styles.named(word).stem)
    return there


def picture_of(style: Place) -> Place:
    """Where the picture of a `style` lies here: only a name is no absolute path."""
    return named_styles.named(style) if isinstance(style, Path) and not style.is_absolute() else style


def below(folder: Url) -> list[Url]:
    """All files below `folder`, by name."""
    store, path = opened(folder)
    with said(folder):
        found = store.find(path, detail=True)
    inner = sorted(name for name, info in found.items() if info["type"] == "file")
    return [Url(f"{folder}/{name[len(path.rstrip('/')) + 1 :]}") for name in inner]


def matches(pattern: Place) -> Iterator[tuple[Place, bool]]:
    """What the glob `pattern` matches, by name, and whether it is a folder."""
    if isinstance(pattern, Path):
        for name in sorted(glob.iglob(str(pattern), recursive=True), key=os.fsencode):  # noqa: PTH207 - takes whole patterns
            yield Path(name), Path(name).is_dir()
        return
    store, path = opened(pattern)
    with said(pattern):
        found = store.glob(path, detail=True)
    start = fixed_part(pattern)
    length = len(store._strip_protocol(str(start)).rstrip("/")) + 1
    for name in sorted(found):
        yield Url(f"{start}/{name[length:]}"), found[name]["type"] == "directory"


def stamp(found: Place) -> tuple[int, int] | None:
    """Size, and what changes when the content does: time of change of a file, ETag or checksum of an object."""
    if isinstance(found, Path):
        try:
            state = found.stat()
        except OSError:
            return None
        if not stat.S_ISREG(state.st_mode):  # what a pipe holds is gone when it is read, and until then nobody knows
            return None
        return state.st_size, state.st_mtime_ns
    info = _info(found)
    if info is None:
        return None
    tag = info.get("ETag") or info.get("etag")
    if tag:  # without another request
        number = int(hashlib.sha256(str(tag).encode()).hexdigest(), 16)
    else:
        store, path = opened(found)
        number = store.checksum(path)
    return int(info["size"] or 0), number & (2**63 - 1)  # what a column of SQLite holds


def read(found: Place) -> bytes:
    """All bytes. Raises InputError, ResourceError; the message names the place."""
    from portrait_nst.imaging.sources import read_bytes

    if isinstance(found, Path):
        if _is_pipe(found):  # it would be waited for, and a batch reads some files twice
            raise InputError(f"{found} is a pipe; a batch needs picture files.")
        return read_bytes(found)
    store, path = opened(found)
    with said(found):
        data: bytes = store.cat_file(path)
    if not data:
        raise InputError(f"{found} is empty (0 bytes); expected a picture. Was the upload cut short?")
    return data


def _is_pipe(path: Path) -> bool:
    try:
        return stat.S_ISFIFO(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def load(found: Place, data: bytes | None = None) -> Photo:
    """The picture there, of `data` where that is read already."""
    from portrait_nst import imaging

    # What a recipe and a caption ask of a photo's path, a Url has too.
    return imaging.decode(read(found) if data is None else data, str(found), path=cast(Path, found))


def header(found: Place) -> Path | IO[bytes]:
    """What tells a picture's size: the file, or the beginning of an object."""
    if isinstance(found, Path):
        return io.BytesIO() if stamp(found) is None else found
    store, path = opened(found)
    try:
        return io.BytesIO(store.cat_file(path, start=0, end=HEADER))
    except Exception:  # it is only a forecast; whoever paints it will say what is wrong
        return io.BytesIO()


@contextlib.contextmanager
def text(found: Place) -> Iterator[IO[str]]:
    """A text file to read, line by line; bytes that are no UTF-8 stay as they are."""
    how: dict[str, Any] = {"encoding": "utf-8-sig", "errors": "surrogateescape", "newline": ""}
    if isinstance(found, Path):
        with found.open(**how) as stream:
            yield stream
        return
    store, path = opened(found)
    with said(found), store.open(path, "rb") as file, io.TextIOWrapper(file, **how) as stream:
        yield stream


@contextlib.contextmanager
def writing(target: Place, scratch: Path | None = None) -> Iterator[Path]:
    """Where to write what shall be at `target` when the block ends: there itself, or in `scratch`, from where it is uploaded."""
    if isinstance(target, Path):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise InputError(
                f"{target} cannot be written: a part of its path is a file, not a folder. Move that away."
            ) from None
        yield target
        return
    with _temporary(target, scratch) as file:
        yield file
        put(file, target)


@contextlib.contextmanager
def fetched(found: Place, scratch: Path | None = None) -> Iterator[Path]:
    """The file itself, or until the block ends a copy of the object there, of which errors tell by its URL."""
    if isinstance(found, Path):
        yield found
        return
    with _temporary(found, scratch) as file:
        file.write_bytes(read(found))
        yield file


@contextlib.contextmanager
def _temporary(stands_for: Url, scratch: Path | None) -> Iterator[Path]:
    if scratch is not None:
        scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="portrait-nst-", dir=scratch) as folder:
        file = Path(folder) / stands_for.name
        try:
            yield file
        except PortraitError as error:
            raise type(error)(str(error).replace(str(file), str(stands_for))) from error


def put(file: Path, target: Url) -> None:
    """Upload `file`: an object store shows it when it is there whole. Raises InputError, ResourceError."""
    store, path = opened(target)
    with said(target, "cannot be written"):
        store.put_file(str(file), path)


def get(found: Url, file: Path) -> bool:
    """Download into `file`; False where nothing is there."""
    if kind(found) != "file":
        return False
    store, path = opened(found)
    with said(found):
        store.get_file(path, str(file))
    return True


def sizes_in(folder: Url) -> dict[str, int]:
    """The sizes of the files in `folder` by name, with one request for all."""
    store, path = opened(folder)
    with said(folder):
        try:
            entries = store.ls(path, detail=True)
        except FileNotFoundError:  # nothing was written there yet
            return {}
    return {entry["name"].rpartition("/")[2]: entry["size"] for entry in entries if entry["type"] == "file"}


def _info(url: Url) -> dict[str, Any] | None:
    store, path = opened(url)
    with said(url):
        try:
            info: dict[str, Any] = store.info(path)
        except FileNotFoundError as error:
            if is_root(error):
                raise
            return None
    return info
