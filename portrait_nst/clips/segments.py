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
from typing import TYPE_CHECKING, Any

from portrait_nst.clips.conversion import Conversion
from portrait_nst.clips.encoding import Encoding
from portrait_nst.clips.files import Whole, Writing
from portrait_nst.clips.frame import Frame
from portrait_nst.clips.info import ClipInfo
from portrait_nst.errors import InputError

if TYPE_CHECKING:
    import av
    from av.container import InputContainer

SUFFIX = ".segment.mkv"
_TICK = Fraction(1, 1000)  # Matroska's unit
# Matroska keeps no times of decoding, and FFmpeg only wants them to rise and to lie before those of presentation. Those of x265
# are not to be used: of a clip of fewer frames than it looks ahead they are memory that was never written.
_LONG_BEFORE = 1 << 40
_FIRST, _BASE, _ROTATION, _ASPECT = "CLIP_FIRST", "CLIP_TIME_BASE", "CLIP_ROTATION", "CLIP_PIXEL_ASPECT"


class SegmentWriter(Writing):
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
        self.frames = self._packets = 0

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
        self._container = av.open(self._file.address, "w", format="matroska")
        meant = {_ROTATION: str(self._conversion.rotation), _ASPECT: str(self._conversion.pixel_aspect)}
        self._container.metadata.update({_FIRST: str(frame.pts), _BASE: str(frame.time_base)} | meant)
        # Some files have a rate that is nonsense; a frame of less than one unit of time is what libvpx refuses.
        rate = min(self._like.rate, 1 / frame.time_base)
        self._stream = self._container.add_stream(self._encoding.encoder, rate=rate, options=self._encoding.options())
        self._conversion.tag(self._stream.codec_context)
        self._stream.codec_context.time_base = frame.time_base
        self._stream.time_base = _TICK

    def _mux(self, picture: av.VideoFrame | None) -> None:
        assert self._container is not None
        for packet in self._stream.encode(picture):
            packet.duration = self._durations.pop(int(packet.pts or 0), 0)
            packet.pts = int(packet.pts or 0) - self._first
            packet.dts = self._packets - _LONG_BEFORE
            self._packets += 1
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


@dataclass(frozen=True)
class Segment:
    """What a segment's file says.

    first, time_base: pts of its first frame, and the unit, in seconds.
    rotation: degrees counter-clockwise by which its pictures are turned to be upright.
    pixel_aspect: width by height of a pixel.
    """

    path: Path
    first: int
    time_base: Fraction
    rotation: int
    pixel_aspect: Fraction


@contextlib.contextmanager
def opened(path: Path) -> Iterator[tuple[Segment, InputContainer]]:
    """The segment in the file `path`, and PyAV's container of it. Raises InputError for a file that is none."""
    import av

    try:
        container = av.open(f"file:{path.absolute()}")
    except (av.error.FFmpegError, OSError) as error:
        raise InputError(f"{path} is no segment of a clip ({error}).") from None
    with container:
        said = {key.upper(): value for key, value in container.metadata.items()}
        try:
            numbers = int(said[_FIRST]), Fraction(said[_BASE]), int(said[_ROTATION]), Fraction(said[_ASPECT])
        except (KeyError, ValueError, ZeroDivisionError):
            raise InputError(f"{path} is no segment of a clip: it does not say when it begins.") from None
        yield Segment(path, *numbers), container


def quiet() -> None:
    """Keep encoders from talking on standard error."""
    os.environ.setdefault("SVT_LOG", "1")  # errors only; SVT-AV1 has no other way
