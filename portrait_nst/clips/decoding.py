"""The pictures of a file by PyAV, one at a time, from its beginning or from a time on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from portrait_nst.clips.opening import opened, video_stream
from portrait_nst.errors import is_out_of_memory
from portrait_nst.imaging.decoding.limits import most_pixels

if TYPE_CHECKING:
    from av import Packet, VideoFrame
    from av.container import InputContainer
    from av.video.stream import VideoStream

_FURTHER_BACK = 10  # seconds: how much earlier is sought where the picture found is too late


@dataclass
class Damage:
    """How many packets could not be decoded, or only in part."""

    count: int = 0


class Decoder:
    """Decodes the pictures of a container, with transparency where the file has it apart (VP8 and VP9 in WebM)."""

    def __init__(self, container: InputContainer, path: Path, damage: Damage) -> None:
        self._container, self._damage = container, damage
        self.stream: VideoStream = video_stream(container, path)
        context = self.stream.codec_context
        context.options = {"max_pixels": str(min(most_pixels(), 2**31 - 1))}
        context.thread_type = "AUTO"
        context.thread_count = int(os.environ.get("OMP_NUM_THREADS", "0")) if _is_number("OMP_NUM_THREADS") else 0
        self._decode: Callable[[Packet[VideoStream]], list[VideoFrame]] = self.stream.decode
        if self.stream.metadata.get("alpha_mode") == "1" and context.name in ("vp8", "vp9"):
            self._decode = _with_alpha(self.stream)

    def frames(self) -> Iterator[VideoFrame]:
        """The pictures from where the container stands, in the order in which they are shown; what is damaged is counted."""
        import av

        packets = self._container.demux(self.stream)
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    return
            except av.FFmpegError:  # the file breaks off
                self._damage.count += 1
                packet = None
            try:
                found = self._decode(packet)  # type: ignore[arg-type]
            except av.FFmpegError as error:
                if is_out_of_memory(error):
                    raise
                self._damage.count += not isinstance(error, av.EOFError)
                found = []
            for frame in found:
                self._damage.count += frame.is_corrupt
                yield frame
            if packet is None:
                return


def _is_number(variable: str) -> bool:
    return os.environ.get(variable, "").isdigit()


def _with_alpha(stream: VideoStream) -> Callable[[Packet[VideoStream]], list[VideoFrame]]:
    """A decoder of libvpx, which knows transparency; ffmpeg's own does not. The stream's own where it is not built in."""
    import av

    with suppress(ValueError, av.FFmpegError):
        context = av.CodecContext.create("libvpx" if stream.codec_context.name == "vp8" else "libvpx-vp9", "r")
        context.extradata = stream.codec_context.extradata
        return context.decode  # type: ignore[no-any-return]
    return stream.decode


def pictures(path: Path, damage: Damage, since: int | None = None) -> Iterator[VideoFrame]:
    """The decoded pictures of `path` in the order in which they are shown.

    damage: is counted up. since: the time stamp from which on pictures are wanted, those before it may be left out; None for all.
    Where seeking does not lead to a key frame at or before `since`, it is tried further back, and then all is decoded.
    """
    seconds = (0, _FURTHER_BACK) if since is not None else ()
    for back in seconds:
        with opened(path) as container:
            decoder = Decoder(container, path, damage)
            unit = decoder.stream.time_base or 1
            try:
                container.seek(int(since - back / unit), stream=decoder.stream)  # type: ignore[operator]
            except (OSError, ValueError, OverflowError):
                continue
            frames = decoder.frames()
            key = next((frame for frame in frames if frame.key_frame), None)
            if key is None or key.pts is None or key.pts > since:  # type: ignore[operator]
                continue
            yield key
            yield from frames
            return
    damage.count = 0
    with opened(path) as container:
        yield from Decoder(container, path, damage).frames()
