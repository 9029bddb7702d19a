"""A clip's frames, one at a time."""

from __future__ import annotations

import math
from collections.abc import Generator
from contextlib import closing
from copy import copy
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

from portrait_nst.clips.decoding import Damage, pictures
from portrait_nst.clips.info import ClipInfo
from portrait_nst.clips.layout import layout, layout_of
from portrait_nst.clips.planar_frame import PlanarFrame
from portrait_nst.clips.planes import Planes, from_frame
from portrait_nst.clips.probe import probe
from portrait_nst.clips.turning import mirrored
from portrait_nst.clips.webp import webp_frames
from portrait_nst.errors import InputError

_MOST_RATE = 1000  # frames a second: more are a slip of the keyboard
_LESS = 2  # frames by which a file may end before it says, since some count the last one's time otherwise
_LESS_LOOSELY = 1.0  # seconds, where only the file as a whole says how long it is, sound included
_TICK = 1_000_000  # seconds are taken to within a millionth

_Timed = tuple[Planes, int, int]
"""The planes of a frame, its time stamp and its duration."""


def read(
    path: str | Path, start: float | None = None, end: float | None = None, fps: float | None = None
) -> ClipReader:
    """A reader of the clip `path`, to be iterated, again and again where that is wanted.

        with clips.read("dance.mp4") as clip:
            for frame in clip:
                show(frame.rgb)

    start, end: seconds since the clip's first frame; frames from `start` on and before `end` are read.
    fps: frames a second on an even grid, for which frames are repeated and left out; None for all frames at their own times.

    Raises InputError for what is no clip (see `probe`), and for times and rates that make no sense.
    """
    info = probe(path)
    first = _seconds(start, "start")
    last = _seconds(end, "end")
    if fps is not None and not 0 < fps <= _MOST_RATE:
        raise InputError(
            f"fps is {fps:g}; expected a number of frames a second over 0, such as 25, at most {_MOST_RATE}."
        )
    if first is not None and info.seconds is not None and float(first) >= info.seconds:
        raise InputError(
            f"start is {float(first):g} s, but {info.path} lasts {info.seconds:.3g} s; choose an earlier start."
        )
    if last is not None and last <= (first or 0):
        raise InputError(f"end is {float(last):g} s; expected a time after the start, {float(first or 0):g} s.")
    return ClipReader(info, first, last, None if fps is None else Fraction(fps).limit_denominator(1001))


def _seconds(given: float | None, name: str) -> Fraction | None:
    if given is None:
        return None
    if not math.isfinite(given) or given < 0:
        raise InputError(f"{name} is {given:g}; expected seconds since the beginning, 0 or more.")
    return Fraction(round(given * _TICK), _TICK)


