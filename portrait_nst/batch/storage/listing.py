"""What is there: types of entries, files below a folder, glob patterns, sizes, and fingerprints that show a change."""

from __future__ import annotations

import glob
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from portrait_nst.batch.storage.drivers import is_missing_bucket, open_store, translated_errors
from portrait_nst.batch.storage.location import Location, Url, glob_root

EntryType = Literal["folder", "file", ""]


def entry_type(location: Location) -> EntryType:
    """Whether `location` is a "folder" or a "file"; "" where nothing is there."""
    if isinstance(location, Path):
        try:
            return "folder" if location.is_dir() else "file" if os.path.lexists(location) else ""
        except OSError:  # a name that is longer than the file system takes
            return ""
    info = _info(location)
    return "" if info is None else "folder" if info["type"] == "directory" else "file"


def special_kind(path: Path) -> str:
    """What `path`, or what it links to, is where it is no plain file or folder: "pipe", "socket" or "device"; else ""."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):  # nothing is there, or nothing that may be asked
        return ""
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return ""
    return "pipe" if stat.S_ISFIFO(mode) else "socket" if stat.S_ISSOCK(mode) else "device"


def list_files(folder: Url) -> list[Url]:
    """All files below `folder`, at any depth, sorted by name."""
    store, path = open_store(folder)
    with translated_errors(folder):
        found = store.find(path, detail=True)
    inner = sorted(name for name, info in found.items() if info["type"] == "file")
    return [Url(f"{folder}/{name[len(path.rstrip('/')) + 1 :]}") for name in inner]


def list_sizes(folder: Url) -> dict[str, int]:
    """The sizes in bytes of the files directly in `folder`, by name; this takes one request for all of them."""
    store, path = open_store(folder)
    with translated_errors(folder):
        try:
            entries = store.ls(path, detail=True)
        except FileNotFoundError:  # nothing was written there yet
            return {}
    return {entry["name"].rpartition("/")[2]: entry["size"] for entry in entries if entry["type"] == "file"}


def matches(pattern: Location) -> Iterator[tuple[Location, bool]]:
    """The entries that the glob `pattern` matches, sorted by name, each with whether it is a folder."""
    if isinstance(pattern, Path):
        for name in sorted(glob.iglob(str(pattern), recursive=True), key=os.fsencode):  # noqa: PTH207 - takes whole patterns
            yield Path(name), Path(name).is_dir()
        return
    store, path = open_store(pattern)
    with translated_errors(pattern):
        found = store.glob(path, detail=True)
    start = glob_root(pattern)
    length = len(store._strip_protocol(str(start)).rstrip("/")) + 1
    for name in sorted(found):
        yield Url(f"{start}/{name[length:]}"), found[name]["type"] == "directory"


def fingerprint(location: Location) -> tuple[int, int] | None:
    """Size in bytes, and a number that changes with the content; None where there is no regular file.

    The number is a local file's time of change in nanoseconds, or comes from an object's ETag or checksum.
    """
    if isinstance(location, Path):
        try:
            state = location.stat()
        except OSError:
            return None
        if not stat.S_ISREG(state.st_mode):  # the contents of a pipe can be read only once
            return None
        return state.st_size, state.st_mtime_ns
    info = _info(location)
    if info is None:
        return None
    tag = info.get("ETag") or info.get("etag")
    if tag:  # without another request
        number = int(hashlib.sha256(str(tag).encode()).hexdigest(), 16)
    else:
        store, path = open_store(location)
        number = store.checksum(path)
    return int(info["size"] or 0), number & (2**63 - 1)  # an integer column of SQLite holds 63 bits


def _info(url: Url) -> dict[str, Any] | None:
    """What the store says about `url`; None where nothing is there."""
    store, path = open_store(url)
    with translated_errors(url):
        try:
            info: dict[str, Any] = store.info(path)
        except FileNotFoundError as error:
            if is_missing_bucket(error):
                raise
            return None
    return info
