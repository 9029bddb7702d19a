"""The shots of a clip as work for several processes: each paints one, and `stylize_video` joins what it finds painted."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from portrait_nst.video import parts
from portrait_nst.video.job import Outcome, VideoJob
from portrait_nst.video.plan import are_independent, parts_of, runs_of
from portrait_nst.video.progress import OnProgress
from portrait_nst.video.surveying import seconds, surveyed

if TYPE_CHECKING:
    from portrait_nst.video.order import Order


def job_of(asked: Order, kept: parts.Parts, on_progress: OnProgress, began: float, shot: int | None = None) -> VideoJob:
    """The work on the clip, or on one `shot`, after the first look through the clip; see `VideoJob`."""
    found = surveyed(asked.reader, asked.segmenter, asked.people, kept, on_progress, began)
    pieces = parts_of(found.shots, seconds(found.pts, asked.reader), asked.options.segment_seconds)
    if shot is not None:
        pieces = runs_of(pieces)[shot]
    chained = not are_independent(asked.settings)
    return VideoJob(
        found.shots, pieces, found.pts, asked.tools(), kept, on_progress, chained=chained, remarks=found.notes
    )


def count_shots(asked: Order) -> int:
    """How many shots the clip has; what the look through it finds is kept for those who paint. Raises as `look` does."""
    kept = parts.folder_for(asked.target, asked.key)
    return len(surveyed(asked.reader, asked.segmenter, asked.people, kept, lambda _: None, time.monotonic()).shots)


def paint_shot(asked: Order, shot: int) -> Outcome:
    """Paint what is left of one shot into the work folder of the clip; another process may paint another one meanwhile.

    Raises InputError where another process paints the same shot, ResourceError where the disk is full.
    """
    began = time.monotonic()
    kept = parts.folder_for(asked.target, asked.key)
    return job_of(asked, kept, lambda _: None, began, shot).run(began)
