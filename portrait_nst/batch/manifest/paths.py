"""How the manifest holds paths: relative to its own folder where the two share one, since users share output folders.

What lies on another branch of the file system ("/mnt/out" beside "/home/anna/photos") keeps its absolute path: the batch must
find it again, and a relative one would name the same folders. Identities and digests are made of absolute paths, as they always
were, so that the manifests of earlier versions, with absolute paths, go on.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from portrait_nst.batch import storage
from portrait_nst.batch.storage import Location
from portrait_nst.settings import base_name

OUT = "{out}/"
"""Stands for the folder of the manifest. A relative path would be one from the working folder, as users give them in settings."""


def as_stored(path: Location | None, folder: Location | None = None) -> str | bytes | None:
    """A path or URL as a column holds it: text, or bytes where the path is not UTF-8. `folder` is the manifest's."""
    if path is None:
        return None
    text = _to_folder(str(path), folder)
    try:
        text.encode()
    except UnicodeEncodeError:
        return os.fsencode(text)
    return text


def as_path(stored: str | bytes) -> Path:
    """The path that a column holds, of an output."""
    return Path(os.fsdecode(stored))


def as_location(stored: str | bytes, folder: Location | None = None) -> Location:
    """The path or URL that a column holds."""
    text = _from_folder(os.fsdecode(stored), folder)
    return Path(text) if isinstance(stored, bytes) else storage.locate(text)


def shown(stored: str | bytes) -> str:
    """What a page that is shown to others may say of it: the path from the manifest's folder, else the name alone."""
    text = os.fsdecode(stored)
    return text.removeprefix(OUT) if text.startswith(OUT) else base_name(text)


def to_folder(values: Any, folder: Location) -> Any:
    """JSON-ready `values` with all absolute paths in them as `as_stored` gives them."""
    return _changed(values, lambda text: _to_folder(text, folder))


def from_folder(values: Any, folder: Location) -> Any:
    """The values that `to_folder` was given."""
    return _changed(values, lambda text: _from_folder(text, folder))


def _changed(values: Any, change: Any) -> Any:
    if isinstance(values, dict):
        return {name: _changed(value, change) for name, value in values.items()}
    if isinstance(values, (list, tuple)):
        return [_changed(value, change) for value in values]
    return change(values) if isinstance(values, str) else values


def _to_folder(text: str, folder: Location | None) -> str:
    if not isinstance(folder, Path) or not os.path.isabs(text):  # noqa: PTH117 - of texts, and there are many
        return text
    here = os.path.abspath(folder)  # noqa: PTH100 - links are not followed, as in `storage.absolute`
    try:
        shared = os.path.commonpath([here, text])
    except ValueError:  # on another drive
        return text
    if os.path.dirname(shared) == shared:  # noqa: PTH120 - the root, which says nothing
        return text
    return OUT + Path(os.path.relpath(text, here)).as_posix()


def _from_folder(text: str, folder: Location | None) -> str:
    if not text.startswith(OUT) or not isinstance(folder, Path):
        return text
    return os.path.normpath(os.path.join(os.path.abspath(folder), text[len(OUT) :]))  # noqa: PTH100, PTH118
