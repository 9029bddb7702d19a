"""A film with sound, chapters and tags, composed by PyAV for tests."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from tests.clips.makers import frame

UNEVEN = (
    0,
    3003,
    6100,
    9009,
    15015,
    18100,
    21018,
    24000,
    30030,
    33500,
    36600,
    39600,
    45000,
    48000,
    54321,
    57000,
    60000,
)
CLICK = 0.4  # seconds
RATE = 48_000


def film(
    folder: Path,
    *,
    offset: int = 0,
    suffix: str = ".mp4",
    sound: str = "aac",
    frames: int = 17,
    language: str = "eng",
) -> Path:
    """A clip of uneven times, of which all are later by `offset` / 90000 s, with a click at `CLICK`, chapters and tags."""
    path = folder / f"film{suffix}"
    unit = Fraction(1, 90_000)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=30, options={"crf": "10"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.time_base = stream.codec_context.time_base = unit
        track: Any = out.add_stream(sound, rate=RATE, layout="mono")
        track.metadata["language"] = language
        out.metadata.update({"title": "A film", "creation_time": "2024-05-06T07:08:09.000000Z", "comment": "by hand"})
        thousandth = Fraction(1, 1000)
        out.set_chapters(
            [
                {"id": 1, "start": 0, "end": 300, "time_base": thousandth, "metadata": {"title": "one"}},
                {"id": 2, "start": 300, "end": 660, "time_base": thousandth, "metadata": {"title": "two"}},
            ]
        )
        for number, stamp in enumerate(UNEVEN[:frames]):
            made = frame(np.full((64, 96, 3), 10 * number, np.uint8), "yuv420p", matrix=1)
            made.pts, made.time_base = stamp + offset, unit
            out.mux(stream.encode(made))
        out.mux(stream.encode(None))
        wave = np.zeros((1, RATE * 7 // 10), np.float32)
        wave[0, int(CLICK * RATE) :][:480] = 0.9 * np.sin(np.arange(480))
        size = track.codec_context.frame_size
        for start in range(0, wave.shape[1] - size, size):
            part = av.AudioFrame.from_ndarray(wave[:, start : start + size], format="fltp", layout="mono")
            part.sample_rate, part.pts, part.time_base = RATE, start + round(offset * unit * RATE), Fraction(1, RATE)
            out.mux(track.encode(part))
        out.mux(track.encode(None))
    return path


def subtitled(folder: Path, lines: Sequence[tuple[bytes, int, int]] = ((b"hello", 100, 300),)) -> Path:
    """`film` in Matroska without sound, with subtitles in SubRip: text, beginning and length in milliseconds of each."""
    path = folder / "subtitled.mkv"
    unit = Fraction(1, 1000)
    with av.open(str(film(folder))) as source, av.open(str(path), "w") as out:
        pictures = source.streams.video[0]
        there = out.add_stream_from_template(pictures)
        track: Any = out.add_mux_stream("subrip")
        track.time_base = unit
        for packet in source.demux(pictures):
            if packet.pts is not None:
                packet.stream = there
                out.mux(packet)
        for text, begins, lasts in lines:
            said: Any = av.Packet(text)
            said.pts = said.dts = begins
            said.duration, said.time_base, said.stream = lasts, unit, track
            out.mux(said)
    return path