class ClipReader:
    """Reads the frames of a clip; `read` makes it. Files are open only while frames are read.

    info:    the clip; with `start`, `end` or `fps` as what is read of it.
    damaged: how many frames could not be decoded, or not whole, in what was read last.
    """

    def __init__(self, info: ClipInfo, start: Fraction | None, end: Fraction | None, fps: Fraction | None) -> None:
        self._source, self._fps = info, fps
        self._damage, self._short = Damage(), ""
        unit = info.time_base
        self._since = None if not start else math.ceil((info.begins + start) / unit)
        self._until = None if end is None else math.ceil((info.begins + end) / unit)
        self.info = _of_part(info, start, end, fps)
        self._open: list[Generator[PlanarFrame]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def again(self) -> ClipReader:
        """Another reader of the same, at a place of its own in it."""
        other = copy(self)
        other._damage, other._short, other._open = Damage(), "", []
        return other

    def close(self) -> None:
        """End what is being read."""
        for frames in self._open:
            frames.close()
        self._open.clear()

    @property
    def damaged(self) -> int:
        """How many frames could not be decoded, or not whole, in what was read last."""
        return self._damage.count

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks for the user: those of `info`, and, once frames were read, that some are damaged, or the file ends early."""
        said = (*self.info.notes, self._short) if self._short else self.info.notes
        if self.damaged <= bool(self._short):  # the one in which the file breaks off
            return said
        many = "1 frame is" if self.damaged == 1 else f"{self.damaged} frames are"
        return (
            *said,
            f"{many} damaged: what could not be decoded is left out, and the others keep their times",
        )

    def __iter__(self) -> Generator[PlanarFrame]:
        return self.frames()

    def frames(self, first: int = 0, pts: int | None = None) -> Generator[PlanarFrame]:
        """The frames from number `first` on; what was being read before ends.

        pts: the time stamp of that frame, where it is known from an earlier reading: then it is sought in the file, else the
        frames before are decoded and dropped.

        Raises InputError where nothing can be decoded.
        """
        self.close()
        frames = self._frames(first, pts)
        self._open.append(frames)
        return frames

    def _frames(self, first: int, pts: int | None) -> Generator[PlanarFrame]:
        turn, unit = self.info.rotation, self.info.time_base
        with closing(self._numbered(first, pts)) as frames:
            for number, (samples, when, duration) in frames:
                yield PlanarFrame(samples, turn, number=number, pts=when, duration=duration, time_base=unit)

    def _numbered(self, first: int, pts: int | None) -> Generator[tuple[int, _Timed]]:
        """Frames with their numbers, sought by `pts`; where none is of that time, as after inexact seeking, they are counted."""
        if pts is not None:
            found = False
            with closing(self._part(pts)) as frames:
                for number, frame in enumerate(frames, first):
                    found = found or frame[1] == pts
                    if not found:
                        break
                    yield number, frame
            if found:
                return
        number = -1
        with closing(self._part(None)) as frames:
            for number, frame in enumerate(frames):
                if number >= first:
                    yield number, frame
        if number < 0:
            raise InputError(f"{self.info.path} has no frame in the time that is read, or none that can be decoded.")

    def _part(self, pts: int | None) -> Generator[_Timed]:
        return self._timed(pts) if self._fps is None else self._on_grid(self._fps, pts)

    def _on_grid(self, fps: Fraction, pts: int | None) -> Generator[_Timed]:
        """Frames at whole multiples of 1 / fps: at each the last frame whose time, rounded to them, is not after it."""
        beats = self._source.time_base * fps
        since = None if pts is None else math.floor((pts - Fraction(1, 2)) / beats)
        shown: Planes | None = None
        begin = place = ends = 0
        with closing(self._timed(since, earlier=True)) as frames:
            for samples, when, duration in frames:
                due = _rounded(when * beats)
                if shown is None:
                    begin = place = due if pts is None else pts
                else:
                    for at in range(place, due):
                        yield shown, at, 1
                place = max(place, due)
                shown, ends = samples, _rounded((when + duration) * beats)
        if shown is not None:
            for at in range(place, max(ends, begin + 1)):
                yield shown, at, 1

    def _timed(self, since: int | None, *, earlier: bool = False) -> Generator[_Timed]:
        """The frames of the part that is read, from the time stamp `since` on; with `earlier`, some before it may come too."""
        known = [stamp for stamp in (self._since, since) if stamp is not None]
        sought = max(known, default=None)
        least = self._since if earlier else sought
        self._damage.count, self._short = 0, ""
        before: int | None = None
        with closing(self._decoded(sought)) as frames:
            for samples, stamp, duration in frames:
                when = stamp if before is None else max(stamp, before + 1)  # encoders need times that rise
                before = when
                if self._until is not None and when >= self._until:
                    return
                if least is None or when >= least:
                    yield samples, when, duration if self._until is None else min(duration, self._until - when)

    def _decoded(self, since: int | None) -> Generator[_Timed]:
        """All frames of the file; those before the time stamp `since` may be left out."""
        info = self._source
        if info.codec == "webp":
            yield from webp_frames(info.path, self._damage, alpha=info.transparent)
            return
        form = layout_of(info.pixel_format)
        if form.alpha and not info.transparent:
            form = layout(form.kind, form.bits, form.block)
        size = info.size[::-1] if info.rotation % 180 else info.size
        usual = max(1, round(1 / info.rate / info.time_base))
        after = count = 0
        with closing(pictures(info.path, self._damage, since)) as frames:
            for frame in frames:
                count += 1
                pts = frame.pts if frame.pts is not None else after
                after = pts + (frame.duration or usual)
                planes = from_frame(frame, info.colour, size, form)
                yield mirrored(planes) if info.mirrored else planes, pts, frame.duration
        self._short = self._ends_early(None if since is not None else count, after * info.time_base - info.begins)

    def _ends_early(self, count: int | None, ends: Fraction) -> str:
        """That the file ends at `ends` seconds, after `count` frames where all were read, if it says that there are more."""
        said = self._source
        only = not said.audio + said.subtitles  # else what the file lasts may be those
        if said.seconds is None or (said.frames is None and not (only or self.damaged)):
            return ""
        less = _LESS_LOOSELY if said.frames is None else _LESS / said.rate
        if ends + less >= said.seconds or (count is not None and said.frames is not None and count >= said.frames):
            return ""
        if count is None or said.frames is None:
            return f"the file ends early: its pictures last {float(ends):.2f} of {said.seconds:.2f} s"
        return f"the file ends after {count} of {said.frames} frames"


def _rounded(value: Fraction) -> int:
    return math.floor(value + Fraction(1, 2))


def _of_part(info: ClipInfo, start: Fraction | None, end: Fraction | None, fps: Fraction | None) -> ClipInfo:
    """`info` of what is read: how long it is, how many frames, their rate and the unit of their times."""
    if start or end is not None:
        last = info.seconds if end is None else float(end) if info.seconds is None else min(float(end), info.seconds)
        info = replace(info, frames=None, seconds=None if last is None else last - float(start or 0))
    if fps is not None:
        frames = None if info.seconds is None else max(1, round(info.seconds * fps))
        info = replace(info, rate=fps, time_base=1 / fps, frames=frames)
    return info
