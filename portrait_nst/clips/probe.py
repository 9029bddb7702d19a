"""What a clip's file says of itself, and what its first frame shows."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from portrait_nst.clips import viewing
from portrait_nst.clips.colour import complete
from portrait_nst.clips.decoding import Damage, Decoder, pictures
from portrait_nst.clips.info import ClipInfo
from portrait_nst.clips.layout import layout_of
from portrait_nst.clips.opening import checked, kind_of, opened, video_stream
from portrait_nst.clips.planes import from_frame
from portrait_nst.clips.turning import orientation
from portrait_nst.clips.webp import COLOUR, TIME_BASE, loops, webp_frames
from portrait_nst.errors import InputError
from portrait_nst.imaging.decoding.limits import size_check

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer
    from av.video.stream import VideoStream

_USUAL_RATE = Fraction(25)  # frames a second, where a clip neither says nor shows its own
_ANIMATIONS = ("gif", "apng")  # small files, which do not say how many frames they have and whether any is transparent
_FIELDS = (2, 3, 4, 5)  # AVFieldOrder of interlaced clips


def probe(path: str | Path) -> ClipInfo:
    """What the clip `path` is like. Its first frame is decoded; animations (GIF, WebP, PNG) are decoded whole.

    Raises InputError for what is no clip, has no frame that can be decoded, or is too large (see `imaging`).
    """
    file = checked(path)
    status = file.stat()
    return _probe(file, file.absolute(), status.st_size, status.st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _probe(path: Path, _place: Path, _size: int, _changed: int) -> ClipInfo:
    if kind_of(path) == "webp":
        return _probe_webp(path)
    with opened(path) as container:
        stream = video_stream(container, path)
        width, height = stream.codec_context.width, stream.codec_context.height
        if not width * height:  # ffmpeg's word for sizes over 2^31 bytes too
            raise InputError(f"{path} says nothing of the size of its pictures, or nonsense: it is damaged.")
        size_check(str(path), None, 1, path.stat().st_size)(width, height)
        with closing(Decoder(container, path, Damage()).frames()) as frames:
            first = _first(frames, path)
        info = _described(path, container, stream, first)
    return _counted(info) if info.codec in _ANIMATIONS else info


def _first(frames: Iterator[VideoFrame], path: Path) -> VideoFrame:
    first = next(frames, None)
    if first is None:
        raise InputError(f"{path} has no frame that can be decoded: it is empty or damaged; get a whole copy of it.")
    return first


def _described(path: Path, container: InputContainer, stream: VideoStream, first: VideoFrame) -> ClipInfo:
    context = stream.codec_context
    form = layout_of(first.format.name)
    stored = (first.height, first.width)
    span = 2 if first.format.name.startswith("yuvj") else first.color_range
    colour = complete(form, stored, first.color_primaries, first.color_trc, first.colorspace, span)
    degrees, mirrors = _orientation(first)
    rotation = round(degrees / 90) * 90 % 360
    time_base = first.time_base or stream.time_base or 1 / _USUAL_RATE
    seconds = _seconds(container, stream)
    rate = stream.average_rate or stream.guessed_rate or context.framerate or _USUAL_RATE
    interlaced = bool(first.interlaced_frame) or context.field_order in _FIELDS
    pixel_aspect = stream.sample_aspect_ratio or Fraction(1)
    notes = []
    if interlaced:
        notes.append("it is interlaced: each frame is of two moments, and is read and painted as one picture")
    if pixel_aspect != 1:
        notes.append(f"its pixels are not square ({pixel_aspect.numerator}:{pixel_aspect.denominator}), which is kept")
    if abs(degrees - round(degrees / 90) * 90) > 1:
        notes.append(f"it says that it is turned by {degrees:.0f} degrees; it is read as turned by {rotation}")
    if said := viewing.note(colour):
        notes.append(said)
    return ClipInfo(
        path=path,
        container=container.format.name,
        codec=context.codec.canonical_name,
        size=stored[::-1] if rotation % 180 else stored,
        rotation=rotation,
        frames=stream.frames or None,
        seconds=seconds,
        rate=Fraction(rate),
        time_base=Fraction(time_base),
        pixel_format=first.format.name,
        bits=form.bits,
        colour=colour,
        interlaced=interlaced,
        transparent=form.alpha,
        audio=len(container.streams.audio),
        subtitles=len(container.streams.subtitles),
        chapters=len(container.chapters()),
        data=len(container.streams.data),
        loops=loops(path) if context.name in _ANIMATIONS else None,
        begins=Fraction((first.pts or 0) * time_base),
        pixel_aspect=Fraction(pixel_aspect),
        mirrored=mirrors,
        notes=tuple(notes),
    )


def _orientation(frame: VideoFrame) -> tuple[float, bool]:
    from av.sidedata.sidedata import Type

    matrix = frame.side_data.get(Type.DISPLAYMATRIX)  # type: ignore[call-overload]
    return (0.0, False) if matrix is None else orientation(bytes(matrix))


def _seconds(container: InputContainer, stream: VideoStream) -> float | None:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / 1e6 if container.duration else None


def _counted(info: ClipInfo) -> ClipInfo:
    """`info` of an animation that PyAV decodes, with what only all of its frames say."""
    transparent, frames, end = False, 0, 0
    for frame in pictures(info.path, Damage()):
        alpha = from_frame(frame, info.colour).alpha
        transparent = transparent or (alpha is not None and bool((alpha < np.iinfo(alpha.dtype).max).any()))
        frames += 1
        end = max(end, (frame.pts or 0) + frame.duration)
    seconds = float(end * info.time_base - info.begins)
    rate = Fraction(frames) / Fraction(seconds).limit_denominator(1000) if seconds > 0 else info.rate
    return replace(info, transparent=transparent, frames=frames, seconds=seconds, rate=rate)


def _probe_webp(path: Path) -> ClipInfo:
    damage, frames, end, transparent = Damage(), 0, 0, False
    size = (0, 0)
    for planes, pts, duration in webp_frames(path, damage):
        size = planes.size
        transparent = transparent or (planes.alpha is not None and bool((planes.alpha < 255).any()))
        frames, end = frames + 1, pts + duration
    if not frames:
        raise InputError(f"{path} has no frame that can be decoded: it is damaged; get a whole copy of it.")
    seconds = end * TIME_BASE
    return ClipInfo(
        path=path,
        container="webp",
        codec="webp",
        size=size,
        rotation=0,
        frames=frames,
        seconds=float(seconds),
        rate=frames / seconds if seconds else _USUAL_RATE,
        time_base=TIME_BASE,
        pixel_format="rgba" if transparent else "rgb24",
        bits=8,
        colour=COLOUR,
        transparent=transparent,
        loops=loops(path),
    )
