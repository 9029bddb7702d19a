"""One clip written at once, frame by frame."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from portrait_nst.clips.encoding import Encoding
from portrait_nst.clips.files import Writing
from portrait_nst.clips.frame import Frame
from portrait_nst.clips.info import ClipInfo
from portrait_nst.clips.join import join
from portrait_nst.clips.segments import SegmentWriter
from portrait_nst.errors import InputError
from portrait_nst.imaging.atomic import check_writable


class ClipWriter(Writing):
    """Writes frames into the file `path`, which appears when it is closed, whole.

    Pictures go into a segment beside it first, which is then made the file; see `clips.segments` and `clips.join`.

    notes: remarks for the user on how the clip is written; complete when it is closed.
    """

    def __init__(
        self,
        path: Path,
        encoding: Encoding,
        like: ClipInfo,
        size: tuple[int, int] | None = None,
        *,
        source: ClipInfo | None = None,
        recipe: Mapping[str, Any] | None = None,
        overwrite: bool = True,
    ) -> None:
        """Begin.

        encoding:  as `choose` gives it, with transparency where that was asked for.
        like:      the clip that frames are of: its rotation, colours and rate are the file's.
        size:      (height, width) of the upright picture; None for that of `like`.
        source:    the clip whose sound, subtitles, chapters and tags are carried over; None for none.
        recipe:    goes into the file's metadata.
        overwrite: whether a file that is there may be replaced.

        Raises InputError where the file may not be written, ResourceError where the disk is full.
        """
        check_writable(path, overwrite=overwrite, inputs=[like.path], kind="clip")
        self.path, self._encoding, self._source = path, encoding, source
        self._recipe, self._overwrite = recipe, overwrite
        self._segment = SegmentWriter(path.with_name(f".{path.name}.segment.mkv"), encoding, like, size)
        self.notes: tuple[str, ...] = (*encoding.notes, *self._segment.notes)

    @property
    def frames(self) -> int:
        """How many were written so far."""
        return self._segment.frames

    def write(self, frame: Frame) -> None:
        """Append `frame`, which must be shown after all before it. Raises ResourceError where the disk is full."""
        self._segment.write(frame)

    def close(self) -> None:
        """Finish the file. Raises InputError where no frame was written, ResourceError where the disk is full."""
        if not self.frames:
            self.discard()
            raise InputError(f"No frame was written into {self.path}; a clip needs one at least.")
        try:
            self._segment.close()
            segments = [self._segment.path]
            self.notes += join(
                segments, self.path, self._encoding, self._source, recipe=self._recipe, overwrite=self._overwrite
            )
        finally:
            self.discard()

    def discard(self) -> None:
        """Leave nothing behind of a clip that was not closed."""
        self._segment.discard()
        with contextlib.suppress(OSError):
            self._segment.path.unlink()
