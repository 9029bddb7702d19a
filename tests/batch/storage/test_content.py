"""Reading from what is no file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from portrait_nst.batch import storage
from portrait_nst.errors import InputError


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no such pipes")
def test_a_pipe_among_photos_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    assert storage.fingerprint(pipe) is None
    for read in (storage.read, storage.read_start):
        with pytest.raises(InputError, match=r"pipe\.jpg is a pipe"):
            read(pipe)
