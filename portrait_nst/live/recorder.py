"""What is shown, written into a film while it runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from portrait_nst.live.stages import Shown

if TYPE_CHECKING:
    from portrait_nst.clips import ClipWriter


class Recorder:
    """Writes the pictures that are shown between `begin` and `end` into films, one after the other, with their own times."""

    def __init__(self, new: Callable[[str], Path]) -> None:
        """new: gives the path of a file with a suffix that is not there yet."""
        self.files: list[Path] = []
        self._new, self._wanted = new, False
        self._writer: ClipWriter | None = None

    def begin(self) -> None:
        """From the next picture on."""
        self._wanted = True

    def add(self, shown: Shown) -> None:
        """Take a picture, if it is recorded. Raises ResourceError where the disk is full."""
        if not (self._wanted and shown.painted):
            return
        if self._writer is None:
            path = self._new(".mp4")
            self._writer = _writer(path, shown)
            self.files.append(path)
        self._writer.write(shown.frame.replaced(shown.picture))

    def end(self) -> None:
        """The film is whole."""
        self._wanted, writer, self._writer = False, self._writer, None
        if writer is not None:
            writer.close()

    close = end
