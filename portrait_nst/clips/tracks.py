"""Sound, subtitles and data of a clip carried into another file as they are, cut to a part of it."""

from __future__ import annotations

import contextlib
import io
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from portrait_nst.clips.captions import Captions, is_text
from portrait_nst.clips.sound import Sound

if TYPE_CHECKING:
    from av import Packet
    from av.container import InputContainer, OutputContainer
    from av.stream import Stream

_KEPT = ("language", "title", "handler_name")  # what a track says of itself
_LATE = 10  # seconds by which a file's tracks may lie apart
_USUAL = {"mp4": "aac", "mov": "aac", "matroska": "aac", "webm": "libopus"}
_CAPTIONS = {"mp4": "mov_text", "mov": "mov_text", "matroska": "subrip", "webm": "webvtt"}
# FFmpeg writes QuickTime's own numbers for languages, and knows these by other words of ISO 639 than those of MP4.
_QUICKTIME = {
    **{"deu": "ger", "nld": "dut", "swe": "sve", "ell": "gre", "isl": "ice", "zho": "chi", "sqi": "alb", "mkd": "mac"},
    **{"fre": "fra", "rum": "ron", "cze": "ces", "slo": "slk", "hrv": "hr ", "srp": "sr ", "fao": "fo ", "gle": "iri"},
    **{"nob": "nor", "nno": "nor"},
}
_READ, _PASSED_OVER = 0, 48  # AVDISCARD_DEFAULT and AVDISCARD_ALL
_AHEAD = {"opus"}  # codecs for which Matroska says how much is cut off at the beginning


class Tracks:
    """The tracks of `source` beside its pictures, in `out`, with times less `origin` seconds.

    notes: remarks for the user, on what could not be carried as it was.
    """

    def __init__(
        self,
        source: InputContainer,
        out: OutputContainer,
        container: str,
        *,
        origin: Fraction,
        first: Fraction | None,
        last: Fraction | None,
    ) -> None:
        """Add the tracks to `out`, whose format is `container`.

        first, last: the part of the source's clock that is kept, in seconds; None for no limit.
        """
        self._source, self._out, self._container = source, out, container
        self._origin, self._first, self._last = origin, first, last
        self.notes: list[str] = []
        self._ways: dict[int, Stream | Sound | Captions] = {}
        self._before: dict[int, int] = {}
        for stream in source.streams:
            if stream.type in ("audio", "subtitle", "data") and not _of_chapters(source, stream):
                way = self._way(stream)
                if way is not None:
                    self._ways[stream.index] = way

    def _way(self, stream: Any) -> Stream | Sound | Captions | None:
        """The track of the new file for `stream`, or what makes it one that the file can hold; None where nothing can."""
        if _holds(self._container, stream):
            made: Any = self._out.add_stream_from_template(stream, opaque=True)
            made.metadata.update({key: stream.metadata[key] for key in _KEPT if key in stream.metadata})
            if self._container == "mov" and "language" in made.metadata:
                made.metadata["language"] = _QUICKTIME.get(made.metadata["language"], made.metadata["language"])
            made.time_base = stream.time_base
            stream.discard = _READ  # FFmpeg passes over some tracks of data unless it is asked for them
            return made  # type: ignore[no-any-return]
        name = _codec(stream)
        if stream.type == "audio" and name:
            sound = Sound(stream, self._out, _USUAL[self._container])
            self.notes.append(f"Sound was encoded again as {sound.word}: the file cannot hold the clip's {name}.")
            return sound
        if stream.type == "subtitle" and is_text(name):
            captions = Captions(stream, self._out, _CAPTIONS[self._container])
            self.notes.append(f"Subtitles were written as {captions.word}: the file cannot hold the clip's {name}.")
            return captions
        kind = {"audio": "sound", "subtitle": "subtitles"}.get(stream.type, "data")
        self.notes.append(f"A track of {kind}{name and f' ({name})'} was left out: the file cannot hold it.")
        return None

    def packets(self) -> Iterator[Packet[Any]]:
        """All packets of these tracks, about in the order of their times."""
        streams = [self._source.streams[index] for index in self._ways]
        if not streams:
            return
        if self._first is not None and not any(stream.type == "subtitle" for stream in streams):
            # What is said at the beginning of the part may have appeared any time before.
            self._source.seek(max(0, int((self._first - 1) * 1_000_000)), backward=True)
        for packet in self._source.demux(streams):
            if packet.dts is None or packet.pts is None or packet.time_base is None:
                continue  # the empty packet at the end, and what has no time
            begins = packet.pts * packet.time_base
            if self._last is not None and begins > self._last + _LATE:
                break
            if packet.stream.type == "subtitle":
                begins = self._cut(packet, begins)
            if self._is_kept(packet, begins):
                yield from self._carried(packet)
        for way in self._ways.values():
            if isinstance(way, (Sound, Captions)):
                yield from way.rest(self._origin)

    def _cut(self, packet: Packet[Any], begins: Fraction) -> Fraction:
        """Cut a subtitle that reaches over an end of the part to what lies in it, and return when it begins.

        Others are left as they are, and those whose packet does not say when they end, as pictures of text.
        """
        unit = Fraction(packet.time_base or 1)
        ends = begins + (packet.duration or 0) * unit
        low = self._origin if self._first is None else self._first
        high = ends if self._last is None else min(ends, self._last)
        if (begins >= low and high == ends) or not max(begins, low) < high:
            return begins
        begins = max(begins, low)
        packet.pts = packet.dts = math.ceil(begins / unit)
        packet.duration = math.floor(high / unit) - packet.pts
        return packet.pts * unit

    def _is_kept(self, packet: Packet[Any], begins: Fraction) -> bool:
        """Whether a packet that begins at `begins` seconds of the source's clock is of the part that is kept."""
        ends = begins + (packet.duration or 0) * (packet.time_base or 1)
        if (self._first is not None and ends <= self._first) or (self._last is not None and begins >= self._last):
            return False
        # Matroska has no times before 0: FFmpeg would move the pictures to make room.
        return begins >= self._origin or self._container not in ("matroska", "webm") or _codec(packet.stream) in _AHEAD

    def _carried(self, packet: Packet[Any]) -> Iterator[Packet[Any]]:
        way = self._ways[packet.stream.index]
        if isinstance(way, (Sound, Captions)):
            yield from way.packets(packet, self._origin)
            return
        shift = round(self._origin / Fraction(packet.time_base or 1))
        packet.pts, packet.dts = (packet.pts or 0) - shift, (packet.dts or 0) - shift
        before = self._before.get(way.index)
        # A damaged file repeats times, which no file may but for subtitles, of which several may be shown at once.
        if before is None or packet.dts > before or (packet.dts == before and way.type == "subtitle"):
            self._before[way.index] = packet.dts
            packet.stream = way
            yield packet


