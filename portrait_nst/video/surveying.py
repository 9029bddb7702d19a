"""The first look through a clip, told while it goes on and kept, so that a run that goes on need not look again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from portrait_nst.clips.frame import Frame
from portrait_nst.settings import Settings
from portrait_nst.video.painter import State
from portrait_nst.video.parts import Parts
from portrait_nst.video.plan import Shot
from portrait_nst.video.progress import OnProgress, VideoStep

if TYPE_CHECKING:
    from portrait_nst.clips import ClipReader


@dataclass(frozen=True, eq=False)
class Surveyed:
    """What is known of a clip before it is painted.

    pts:   (frames,) int64: when each frame is shown, in the units of the clip's time base.
    end:   when the last frame ends, in the same units.
    shots: what lies between cuts.
    notes: remarks of the reader, for the user.
    """

    pts: NDArray[np.int64]
    end: int
    shots: tuple[Shot, ...]
    notes: tuple[str, ...] = ()

    def arrays(self) -> State:
        """It as arrays."""
        edges = np.array([[shot.first, shot.end] for shot in self.shots])
        samples = [shot.samples for shot in self.shots]
        return {
            "pts": self.pts,
            "end": np.array(self.end),
            "edges": edges,
            "samples": np.array([number for numbers in samples for number in numbers]),
            "notes": np.array(self.notes, np.str_),
            "counts": np.array([len(numbers) for numbers in samples]),
        }

    @classmethod
    def of(cls, arrays: State) -> Surveyed:
        """The inverse of `arrays`. Raises KeyError and ValueError for others."""
        samples = np.split(arrays["samples"], np.cumsum(arrays["counts"])[:-1])
        shots = (
            Shot(int(first), int(end), tuple(int(number) for number in numbers))
            for (first, end), numbers in zip(arrays["edges"], samples, strict=True)
        )
        return cls(
            arrays["pts"].astype(np.int64),
            int(arrays["end"]),
            tuple(shots),
            tuple(str(note) for note in arrays["notes"]),
        )


def surveyed(
    reader: ClipReader, segmenter: str | None, people: int, kept: Parts, on_progress: OnProgress, began: float
) -> Surveyed:
    """What an earlier run has kept, or `look` finds now."""
    if (arrays := kept.survey) is not None:
        try:
            return Surveyed.of(arrays)
        except (KeyError, ValueError):
            pass
    found = look(reader, segmenter, people, on_progress, began)
    kept.keep_survey(found.arrays())
    return found


def seconds(pts: NDArray[np.int64], reader: ClipReader) -> list[float]:
    """When each frame is shown, in seconds since the first."""
    unit = float(reader.info.time_base)
    return [int(when - pts[0]) * unit for when in pts]


def look(reader: ClipReader, segmenter: str | None, people: int, on_progress: OnProgress, began: float) -> Surveyed:
    """What a look through the clip finds, with `on_progress` told of each frame.

    segmenter: who looks for people; None where nobody needs to be there. people: how many must be in some frame.
    Raises InputError where the clip has no frames, MaskError where fewer people are in any.
    """
    from portrait_nst.video.survey import survey

    pts: list[int] = []
    end = 0

    def told() -> Iterator[Frame]:
        nonlocal end
        for frame in reader:
            pts.append(frame.pts)
            end = frame.pts + frame.duration
            yield frame
            on_progress(VideoStep("survey", len(pts), reader.info.frames, time.monotonic() - began))

    found = survey(told(), people=people if segmenter else 0, segmenter=segmenter or Settings.segmenter)
    found.require_people(str(reader.info.path), people)
    shots = tuple(Shot(first, last + 1, each) for (first, last), each in zip(found.shots, found.samples, strict=True))
    return Surveyed(np.array(pts), end, shots, reader.notes)
