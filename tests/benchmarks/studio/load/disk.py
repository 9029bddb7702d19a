"""A small disk that fills up while jobs are painted, and has room again a while later."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks.studio.load.ledger import Ledger
from tests.benchmarks.studio.load.server import Server

SIZE = 100  # megabytes, half of which uploads leave for the results of jobs
FULL = 30.0  # seconds
BALLAST = "ballast"


@contextlib.contextmanager
def mounted(folder: Path) -> Iterator[None]:
    """A file system of `SIZE` megabytes in memory at `folder`. Ends the program where that is not allowed."""
    words = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", str(folder)]
    folder.mkdir(exist_ok=True)
    try:
        subprocess.run(words, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SystemExit(f"skipped: no file system can be mounted here ({error})") from None
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


async def fill(
    server: Server, ledger: Ledger, finished: Callable[[], int], jobs: int, told: Callable[[str], None]
) -> None:
    """Fill the disk to the last byte after a quarter of the jobs, and make room again after a while."""
    while finished() < jobs / 4:
        await asyncio.sleep(0.2)
    ballast = server.folder / BALLAST
    for _ in range(3):  # files of jobs come and go meanwhile
        with ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            for size in (1 << 20, 1 << 12, 1):
                with contextlib.suppress(OSError):
                    while file.write(bytes(size)) == size:
                        pass
        await asyncio.sleep(0.3)
    before, errors = finished(), dict(ledger.errors)
    told(f"the disk is full ({shutil.disk_usage(server.folder).free} bytes free) after {before} jobs")
    await asyncio.sleep(FULL)
    told(f"room is made; meanwhile {finished() - before} jobs ended")
    for error, number in ledger.errors.items():
        if number > errors.get(error, 0):
            print(f"    said while it was full: {number - errors.get(error, 0)} x {error}")
    ballast.unlink()
