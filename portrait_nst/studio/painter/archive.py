"""Many files as one ZIP that is sent while it is made: nothing is packed twice, written to the disk or held in memory."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

BLOCK = 1 << 20  # bytes that are read at once


class _Stream:
    """A file that cannot be wound back, whose bytes are taken out as they come."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def stored(files: Iterable[tuple[Path, str]]) -> Iterator[bytes]:
    """The parts of a ZIP with these files under these names, stored as they are: pictures are packed already.

    A file that is gone when its turn comes is left out.
    """
    stream = _Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for path, name in files:
            try:
                source = path.open("rb")
            except OSError:
                continue
            with source:
                status = path.stat()
                info = zipfile.ZipInfo(name, time.localtime(status.st_mtime)[:6])
                info.external_attr = 0o644 << 16
                with archive.open(info, "w", force_zip64=status.st_size > zipfile.ZIP64_LIMIT // 2) as target:
                    while block := source.read(BLOCK):
                        target.write(block)
                        yield stream.taken()
            yield stream.taken()
    yield stream.taken()
