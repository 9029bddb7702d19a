"""Stores for tests: a memory:// that begins empty, an S3 server on a free port, and an engine that works in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from portrait_nst.batch.storage import drivers
from portrait_nst.batch.workers.engine import MakeWorker, NextTask
from portrait_nst.batch.workers.task import Conditions, Outcome


class Here:
    """An engine in this process, the only one that sees its memory://. After `stop_after` pictures it is killed."""

    def __init__(self, worker: MakeWorker, stop_after: int | None = None) -> None:
        self.lost: list[int] = []
        self._worker, self._left = worker(Conditions(device="cpu")), stop_after

    def work(self, next_task: NextTask) -> Iterator[Outcome]:
        """Do all tasks, one after the other."""
        while (task := next_task()) is not None:
            outcome = self._worker.do(task)
            if self._left == 0:  # painted and uploaded, but nobody hears of it
                raise Killed
            if self._left is not None:
                self._left -= 1
            yield outcome

    def close(self) -> None:
        """Nothing is to be ended."""


class Killed(BaseException):
    """As if by `kill -9`."""


def forget_all() -> None:
    """Drivers keep connections and endpoints; forget them, as a new process would."""
    from fsspec import get_filesystem_class

    drivers._store.cache_clear()
    drivers._roots.clear()
    get_filesystem_class("s3").clear_instance_cache()


def empty_memory() -> Any:
    """The file system of memory://, with nothing in it."""
    from fsspec.implementations.memory import MemoryFileSystem

    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]
    return MemoryFileSystem()


@contextmanager
def s3_server() -> Iterator[Any]:
    """An S3 server with the bucket "bucket", and the environment that names it. Yields fsspec's view of it."""
    moto = pytest.importorskip("moto.server")
    pytest.importorskip("s3fs")
    import fsspec

    server = moto.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    values = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "something",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(name, value)
        forget_all()
        store = fsspec.filesystem("s3", use_listings_cache=False)
        store.mkdir("bucket")
        try:
            yield store
        finally:
            server.stop()
            forget_all()


def put(store: Any, files: list[Path], root: Path, folder: str) -> None:
    """Upload `files` to `folder` as they lie below `root`."""
    for file in files:
        store.pipe_file(f"{folder}/{file.relative_to(root).as_posix()}", file.read_bytes())
