"""Reading and writing files that lie on this machine or in a store."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

from portrait_nst.batch.storage.drivers import open_store, translated_errors
from portrait_nst.batch.storage.listing import entry_type, fingerprint, special_kind
from portrait_nst.batch.storage.location import Location, Url
from portrait_nst.errors import InputError, PortraitError
from portrait_nst.types import Photo

HEADER = 1 << 18  # bytes from which nearly every picture's size can be read


def read(location: Location) -> bytes:
    """All bytes of the file. Raises InputError or ResourceError with a message that names the location."""
    from portrait_nst.imaging.sources import read_bytes

    if isinstance(location, Path):
        if kind := special_kind(location):  # reading would wait for it, and a batch reads some files twice
            raise InputError(f"{location} is a {kind}; a batch needs picture files.")
        return read_bytes(location)
    store, path = open_store(location)
    with translated_errors(location):
        data: bytes = store.cat_file(path)
    if not data:
        raise InputError(f"{location} is empty (0 bytes); expected a picture. Was the upload cut short?")
    return data


def load(location: Location, data: bytes | None = None) -> Photo:
    """The picture at `location`; it is decoded from `data` where that was read already."""
    from portrait_nst import imaging

    # Recipes and captions use only those properties of a photo's path that a Url has too.
    return imaging.decode(read(location) if data is None else data, str(location), path=cast(Path, location))


def read_start(location: Location, length: int = HEADER) -> bytes:
    """The first `length` bytes of the file, or all there are. Raises InputError or ResourceError as `read` does."""
    if isinstance(location, Path):
        if not (fingerprint(location) or (0,))[0]:  # missing, empty or no file: it says which
            return read(location)
        try:
            with location.open("rb") as file:
                return file.read(length)
        except OSError:
            return read(location)
    store, path = open_store(location)
    with translated_errors(location):
        data: bytes = store.cat_file(path, start=0, end=length)
    return data


@contextlib.contextmanager
def open_text(location: Location) -> Iterator[IO[str]]:
    """A text file to read line by line; bytes that are not UTF-8 are kept as surrogates."""
    options: dict[str, Any] = {"encoding": "utf-8-sig", "errors": "surrogateescape", "newline": ""}
    if isinstance(location, Path):
        with location.open(**options) as stream:
            yield stream
        return
    store, path = open_store(location)
    with translated_errors(location), store.open(path, "rb") as file, io.TextIOWrapper(file, **options) as stream:
        yield stream


@contextlib.contextmanager
def output_file(target: Location, scratch: Path | None = None) -> Iterator[Path]:
    """A local path to write to. What is in a store is written in the folder `scratch` and uploaded when the block ends."""
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
        upload(file, target)


@contextlib.contextmanager
def _temporary(stands_for: Url, scratch: Path | None) -> Iterator[Path]:
    """A path in a temporary folder; errors in the block name the URL instead of it."""
    if scratch is not None:
        scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="portrait-nst-", dir=scratch) as folder:
        file = Path(folder) / stands_for.name
        try:
            yield file
        except PortraitError as error:
            raise type(error)(str(error).replace(str(file), str(stands_for))) from error


def upload(file: Path, target: Url) -> None:
    """Upload `file`; an object store shows it only once it is complete. Raises InputError, ResourceError."""
    store, path = open_store(target)
    with translated_errors(target, "cannot be written"):
        store.put_file(str(file), path)


def download(source: Url, file: Path) -> bool:
    """Download `source` into `file`; returns False where nothing is there."""
    if entry_type(source) != "file":
        return False
    store, path = open_store(source)
    with translated_errors(source):
        store.get_file(path, str(file))
    return True
