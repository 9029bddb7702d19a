"""Segments: parts of a clip's pictures, each in a file of its own that can be joined to others without encoding again.

A segment is a Matroska file, which holds every codec and VP9's transparency. Matroska counts milliseconds; a segment's
"milliseconds" are units of the clip's own time base, counted from the segment's first frame, so that every time stamp is kept
exactly. What they mean stands in the file's tags.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from portrait_nst.clips.conversion import Conversion
from portrait_nst.clips.encoding import Encoding
from portrait_nst.clips.files import Whole
from portrait_nst.clips.frame import Frame
from portrait_nst.clips.info import ClipInfo
from portrait_nst.errors import InputError

if TYPE_CHECKING:
    import av
    from av.container import InputContainer

SUFFIX = ".segment.mkv"
_TICK = Fraction(1, 1000)  # Matroska's unit
_FIRST, _BASE, _ROTATION = "CLIP_FIRST", "CLIP_TIME_BASE", "CLIP_ROTATION"


class SegmentWriter:
    """Writes frames into one segment; the file appears when it is closed, whole.

    notes: remarks for the user on how frames are written.
    """

    def __init__(self, path: Path, encoding: Encoding, like: ClipInfo, size: tuple[int, int] | None = None) -> None:
        """`size` is (height, width) of the upright picture, None for the clip's own. Raises InputError, ResourceError."""
        self.path, self._encoding, self._like = path, encoding, like
        self._conversion = Conversion(encoding, like, size)
        self.notes = self._conversion.notes
        self._file = Whole(path)
        self._container: av.container.OutputContainer | None = None
        self._stream: Any = None
        self._first = 0
        self._durations: dict[int, int] = {}
        self.frames = 0

    def write(self, frame: Frame) -> None:
        """Append `frame`, which must be shown after all before it. Raises ResourceError where the disk is full."""
        with self._file.errors():
            if self._stream is None:
                self._open(frame)
            picture = self._conversion.picture(frame)
            picture.pict_type = 0  # else the encoder would take key frames where the source has them
            self._durations[frame.pts] = frame.duration
            self._mux(picture)
            self.frames += 1

    def _open(self, frame: Frame) -> None:
        import av

        quiet()
        self._first = frame.pts
        self._container = av.open(str(self._file.temporary), "w", format="matroska")
        self._container.metadata.update(
            {_FIRST: str(frame.pts), _BASE: str(frame.time_base), _ROTATION: str(self._conversion.rotation)}
        )
        self._stream = self._container.add_stream(
            self._encoding.encoder, rate=self._like.rate, options=self._encoding.options()
        )
        self._conversion.tag(self._stream.codec_context)
        self._stream.codec_context.time_base = frame.time_base
        self._stream.time_base = _TICK

    def _mux(self, picture: av.VideoFrame | None) -> None:
        assert self._container is not None
        for packet in self._stream.encode(picture):
            packet.duration = self._durations.pop(int(packet.pts or 0), 0)
            packet.pts = int(packet.pts or 0) - self._first
            packet.dts = None if packet.dts is None else packet.dts - self._first
            packet.time_base = _TICK
            self._container.mux(packet)

    def close(self) -> None:
        """Finish the file. A segment without frames leaves none."""
        if self._container is None:
            self.discard()
            return
        with self._file.errors():
            self._mux(None)
            self._container.close()
        self._container = None
        self._file.publish()

    def discard(self) -> None:
        """Leave nothing behind."""
        if self._container is not None:
            with contextlib.suppress(Exception):  # the file is thrown away whatever its end is
                self._container.close()
        self._container = None
        self._file.discard()

    def __enter__(self) -> SegmentWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()


@dataclass(frozen=True)
class Segment:
    """What a segment's file says.

    first, time_base: pts of its first frame, and the unit, in seconds.
    rotation: degrees counter-clockwise by which its pictures are turned to be upright.
    """

    path: Path
    first: int
    time_base: Fraction
    rotation: int


@contextlib.contextmanager
def opened(path: Path) -> Iterator[tuple[Segment, InputContainer]]:
    """The segment in the file `path`, and PyAV's container of it. Raises InputError for a file that is none."""
    import av

    try:
        container = av.open(str(path))
    except (av.error.FFmpegError, OSError) as error:
        raise InputError(f"{path} is no segment of a clip ({error}).") from None
    with container:
        said = {key.upper(): value for key, value in container.metadata.items()}
        try:
            first, base, rotation = int(said[_FIRST]), Fraction(said[_BASE]), int(said[_ROTATION])
        except (KeyError, ValueError, ZeroDivisionError):
            raise InputError(f"{path} is no segment of a clip: it does not say when it begins.") from None
        yield Segment(path, first, base, rotation), container


def quiet() -> None:
    """Keep encoders from talking on standard error."""
    os.environ.setdefault("SVT_LOG", "1")  # errors only; SVT-AV1 has no other way
