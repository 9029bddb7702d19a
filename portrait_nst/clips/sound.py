"""Sound that is encoded again, where a file cannot hold it as it is."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from av import Packet
    from av.container import OutputContainer

_OPUS_RATE = 48_000
_BITS = 96_000  # a second and channel: transparent in AAC and Opus
_WORDS = {"aac": "AAC", "libopus": "Opus"}


class Sound:
    """A track of sound in another codec.

    word: the codec's name for the user.
    """

    def __init__(self, stream: Any, out: OutputContainer, encoder: str) -> None:
        import av

        context = stream.codec_context
        self._stream, self.word = stream, _WORDS[encoder]
        rate = _OPUS_RATE if encoder == "libopus" else context.rate
        made: Any = out.add_stream(encoder, rate=rate, layout=context.layout.name)
        made.bit_rate = _BITS * context.layout.nb_channels
        made.metadata.update({key: value for key, value in stream.metadata.items() if key in ("language", "title")})
        self._made = made
        made.codec_context.open()
        self._resampler = av.AudioResampler(
            format=made.codec_context.format,
            layout=context.layout.name,
            rate=rate,
            frame_size=made.codec_context.frame_size,
        )

    def packets(self, packet: Packet[Any], origin: Fraction) -> Iterator[Packet[Any]]:
        """What `packet` becomes, with times less `origin` seconds."""
        for frame in self._stream.decode(packet):
            for piece in self._resampler.resample(frame):
                yield from self._encoded(piece, origin)

    def rest(self, origin: Fraction) -> Iterator[Packet[Any]]:
        """What decoder and encoder still hold back."""
        for frame in self._stream.decode(None):
            for piece in self._resampler.resample(frame):
                yield from self._encoded(piece, origin)
        for piece in self._resampler.resample(None):
            yield from self._encoded(piece, origin)
        yield from self._made.encode(None)

    def _encoded(self, piece: Any, origin: Fraction) -> Iterator[Packet[Any]]:
        if piece is not None and piece.pts is not None:
            piece.pts -= round(origin / piece.time_base)
            yield from self._made.encode(piece)
