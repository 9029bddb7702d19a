"""The work on a clip: each part tracked, painted, laid over its frames and written, and the state after it kept."""

from __future__ import annotations

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
from portrait_nst.video.plan import Part, Shot
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
    """Paints what is left of the parts of a clip."""

    def __init__(
        self,
        shots: Sequence[Shot],
        parts: Sequence[Part],
        pts: NDArray[np.int64],
        tools: Tools,
        kept: Parts,
        on_progress: OnProgress,
    ) -> None:
        """`pts` are the time stamps of all frames; `kept` holds finished parts; `on_progress` is called after each frame."""
        self.shots, self.parts, self.pts = shots, parts, pts
        self.tools, self.kept, self.on_progress = tools, kept, on_progress
        self.frames = parts[-1].end

    def run(self, began: float) -> Outcome:
        """Paint until all is painted, or to the frame after which `on_progress` raises KeyboardInterrupt.

        began: the `time.monotonic()` of the call. Raises ResourceError where the disk is full; finished parts stay, then and
        after any other end. A KeyboardInterrupt from elsewhere is not held up.
        """
        done = self.kept.done(len(self.parts), self.tools.suffix)
        before = self._frames_in(done)
        pace = Pace(self.frames, before, began, self.tools.cycle)
        unfinished = 0
        try:
            if done < len(self.parts):
                unfinished = self._paint_from(done, pace)
        except (OSError, ResourceError) as error:
            if not is_full(error):
                raise
            raise self.full(self._frames_in(self._done)) from error
        return self._outcome(self._done, unfinished, before)

    def full(self, frames: int) -> ResourceError:
        """The error for a disk that is full when so many `frames` are painted and kept."""
        return ResourceError(
            f"The disk of {self.kept.folder.parent.parent} is full: {frames} of {self.frames} frames are painted and kept. "
            "Make room, then give the same command again."
        )

    @property
    def _done(self) -> int:
        return self.kept.done(len(self.parts), self.tools.suffix)

    def _frames_in(self, done: int) -> int:
        return self.parts[done - 1].end if done else 0

    def _outcome(self, done: int, unfinished: int, before: int) -> Outcome:
        count = done + bool(unfinished)
        files = tuple(self.kept.segment(number, self.tools.suffix) for number in range(count))
        notes = [note for number in range(done) for note in self.kept.about(number)["notes"]] + self.tools.notes
        frames = self._frames_in(done) + unfinished
        return Outcome(files, frames, frames - before, frames == self.frames, tuple(dict.fromkeys(notes)))

    def _paint_from(self, done: int, pace: Pace) -> int:
        """Paint from the part `done` on; how many frames there are of an unfinished part, where the run is to end in it."""
        first = self.parts[done]
        if first.first != self.shots[first.shot].first:
            state = self.kept.state(done - 1)
            assert state is not None  # `Parts.done` has looked
            self.tools.restore(state)
        with self.tools.read() as reader:
            frames = reader.frames(first.first, int(self.pts[first.first]))
            for part in self.parts[done:]:
                painted, go_on = self._paint(part, frames, pace)
                if not go_on:
                    return painted % part.frames
        return 0

    def _paint(self, part: Part, frames: Iterator[Frame], pace: Pace) -> tuple[int, bool]:
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
            self.kept.finish(part.number, self.tools.suffix, self.tools.state(), about)
        return painted, go_on

    def _seen(self, part: Part, frames: Iterator[Frame]) -> Iterator[SeenFrame]:
        """The frames of a part with all that is known of them. The track ends with them, so that its state is that after them."""
        for number in range(part.first, part.end):
            frame = next(frames, None)
            if frame is None:
                raise InputError(f"The clip ended at frame {number} of {self.frames}; was it changed meanwhile?")
            yield self.tools.seen(frame)
