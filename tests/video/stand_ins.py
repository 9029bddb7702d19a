"""Stand-ins for clips, tracking and painting: small, exact, and each frame dependent on all before it in its shot."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from portrait_nst.types import FloatArray, UInt8Array
from portrait_nst.video.background import Backdrop
from portrait_nst.video.plan import Part, Shot, parts_of
from portrait_nst.video.seen import SeenFrame
from portrait_nst.video.tools import Tools

SIDE = 16


@dataclass(eq=False)
class PlainFrame:
    """A frame of RGB, whose samples are its look."""

    rgb: UInt8Array
    number: int = 0
    pts: int = 0
    duration: int = 1
    time_base: Fraction = Fraction(1, 25)
    alpha: UInt8Array | None = None

    @property
    def size(self) -> tuple[int, int]:
        return self.rgb.shape[0], self.rgb.shape[1]

    def over(self, painted: Any, alpha: FloatArray) -> PlainFrame:
        values = np.asarray(painted, np.float32) * (255 if painted.dtype != np.uint8 else 1)
        weight = alpha[..., None]
        mixed = np.where(weight > 0, np.rint(weight * values + (1 - weight) * self.rgb), self.rgb)
        return replace(self, rgb=mixed.astype(np.uint8))

    def replaced(self, rgb: Any, opacity: FloatArray | None = None) -> PlainFrame:
        values = np.rint(np.asarray(rgb, np.float32) * (255 if rgb.dtype != np.uint8 else 1)).astype(np.uint8)
        alpha = None if opacity is None else np.rint(opacity * 255).astype(np.uint8)
        return replace(self, rgb=values, alpha=alpha)


def picture(number: int, side: int = SIDE) -> UInt8Array:
    """The frame `number` of the stand-in clip."""
    return np.random.default_rng(number).integers(0, 256, (side, side, 3), np.uint8)


class PlainClip:
    """A clip of `frames` random pictures."""

    def __init__(self, frames: int, side: int = SIDE) -> None:
        self.count, self.side = frames, side

    def __enter__(self) -> PlainClip:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def frames(self, first: int = 0, pts: int | None = None) -> Iterator[PlainFrame]:
        assert pts == first  # here a time stamp is the frame's number
        return (PlainFrame(picture(n, self.side), n, n) for n in range(first, self.count))


class PlainWriter:
    """Writes the pixels of frames one after the other; `full_after` frames in all files the disk is full."""

    notes: tuple[str, ...] = ()
    left: int | None = None  # frames for which there is room, of all writers

    def __init__(self, path: Path) -> None:
        self.path, self.temporary = path, path.with_name(f".{path.name}.tmp")
        self.file = self.temporary.open("wb")

    def write(self, frame: PlainFrame) -> None:
        if PlainWriter.left is not None:
            if not PlainWriter.left:
                raise OSError(28, "No space left on device")
            PlainWriter.left -= 1
        self.file.write(frame.rgb.tobytes())

    def close(self) -> None:
        self.file.close()
        self.temporary.replace(self.path)

    def discard(self) -> None:
        self.file.close()
        self.temporary.unlink(missing_ok=True)


@dataclass(eq=False)
class PlainTracker:
    """Everybody is the left half of the frame."""

    shot: int = 0
    seen: int = 0
    notes: list[str] = field(default_factory=list)

    def begin(self, shot: int, samples: Sequence[Any]) -> list[SeenFrame]:
        self.shot, self.seen = shot, 0
        return [self._seen(frame) for frame in samples]

    def see(self, frame: Any) -> SeenFrame:
        self.seen += 1
        return self._seen(frame)

    def _seen(self, frame: Any) -> SeenFrame:
        alpha = np.zeros(frame.size, np.float32)
        alpha[:, : frame.size[1] // 2] = 1
        return SeenFrame(frame, frame.rgb, alpha, (), None, self.shot)

    def state(self) -> dict[str, Any]:
        return {"numbers": np.array([self.shot, self.seen])}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.shot, self.seen = (int(n) for n in state["numbers"])


class PlainTrack(PlainTracker):
    """The same, as `video.track` names it."""

    def follow(self, frame: Any, shot: int) -> SeenFrame:
        self.shot = shot
        return self.see(frame)


@dataclass(eq=False)
class Echo:
    """Paints half of the last painting over half of the frame, with what the samples of the shot had on average."""

    log: Path | None = None
    last: FloatArray | None = None
    mean: FloatArray | None = None
    notes: list[str] = field(default_factory=list)

    def begin(self, samples: Sequence[SeenFrame]) -> None:
        self.mean = np.mean([s.rgb.mean((0, 1)) for s in samples], axis=0).astype(np.float32) / 255
        self.last = None

    def paint(self, seen: SeenFrame) -> FloatArray:
        if self.log is not None:
            with self.log.open("a") as file:
                file.write(f"{seen.frame.number}\n")
        assert self.mean is not None
        here = seen.rgb.astype(np.float32) / 255
        before = self.mean if self.last is None else self.last
        self.last = np.asarray(0.5 * before + 0.5 * here, np.float32)
        return self.last

    def state(self) -> dict[str, Any]:
        assert self.mean is not None and self.last is not None
        return {"mean": self.mean, "last": self.last}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.mean, self.last = np.asarray(state["mean"]), np.asarray(state["last"])


def tools(frames: int, side: int = SIDE, log: Path | None = None) -> Tools:
    """The tools of a job on the stand-in clip; the numbers of painted frames go to the file `log`."""

    def read() -> contextlib.AbstractContextManager[Any]:
        return PlainClip(frames, side)

    return Tools(read, PlainWriter, ".raw", PlainTracker(), Echo(log), None, Backdrop("keep"))  # type: ignore[arg-type]


def shots_and_parts(frames: int, cut: int | None = None, seconds: float = 0.2) -> tuple[list[Shot], tuple[Part, ...]]:
    """One shot, or two with a `cut` before that frame, and their parts: five frames each at 25 frames a second."""
    edges = [0, frames] if cut is None else [0, cut, frames]
    shots = [Shot(a, b, (a, (a + b) // 2)) for a, b in zip(edges[:-1], edges[1:])]
    return shots, parts_of(shots, [n / 25 for n in range(frames)], seconds)
