"""Half-written files that killed workers left behind."""

from __future__ import annotations

import os
from pathlib import Path

from portrait_nst.batch import Manifest, Order
from portrait_nst.batch.manifest.leftovers import SCRATCH, remove_leftovers
from portrait_nst.imaging.atomic import open_temporary
from tests.batch.runs import OUT, paint


def test_only_temporary_files_beside_interrupted_outputs_are_removed(two_photos: Order, tmp_path: Path) -> None:
    out = tmp_path / "out"
    paint(two_photos, out)
    files = []
    for name in ("a-style.png", "sub/b-style.png"):
        handle, file = open_temporary(out / name)
        os.close(handle)
        files.append(file)
    with Manifest.open(out) as manifest:
        manifest.database.execute("UPDATE jobs SET state = 'running' WHERE output = 'a-style.png'")
        remove_leftovers(manifest)
    assert [file.exists() for file in files] == [False, True]
    assert (out / "a-style.png").exists()


def test_pictures_that_were_not_uploaded_are_removed(memory: object) -> None:
    with Manifest.open(OUT) as manifest:
        (manifest.home / SCRATCH).mkdir()
        (manifest.home / SCRATCH / "a.png").touch()
        remove_leftovers(manifest)
        assert not (manifest.home / SCRATCH).exists()
