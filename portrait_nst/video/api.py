"""A clip in one call: `stylize_video`."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from portrait_nst.errors import InputError, ResourceError
from portrait_nst.imaging.atomic import is_full
from portrait_nst.pipeline.styles import Style
from portrait_nst.pipeline.stylizer import Stylizer
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.result import Status
from portrait_nst.settings import Settings
from portrait_nst.video import parts
from portrait_nst.video.ahead import core_left
from portrait_nst.video.drawing import draw
from portrait_nst.video.interrupts import stops_between_frames
from portrait_nst.video.job import Outcome, VideoJob
from portrait_nst.video.options import checked, settings_for
from portrait_nst.video.order import Order, order
from portrait_nst.video.parts import check_early
from portrait_nst.video.progress import OnProgress, VideoStep
from portrait_nst.video.result import VideoResult
from portrait_nst.video.shots import job_of

INTERRUPTED = "interrupted: the clip ends with the last painted frame; the same command goes on from there"


def stylize_video(
    clip: str | Path,
    style: Style | None,
    out: str | Path,
    settings: Settings | None = None,
    *,
    mask: str | Path | None = None,
    preset: str | None = None,
    codec: str | None = None,
    start: float | str | None = None,
    end: float | str | None = None,
    fps: float | None = None,
    popart: PopartSettings | bool | None = None,
    hold_frames: int | None = None,
    segment_seconds: float | None = None,
    again: bool = False,
    overwrite: bool = False,
    recipe: bool | Callable[[dict[str, Any]], dict[str, Any]] = True,
    on_progress: OnProgress | None = None,
    stylizer: Stylizer | None = None,
    **changes: Any,
) -> VideoResult:
    """Paint the person in the film `clip` in the manner of `style`, frame by frame without flicker, into the file `out`.

    Where nobody is, frames keep their own samples; sound, subtitles and chapters are copied as they are.

    clip:     a film or an animation that PyAV decodes.
    style:    as in `stylize`: a picture, a name, or a list of pictures or (picture, weight). None only for pop art.
    out:      its suffix chooses the container: .mp4 .m4v .mov .mkv .webm, or .gif .webp .apng without sound; .svg for pop art
              with a background of its own.
    mask:     instead of the people that are found: a picture for all frames, or a clip with a mask for each (white is painted).
    preset, settings: as in `stylize`, but quality instant if neither is given; keyword arguments, named as the fields of
              `Settings`, change single ones. ``size`` is the longest side that is painted; the clip keeps its own.
    codec:    h264, hevc, vp9, av1, prores, ffv1, gif, webp or apng; None for what the suffix usually has.
    start, end: the part of the clip, in seconds or as "1:02.5".
    fps:      frames a second; None for the clip's own time stamps, even or not.
    popart:   True or a `PopartSettings`: draw the person as pop-art segments, which stay for `hold_frames` frames, 3 by default.
              With True, or a kept background, the settings' ``background`` stands behind.
    segment_seconds: finished work is kept in pieces of so many seconds; 4 by default, 1 with the engine's qualities.
    again:    begin anew, instead of going on where the same call was broken off.
    overwrite: whether a file `out` may be replaced.
    recipe:   whether the file gets its recipe; or a function that is given it and returns the one to write.
    on_progress: called with a `VideoStep` after each frame. A KeyboardInterrupt raised in it (or by Ctrl-C) ends the work after a
              frame, and what is painted becomes a clip with the status "interrupted". A second Ctrl-C ends at once.
    stylizer: the loaded encoder; by default a new one for these settings.

    A call that was broken off, even by the loss of power, goes on when it is made again: finished pieces lie in a hidden folder
    beside `out`, until it is whole. A drawing (SVG) begins anew. Raises InputError, MaskError, ModelError or ResourceError; each
    message says what to do.
    """
    from portrait_nst.clips import probe

    began = time.monotonic()
    if on_progress is not None and not callable(on_progress):
        raise InputError(f"on_progress must be a function that takes a VideoStep, not {type(on_progress).__name__}.")
    settings = settings_for(preset, settings, changes)
    options = checked(
        settings,
        codec=codec,
        start=start,
        end=end,
        fps=fps,
        popart=popart,
        hold_frames=hold_frames,
        segment_seconds=segment_seconds,
    )
    check_early(out, overwrite=overwrite)
    asked = order(clip, style, out, settings, options, stylizer, mask)
    asked.check_target(overwrite=overwrite)
    if asked.encoding is None:
        with stops_between_frames(on_progress) as progress:
            frames, remarks, whole = draw(asked, progress, began, overwrite=overwrite)
        status: Status = "complete" if whole else "interrupted"
        took = time.monotonic() - began
        return VideoResult(asked.target, asked.reader.info, frames, took, remarks, status=status, painted=frames)
    with parts.opened(asked.target, asked.key) as kept, stops_between_frames(on_progress) as progress:
        if again:
            kept.clear()
        job = job_of(asked, kept, progress, began)
        with core_left() if settings.instant and settings.threads is None else nullcontext():
            outcome = job.run(began)
        progress(VideoStep("join", outcome.frames, job.frames, time.monotonic() - began))
        values = asked.recipe.as_dict(asked.facts) | ({} if outcome.whole else {"status": "interrupted"})
        values = recipe(values) if callable(recipe) else values
        notes: tuple[str, ...] = (*job.remarks, *asked.encoding.notes, *outcome.notes)
        notes = (*notes, *_join(job, outcome, asked, values if recipe else None))
        if outcome.whole:
            parts.remove(asked.target)
        else:
            kept.keep_interrupted(asked.target)
            notes = (*notes, INTERRUPTED)
    return VideoResult(
        asked.target,
        probe(asked.target),
        outcome.frames,
        time.monotonic() - began,
        tuple(dict.fromkeys(notes)),
        values,
        "complete" if outcome.whole else "interrupted",
        outcome.painted,
    )


def _join(job: VideoJob, outcome: Outcome, asked: Order, recipe: dict[str, Any] | None) -> tuple[str, ...]:
    """Put the segments together; remarks for the user. Raises ResourceError where the disk is full."""
    from portrait_nst.clips.join import join

    info, options = asked.reader.info, asked.options
    end = options.end
    if not outcome.whole:  # so that the sound ends too
        end = float(int(job.pts[outcome.frames] - job.pts[0]) * info.time_base) + (options.start or 0)
    assert asked.encoding is not None
    try:
        return join(outcome.segments, asked.target, asked.encoding, info, options.start, end, recipe)
    except (OSError, ResourceError) as error:
        if is_full(error):
            raise job.full(outcome.frames) from error
        raise
