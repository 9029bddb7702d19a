"""What of a clip is painted, and how it is written: what `stylize_video` takes beside the settings of painting."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from portrait_nst.errors import InputError
from portrait_nst.pipeline.stylizer import chosen_settings
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.qualities import OF_CLIPS
from portrait_nst.settings import Settings
from portrait_nst.video.times import parse_time

SEGMENT = 4.0  # seconds
SEGMENT_ENGINE = 1.0  # the engine takes minutes for as many frames as a network paints in seconds
HOLD_FRAMES = 3  # on threes, as much of hand-drawn animation is
LONGEST_HOLD = 1000


@dataclass(frozen=True)
class VideoOptions:
    """How a clip is cut, written and cut into segments.

    codec:      of the pictures, by its word; None for what the suffix of the output has.
    start, end: the part of the clip, in seconds; None for its beginning and its end.
    fps:        frames a second; None for the clip's own time stamps.
    popart:     instead of a painting, pop art with these settings; None for a painting.
    hold_frames: for how many frames the segments of pop art stay.
    segment_seconds: how long the pieces are that a broken-off run keeps.
    """

    codec: str | None = None
    start: float | None = None
    end: float | None = None
    fps: float | None = None
    popart: PopartSettings | None = None
    hold_frames: int = HOLD_FRAMES
    segment_seconds: float = SEGMENT

    def as_dict(self) -> dict[str, Any]:
        """What decides the pictures, JSON-ready, for a recipe."""
        from portrait_nst.pop_art.report import without_folders

        found: dict[str, Any] = {"codec": self.codec, "start": self.start, "end": self.end, "fps": self.fps}
        if self.popart is not None:
            found |= {"popart": without_folders(self.popart), "hold_frames": self.hold_frames}
        return found | {"segment_seconds": self.segment_seconds}


def settings_for(preset: str | None, settings: Settings | None, changes: Mapping[str, Any]) -> Settings:
    """The settings of a clip, as `chosen_settings` gives them, but with that of clips where nothing else is said."""
    if preset is None and settings is None:
        changes = {"quality": OF_CLIPS, **changes}
    return chosen_settings(preset, settings, changes)


NAMES = tuple(field.name for field in fields(VideoOptions))


def checked(
    settings: Settings,
    *,
    codec: str | None = None,
    start: float | str | None = None,
    end: float | str | None = None,
    fps: float | None = None,
    popart: PopartSettings | bool | None = None,
    hold_frames: int | None = None,
    segment_seconds: float | None = None,
) -> VideoOptions:
    """The options of a call, each in the form that `VideoOptions` has. Raises InputError for a value that makes no sense."""
    first = None if start is None else parse_time(start, "start")
    last = None if end is None else parse_time(end, "end")
    if last is not None and last <= (first or 0):
        raise InputError(f"end must lie after start, and {last:g} s does not lie after {first or 0:g} s.")
    if fps is not None and not (_is_number(fps) and 0 < fps <= LONGEST_HOLD):
        raise InputError(f"fps must be a number of frames a second from over 0 to {LONGEST_HOLD}, not {fps!r}.")
    alone = hold_frames is not None and not popart
    hold_frames = HOLD_FRAMES if hold_frames is None else hold_frames
    if isinstance(hold_frames, bool) or not isinstance(hold_frames, int) or not 1 <= hold_frames <= LONGEST_HOLD:
        raise InputError(f"hold_frames must be a whole number of frames from 1 to {LONGEST_HOLD}, not {hold_frames!r}.")
    if alone:
        raise InputError(
            "hold_frames says for how long segments of pop art stay; give `--popart` (popart=True) too, or leave it out."
        )
    if popart is not None and not isinstance(popart, (bool, PopartSettings)):
        raise InputError(f"popart must be True or a PopartSettings, not {type(popart).__name__}.")
    if popart is True:
        popart = PopartSettings(background="keep")  # what stands behind is said by the settings
    quick = settings.instant or bool(popart)
    if segment_seconds is None:
        segment_seconds = SEGMENT if quick else SEGMENT_ENGINE
    elif not (_is_number(segment_seconds) and segment_seconds > 0):
        raise InputError(f"segment_seconds must be a number of seconds over 0, not {segment_seconds!r}.")
    return VideoOptions(codec, first, last, fps, popart or None, hold_frames, float(segment_seconds))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