def _of_chapters(source: InputContainer, stream: Any) -> bool:
    """Whether a track of data is the text of MP4's chapters, which FFmpeg has read as chapters. It is passed over then."""
    return stream.type == "data" and stream.discard == _PASSED_OVER and bool(source.chapters())


def _codec(stream: Any) -> str:
    """The codec's name; "" for a track of data."""
    return "" if stream.codec_context is None else str(stream.codec_context.codec.canonical_name)


def _holds(container: str, stream: Any) -> bool:
    """Whether a file of this format can hold the track; only writing its head says so, FFmpeg's lists promise too much."""
    import av

    if stream.type != "data" and stream.codec_context is None:
        return False
    with contextlib.suppress(ValueError, av.error.FFmpegError):
        trial = av.open(io.BytesIO(), "w", format=container)
        trial.add_stream_from_template(stream, opaque=True)
        trial.start_encoding()
        trial.close()
        return True
    return False


def chapters(source: InputContainer, origin: Fraction, first: Fraction | None, last: Fraction | None) -> list[Any]:
    """The chapters of `source` as PyAV's output takes them, with times less `origin` seconds, cut to `first` and `last`."""
    kept: list[Any] = []
    for chapter in source.chapters():
        base = Fraction(chapter["time_base"] or 1)
        start, end = chapter["start"] * base, chapter["end"] * base
        start, end = max(start, first or start), min(end, last or end)
        if start < end:
            begins, ends = round((start - origin) * 1000), round((end - origin) * 1000)
            kept.append(
                {**chapter, "id": len(kept) + 1, "start": max(0, begins), "end": ends, "time_base": Fraction(1, 1000)}
            )
    return kept
