"""What is shown, written into a film while it runs."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from portrait_nst.live.stages import Shown

if TYPE_CHECKING:
    from portrait_nst.clips import ClipWriter

TICK = Fraction(1, 1000)  # seconds: times of pictures are as they came
RATE = Fraction(15)  # about as many a second


class Recorder:
    """Writes the pictures that are shown between `begin` and `end` into films, one after the other, with their own times."""

    def __init__(self, new: Callable[[str], Path]) -> None:
        """new: gives the path of a file with a suffix that is not there yet."""
        self.files: list[Path] = []
        self._new, self._wanted = new, False
        self._writer: ClipWriter | None = None
        self._first = self._last = 0.0

    def begin(self) -> None:
        """From the next picture on."""
        self._wanted = True

    def add(self, shown: Shown) -> None:
        """Take a picture, if it is recorded. Raises ResourceError where the disk is full."""
        if not (self._wanted and shown.painted):
            return
        from portrait_nst.clips.drawn import drawn

        captured = shown.frame.captured
        if self._writer is None:
            self._first = captured
            self._writer = self._opened(shown)
        elif round(1000 * (captured - self._last)) < 1:
            return
        self._last = captured
        pts = round((captured - self._first) / float(TICK))
        self._writer.write(drawn(shown.picture, self._writer.frames, pts, TICK))

    def end(self) -> None:
        """The film is whole."""
        self._wanted, writer, self._writer = False, self._writer, None
        if writer is not None:
            writer.close()
            self.files.append(writer.path)

    close = end

    def _opened(self, shown: Shown) -> ClipWriter:
        from portrait_nst import clips
        from portrait_nst.clips.drawn import drawn_info

        path, like = self._new(".mp4"), drawn_info(shown.frame.size, RATE, TICK)
        return clips.ClipWriter(path, clips.choose(path, None, like), like, overwrite=False)
