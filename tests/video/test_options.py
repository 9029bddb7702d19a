"""The options of a clip are refused before any work."""

from __future__ import annotations

from typing import Any

import pytest

from portrait_nst.errors import InputError
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.presets import settings_of
from portrait_nst.settings import Settings
from portrait_nst.video.options import SEGMENT, SEGMENT_ENGINE, VideoOptions, checked, settings_for

USUAL: dict[str, Any] = {
    "codec": None,
    "start": None,
    "end": None,
    "fps": None,
    "popart": None,
    "hold_frames": None,
    "segment_seconds": None,
}


def options(quality: str = "instant", **changes: Any) -> VideoOptions:
    return checked(Settings(quality=quality), **(USUAL | changes))  # type: ignore[arg-type]


def test_times_are_seconds_and_pop_art_keeps_the_place() -> None:
    found = options(start="1:02.5", end=70, popart=True)
    assert (found.start, found.end) == (62.5, 70.0)
    assert found.popart is not None and found.popart.background == "keep"
    assert found.as_dict()["hold_frames"] == 3
    assert "popart" not in options(popart=False).as_dict()
    assert options(popart=PopartSettings(tones=4)).popart == PopartSettings(tones=4)


def test_slow_painting_is_kept_more_often() -> None:
    assert options().segment_seconds == options("draft", popart=True).segment_seconds == SEGMENT
    assert options("draft").segment_seconds == SEGMENT_ENGINE
    assert options(segment_seconds=2).segment_seconds == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"start": 3, "end": 2}, "end must lie after start"),
        ({"end": 0}, "end must lie after start"),
        ({"start": "soon"}, "start must be seconds"),
        ({"fps": 0}, "fps must be a number"),
        ({"fps": float("nan")}, "fps must be a number"),
        ({"hold_frames": 0}, "hold_frames must be a whole number"),
        ({"hold_frames": True}, "hold_frames must be a whole number"),
        ({"hold_frames": 4}, "give `--popart`"),
        ({"popart": "yes"}, "popart must be True or a PopartSettings"),
        ({"segment_seconds": -1}, "segment_seconds must be"),
    ],
)
def test_values_that_make_no_sense_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        options(**changes)


def test_a_clip_is_painted_instantly_unless_something_else_is_said() -> None:
    assert settings_for(None, None, {}).quality == "instant"
    assert settings_for(None, None, {"quality": "draft"}).quality == "draft"
    assert settings_for(None, Settings(), {}).quality == "standard"
    assert settings_for("gatys2016", None, {}) == settings_of("gatys2016")
