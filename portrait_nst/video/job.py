"""The work on a clip: each part tracked, painted, laid over its frames and written, and the state after it kept."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from portrait_nst.clips.frame import Frame
from portrait_nst.errors import InputError, ResourceError
from portrait_nst.imaging.atomic import is_full
from portrait_nst.video.ahead import ahead
from portrait_nst.video.parts import Parts
from portrait_nst.video.plan import Part, Shot, runs_of
from portrait_nst.video.progress import OnProgress, Pace
from portrait_nst.video.seen import SeenFrame
from portrait_nst.video.tools import Tools


@dataclass(frozen=True)
class Outcome:
    """What a job came to.

    segments: the files of all finished parts, and of the unfinished one where the run was interrupted in it.
    frames:   how many frames they hold.
    painted:  how many of them were painted now.
    whole:    whether these are all frames of the clip.
    notes:    remarks for the user, each once.
    """

    segments: tuple[Path, ...]
    frames: int
    painted: int
    whole: bool
    notes: tuple[str, ...]


class VideoJob:
    """Paints what is left of the parts of a clip, or of one shot of it.

    Shots that are `chained`, because who is painted in one is known from those before, are one run of work; other shots do not
    know of each other, so that each is a run of its own: it is locked while it is painted, and may be done before an earlier one.
    """

    def __init__(
        self,
        shots: Sequence[Shot],
        parts: Sequence[Part],
        pts: NDArray[np.int64],
        tools: Tools,
        kept: Parts,
        on_progress: OnProgress,
        *,
        chained: bool = True,
        remarks: tuple[str, ...] = (),
    ) -> None:
        """`pts` are the time stamps of all frames; `kept` holds finished parts; `on_progress` is called after each frame."""
        self.shots, self.parts, self.pts = shots, parts, pts
        self.tools, self.kept, self.on_progress = tools, kept, on_progress
        self.frames = sum(part.frames for part in parts)
        self._chained, self.remarks = chained, remarks
        self._runs = [tuple(parts)] if chained else runs_of(parts)

    def run(self, began: float) -> Outcome:
        """Paint until all is painted, or to the frame after which `on_progress` raises KeyboardInterrupt.

        began: the `time.monotonic()` of the call. Raises ResourceError where the disk is full; finished parts stay, then and
        after any other end. A KeyboardInterrupt from elsewhere is not held up.
        """
        before = self._kept_frames
        pace = Pace(self.frames, before, began, self.tools.cycle)
        unfinished, go_on = 0, True
        try:
            for run in self._runs:
                if go_on and self._done(run) < len(run):
                    with self.kept.shot(run[0].shot):
                        unfinished, go_on = self._paint_from(run, self._done(run), pace)
                    if not self._chained and go_on:  # nobody goes on from its end
                        self.kept.forget_states([part.number for part in run])
        except (OSError, ResourceError) as error:
            if not is_full(error):
                raise
            raise self.full(self._kept_frames) from error
        return self._outcome(unfinished, before)

    def full(self, frames: int) -> ResourceError:
        """The error for a disk that is full when so many `frames` are painted and kept."""
        return ResourceError(
            f"The disk of {self.kept.folder.parent.parent} is full: {frames} of {self.frames} frames are painted and kept. "
            "Make room, then give the same command again."
        )

    def _done(self, run: Sequence[Part]) -> int:
        return self.kept.done([part.number for part in run], self.tools.suffix)

    @property
    def _finished(self) -> list[Part]:
        return [part for run in self._runs for part in run[: self._done(run)]]

    @property
    def _kept_frames(self) -> int:
        return sum(part.frames for part in self._finished)

    def _outcome(self, unfinished: int, before: int) -> Outcome:
        """What there is from the first frame on without a gap; `unfinished` frames are those of a part that is begun."""
        found = self._finished
        ready = [
            a for a, b in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(found, self.parts, strict=False))
        ]
        count = len(ready) + bool(unfinished)
        files = tuple(self.kept.segment(part.number, self.tools.suffix) for part in self.parts[:count])
        notes = [note for part in ready for note in self.kept.about(part.number)["notes"]] + self.tools.notes
        frames = sum(part.frames for part in ready) + unfinished
        painted = sum(part.frames for part in found) + unfinished - before
        return Outcome(files, frames, painted, frames == self.frames, tuple(dict.fromkeys(notes)))

    def _paint_from(self, run: Sequence[Part], done: int, pace: Pace) -> tuple[int, bool]:
        """Paint a `run` from its part `done` on: the frames of an unfinished part where all is to end in it; whether to go on."""
        if done:
            state = self.kept.state(run[done - 1].number)
            assert state is not None  # `Parts.done` has looked
            self.tools.restore(state)
        first = run[done].first
        with self.tools.read() as reader:
            frames = reader.frames(first, int(self.pts[first]))
            for part in run[done:]:
                painted, go_on = self._paint(part, frames, pace, run)
                if not go_on:
                    return painted % part.frames, False
        return 0, True

    def _paint(self, part: Part, frames: Iterator[Frame], pace: Pace, run: Sequence[Part]) -> tuple[int, bool]:
        """Paint a part, and keep it if it is whole: how many frames it came to, and whether to go on with the next."""
        shot = self.shots[part.shot]
        if part.first == shot.first:
            self.tools.begin(part.shot, shot, self.pts)
        writer = self.tools.write(self.kept.segment(part.number, self.tools.suffix))
        painted, go_on = 0, True
        try:
            with ahead(self._seen(part, frames)) as seen:
                while go_on and painted < part.frames:
                    writer.write(self.tools.finished(next(seen)))
                    painted += 1
                    try:
                        self.on_progress(pace.painted())
                    except KeyboardInterrupt:
                        go_on = False
            writer.close()
        except BaseException:
            writer.discard()
            raise
        if painted == part.frames:
            about = {"frames": part.frames, "notes": [*writer.notes, *self.tools.notes]}
            self.kept.finish(part.number, self.tools.suffix, self.tools.state(), about, first=run[0].number)
        return painted, go_on

    def _seen(self, part: Part, frames: Iterator[Frame]) -> Iterator[SeenFrame]:
        """The frames of a part with all that is known of them. The track ends with them, so that its state is that after them."""
        for number in range(part.first, part.end):
            frame = next(frames, None)
            if frame is None:
                raise InputError(f"The clip ended at frame {number} of {len(self.pts)}; was it changed meanwhile?")
            yield self.tools.seen(frame)
