"""Half-written files that killed workers left behind."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from portrait_nst.batch.manifest.manifest import Manifest
from portrait_nst.batch.manifest.paths import as_path

TEMPORARY = ".portrait-nst-*.tmp"  # the names that `imaging.atomic` gives to temporary files
SCRATCH = "scratch"  # in the manifest's home: pictures before they are uploaded to a store


def remove_leftovers(manifest: Manifest) -> None:
    """Remove the temporary files beside outputs that were interrupted; call it only while no worker is writing."""
    if not isinstance(manifest.folder, Path):
        shutil.rmtree(manifest.home / SCRATCH, ignore_errors=True)
        return
    query = "SELECT DISTINCT output FROM jobs WHERE state = 'running' OR attempts > 1"
    rows = manifest.database.execute(query).fetchall()
    for folder in {(manifest.folder / as_path(row["output"])).parent for row in rows if row["output"] is not None}:
        for file in folder.glob(TEMPORARY):
            with contextlib.suppress(OSError):
                file.unlink()
