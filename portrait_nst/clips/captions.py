"""Subtitles of text that are written in another form, where a file cannot hold theirs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from av import Packet
    from av.container import OutputContainer

_WORDS = {"mov_text": "MP4's timed text", "subrip": "SubRip", "webvtt": "WebVTT"}
_TEXT = {"mov_text", "subrip", "ass", "ssa", "webvtt", "text"}  # others are pictures


class Captions:
    """A track of subtitles in another form.

    word: the form's name for the user.
    """

    def __init__(self, stream: Any, out: OutputContainer, encoder: str) -> None:
        decoder = stream.codec_context
        decoder.open(strict=False)
        made: Any = out.add_stream(encoder)
        made.codec_context.subtitle_header = decoder.subtitle_header
        made.codec_context.time_base = Fraction(1, 1000)
        made.time_base = Fraction(1, 1000)
        made.metadata.update({key: value for key, value in stream.metadata.items() if key in ("language", "title")})
        self._decoder, self._made, self.word = decoder, made, _WORDS[encoder]

    def packets(self, packet: Packet[Any], origin: Fraction) -> Iterator[Packet[Any]]:
        """What `packet` becomes, with times less `origin` seconds; nothing where it is damaged."""
        import av

        with contextlib.suppress(av.error.FFmpegError):
            shown = self._decoder.decode2(packet)
            if shown is not None and len(shown):
                text = self._made.codec_context.encode_subtitle(shown)
                unit = Fraction(packet.time_base or 1)
                text.pts = text.dts = round(((packet.pts or 0) * unit - origin) * 1000)
                text.duration = round((packet.duration or 0) * unit * 1000)
                text.time_base, text.stream = Fraction(1, 1000), self._made
                yield text

    def rest(self, origin: Fraction) -> Iterator[Packet[Any]]:
        """Nothing: no subtitle is held back."""
        del origin
        return iter(())


def is_text(codec: str) -> bool:
    """Whether subtitles of this codec are text and not pictures."""
    return codec in _TEXT
