"""What PyAV and Pillow say of written clips."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from portrait_nst.clips import Encoding, SegmentWriter, read
from portrait_nst.clips.reader import ClipReader


def stamps(path: Path) -> tuple[list[Fraction], list[Fraction]]:
    """Times of presentation, ascending, and of decoding, as stored, in seconds."""
    with av.open(str(path)) as clip:
        packets = [packet for packet in clip.demux(video=0) if packet.pts is not None]
    shown = sorted(packet.pts * packet.time_base for packet in packets)
    return shown, [packet.dts * packet.time_base for packet in packets if packet.dts is not None]


def planes(path: Path) -> list[list[np.ndarray[Any, Any]]]:
    """The planes of each frame as they are stored."""
    with read(path) as clip:
        return [[np.array(plane) for plane in frame.samples.planes] for frame in clip]


def segments(folder: Path, clip: ClipReader, encoding: Encoding, every: int) -> list[Path]:
    """The frames of `clip` in segments of `every` frames each."""
    made: list[Path] = []
    writer = None
    for frame in clip:
        if frame.number % every == 0:
            if writer is not None:
                writer.close()
            made.append(folder / f"{frame.number:06}.segment.mkv")
            writer = SegmentWriter(made[-1], encoding, clip.info)
        assert writer is not None
        writer.write(frame)
    if writer is not None:
        writer.close()
    return made


def pages(path: Path) -> tuple[list[float], list[np.ndarray[Any, Any]]]:
    """Durations in milliseconds, and (h, w, 4) uint8 for each frame of an animation, as Pillow composes it."""
    lengths, shown = [], []
    with Image.open(path) as picture:
        for number in range(getattr(picture, "n_frames", 1)):
            picture.seek(number)
            picture.load()
            lengths.append(float(picture.info.get("duration", 0)))
            shown.append(np.asarray(picture.convert("RGBA")))
    return lengths, shown


def loudest(path: Path) -> float:
    """When the sound first reaches 0.3 of full scale, in seconds."""
    with av.open(str(path)) as clip:
        for frame in clip.decode(audio=0):
            level = np.abs(frame.to_ndarray()).max(axis=0)
            if level.max() > 0.3 and frame.pts is not None and frame.time_base is not None:
                return float(frame.pts * frame.time_base) + int(np.argmax(level > 0.3)) / frame.sample_rate
    return float("nan")
