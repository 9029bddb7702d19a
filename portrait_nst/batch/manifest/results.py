"""Pictures that a batch painted, known by the manifest of their folder or by the recipe in their file."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from portrait_nst.batch import storage
from portrait_nst.batch.manifest.database import NAME
from portrait_nst.batch.manifest.manifest import Manifest
from portrait_nst.batch.storage import Location, Url
from portrait_nst.errors import PortraitError
from portrait_nst.video.names import is_film

_QUERY = "SELECT output_key FROM jobs WHERE output_key IS NOT NULL AND written IS NOT NULL"
LOOKED_AT = 1 << 16  # bytes at the beginning and at the end of a file, where a recipe lies in every format


def results_of(folder: Location) -> frozenset[str]:
    """The pictures that the batch of `folder` painted, as `output_paths.canonical` paths below it; none without a manifest.

    Nothing is written beside a manifest on this machine. A damaged one counts as missing: it is that of another batch.
    """
    try:
        if isinstance(folder, Url):
            with Manifest.read(folder) as manifest:
                return frozenset(row[0] for row in manifest.database.execute(_QUERY))
        file = folder / NAME
        if not file.is_file():  # SQLite would wait for a pipe
            return frozenset()
        # Without a log no batch is writing; then SQLite is told so, and makes no files of its own for reading.
        still = "" if (folder / f"{NAME}-wal").exists() else "&immutable=1"
        with contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro{still}", uri=True)) as database:
            return frozenset(row[0] for row in database.execute(_QUERY))
    except (sqlite3.Error, UnicodeDecodeError, PortraitError, OSError):
        return frozenset()


def holds_recipe(picture: Path) -> bool:
    """Whether we wrote the file `picture`: it holds a recipe. It is read wholly only where its beginning or end names us."""
    from portrait_nst.clips.join import recipe_in
    from portrait_nst.imaging import read_recipe
    from portrait_nst.imaging.metadata import KEY

    if storage.special_kind(picture):
        return False
    if is_film(picture.name):
        return recipe_in(picture) is not None
    try:
        with picture.open("rb") as file:
            found = file.read(LOOKED_AT)
            if os.fstat(file.fileno()).st_size > LOOKED_AT:
                file.seek(max(LOOKED_AT, file.seek(0, os.SEEK_END) - LOOKED_AT))
                found += file.read()
        return KEY.encode() in found and bool(read_recipe(picture))
    except (OSError, ValueError, PortraitError):
        return False
