"""SQLite's errors in words."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from pathlib import Path

import pytest

from portrait_nst.batch.manifest import database
from portrait_nst.errors import ResourceError


def test_a_full_disk_is_called_so_when_sqlite_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=4096))
    with pytest.raises(ResourceError, match="is full"), database.translated_errors(tmp_path):
        raise sqlite3.OperationalError("disk I/O error")
    assert not database.is_full(OSError(errno.EIO, "I/O error"))
