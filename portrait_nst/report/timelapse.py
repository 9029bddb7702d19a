"""The making of a picture as a film: .gif or .mp4."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import numpy as np

from portrait_nst import imaging
from portrait_nst.errors import InputError
from portrait_nst.report import animation
from portrait_nst.report.frames import Frame, FrameStore, shrink
from portrait_nst.report.outputs import check_file, write
from portrait_nst.types import FloatArray, Step, UInt8Array

KINDS = (".gif", ".mp4")
SECONDS, HOLD = 6.0, 1.5
FPS = {".gif": 12.0, ".mp4": 24.0}
LONGEST = {".gif": 400, ".mp4": 720}
_SLOWEST = 8.0  # frames a second below which a film stutters; a short run makes a shorter film instead
_SMALLEST = 16  # pixels a side, the least that H.264 encoders take


class Timelapse:
    """A film of a run: feed it with frames while it goes, close it with the finished picture.

        film = Timelapse("me.mp4")
        result = stylize(photo, style, on_step=film.on_step)
        film.close(result.rgb, matte=result.matte.alpha)

    Frames may grow from scale to scale; all are scaled to one size, even in both directions. How many steps there
    will be need not be known: between half and all of `seconds * fps` frames are kept, evenly spaced, and shown in `seconds`.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        seconds: float = SECONDS,
        fps: float | None = None,
        hold: float = HOLD,
        longest: int | None = None,
        first: UInt8Array | None = None,
        overwrite: bool = False,
        inputs: Sequence[str | Path] = (),
    ) -> None:
        """A film that will be written to `path` (.gif or .mp4).

        seconds: length without the held frames; a run of few steps makes a shorter film.
        fps:     greatest number of frames a second; by default 12 for .gif, 24 for .mp4.
        hold:    seconds that the last frame stays; `first`, a picture (H, W, 3) uint8 to begin with, stays for a third of it.
        longest: greatest side of the film in pixels; by default 400 for .gif, 720 for .mp4.
        inputs:  files that must not be overwritten.

        Raises InputError for another suffix, for numbers out of range, and where the file could not be written.
        """
        self.path = check_file(path, KINDS, "The time-lapse", overwrite=overwrite, inputs=inputs)
        self.kind, self.overwrite = self.path.suffix.lower(), overwrite
        self.fps = FPS[self.kind] if fps is None else float(fps)
        self.longest = LONGEST[self.kind] if longest is None else longest
        for name, value, low, high in (
            ("seconds", seconds, 0.5, 120),
            ("fps", self.fps, 1, 60),
            ("hold", hold, 0, 30),
            ("longest", self.longest, _SMALLEST, 4096),
        ):
            if not low <= value <= high:
                raise InputError(f"{name} of the time-lapse must be a number from {low} to {high}, not {value!r}.")
        self.seconds, self.hold, self.first = float(seconds), float(hold), first
        self._store = FrameStore(max(2, round(self.seconds * self.fps)), self.longest)
        self._last: Frame | None = None

    def on_step(self, step: Step) -> None:
        """Take the picture of a `Step`, if its turn has come."""
        self.add(step.image)

    def add(self, frame: Frame) -> None:
        """Take a frame (h, w, 3) uint8, or a function that makes it."""
        self._store.add(frame)
        self._last = frame

    def close(self, final: UInt8Array | None = None, *, matte: FloatArray | None = None) -> Path:
        """Write the film, ending in `final` (H, W, 3) uint8, by default the last frame; returns its path.

        matte: (H, W) float32 in [0, 1], the part of `final` that was painted: the rest of every frame is taken from `final`,
        so that a background that was kept stands still.
        """
        if final is None:
            if self._last is None:
                raise InputError("A time-lapse needs at least one frame; the run made no step.")
            final = self._last() if callable(self._last) else self._last
        final = shrink(final, self.longest)
        size = max(_SMALLEST, final.shape[0] // 2 * 2), max(_SMALLEST, final.shape[1] // 2 * 2)
        end = imaging.resize(final, size)
        alpha = None if matte is None else imaging.resize_mask(np.ascontiguousarray(matte, np.float32), size)

        rate = min(self.fps, max(_SLOWEST, len(self._store) / self.seconds))
        frames = [imaging.resize(frame, size) for frame in self._store]
        if alpha is not None:
            frames = [imaging.composite(end, frame, alpha) for frame in frames]
        frames.append(end)
        stay = [1 / rate] * (len(frames) - 1) + [max(self.hold, 1 / rate)]
        if self.first is not None:
            frames.insert(0, imaging.resize(shrink(self.first, self.longest), size))
            stay.insert(0, max(self.hold / 3, 1 / rate))
        data = animation.gif(frames, stay) if self.kind == ".gif" else animation.mp4(frames, stay, rate)
        self._last = None
        return write(self.path, data, overwrite=self.overwrite)

    def __enter__(self) -> Timelapse:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """At the end of a `with` block the film is written, unless it ended in an error or `close` was called."""
        if kind is None and self._last is not None:
            self.close()
