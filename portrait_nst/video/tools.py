"""What works on a clip, by what is asked of each: who reads, follows, paints, lays over and writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from portrait_nst.clips.frame import Frame
from portrait_nst.types import FloatArray
from portrait_nst.video.painter import FramePainter, State
from portrait_nst.video.plan import Shot
from portrait_nst.video.seen import SeenFrame


class Tracker(Protocol):
    """Follows people through the frames of a shot; `video.track` has it."""

    def begin(self, shot: int, samples: Sequence[Frame]) -> Sequence[SeenFrame]:
        """A new shot: forget the frames before. Returns its samples with their mattes."""

    def see(self, frame: Frame) -> SeenFrame:
        """The next frame of the shot."""

    def state(self) -> State:
        """What it remembers of the shot so far."""

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        """Go on from what `state` returned."""


class Layer(Protocol):
    """Lays paintings over frames; `video.background.Backdrop` does."""

    def laid(self, seen: SeenFrame, painted: FloatArray, behind: FloatArray | None = None) -> Frame:
        """The finished frame."""


class Reader(Protocol):
    """An open clip."""

    def frames(self, first: int = 0, pts: int | None = None) -> Iterator[Frame]:
        """The frames from the number `first` on, whose time stamp is `pts`."""


class Writer(Protocol):
    """A segment that is being written; its file appears when it is closed."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks for the user."""

    def write(self, frame: Frame) -> None:
        """The next frame."""

    def close(self) -> None:
        """Write the file."""

    def discard(self) -> None:
        """Write nothing."""


@dataclass(frozen=True, eq=False)
class Tools:
    """What a job works with.

    read:    opens the clip.
    write:   begins a segment in the file of a name.
    suffix:  of segments, with its dot.
    tracker: follows people.
    painter: paints them.
    behind:  paints the background, where it has a style of its own.
    backdrop: lays what is painted over the frames.
    """

    read: Callable[[], AbstractContextManager[Reader]]
    write: Callable[[Path], Writer]
    suffix: str
    tracker: Tracker
    painter: FramePainter
    behind: FramePainter | None
    backdrop: Layer

    @property
    def remembering(self) -> dict[str, Tracker | FramePainter]:
        """Those that have a state, by the name that it is kept under."""
        found: dict[str, Tracker | FramePainter] = {"track": self.tracker, "paint": self.painter}
        return found | ({} if self.behind is None else {"behind": self.behind})

    @property
    def cycle(self) -> int:
        """After how many frames painting takes the same again: drawings are held for some."""
        return int(getattr(self.painter, "hold_frames", 1))

    @property
    def notes(self) -> list[str]:
        """The remarks of all of them so far, for the user."""
        return [note for each in self.remembering.values() for note in getattr(each, "notes", ())]

    def begin(self, number: int, shot: Shot, pts: NDArray[np.int64]) -> None:
        """Let tracker and painters look at samples of the new `shot`, in a reading of their own.

        pts: (frames,) the time stamps of all frames.
        """
        with self.read() as reader:
            found = (next(reader.frames(sample, int(pts[sample])), None) for sample in shot.samples)
            samples = [frame for frame in found if frame is not None]
        seen = self.tracker.begin(number, samples)
        self.painter.begin(seen)
        if self.behind is not None:
            self.behind.begin([_other_side(each) for each in seen])

    def seen(self, frame: Frame) -> SeenFrame:
        """The next frame of the shot with all that is known of it."""
        return self.tracker.see(frame)

    def finished(self, seen: SeenFrame) -> Frame:
        """The frame, painted and laid over its own."""
        painted = self.painter.paint(seen)
        behind = None if self.behind is None else self.behind.paint(_other_side(seen))
        return self.backdrop.laid(seen, painted, behind)

    def state(self) -> State:
        """What tracker and painters remember of the shot so far."""
        return {f"{name}/{key}": a for name, each in self.remembering.items() for key, a in each.state().items()}

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        """Go on from what `state` returned."""
        for name, each in self.remembering.items():
            start = f"{name}/"
            each.restore({key.removeprefix(start): a for key, a in state.items() if key.startswith(start)})


def _other_side(seen: SeenFrame) -> SeenFrame:
    """`seen` with its background as what is painted."""
    return replace(seen, alpha=np.float32(1) - seen.alpha, faces=())
