"""A clip in one call: from a phone's film to a file that players take, with stand-ins for tracking and painting."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from portrait_nst import clips
from portrait_nst.clips.join import join, recipe_in
from portrait_nst.errors import InputError, ResourceError
from portrait_nst.pop_art import PopartSettings
from portrait_nst.video import VideoResult, VideoStep, order, parts, stylize_video, survey, track
from portrait_nst.video.painters.popart import popart_frames
from tests.clips import makers
from tests.video import stand_ins

STYLE = "impasto"
SHORT = 0.1  # seconds of a segment: two or three frames of the phone's clip


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "painter_for", lambda *_: stand_ins.Echo())
    monkeypatch.setattr(order, "facts_of", lambda *_: {"weights_sha256": "0" * 64})
    monkeypatch.setattr(track, "Track", lambda *_, **__: stand_ins.PlainTrack())
    monkeypatch.setattr(survey, "_people_in", lambda *_: 1)


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return makers.phone_clip(tmp_path_factory.mktemp("phone"))


def paint(clip: Path, out: Path, **more: Any) -> VideoResult:
    return stylize_video(clip, STYLE, out, quality="instant", segment_seconds=SHORT, **more)


def stopping_at(frame: int) -> Callable[[VideoStep], None]:
    def on_progress(step: VideoStep) -> None:
        if step.stage == "paint" and step.frame == frame:
            raise KeyboardInterrupt

    return on_progress


def test_a_phones_clip_keeps_its_place_times_turn_and_sound(phone: Path, tmp_path: Path) -> None:
    steps: list[VideoStep] = []
    made = paint(phone, tmp_path / "out.mkv", codec="ffv1", on_progress=steps.append)
    assert (made.status, made.frames, made.painted, made.info.size) == ("complete", 12, 12, (128, 96))
    assert made.info.audio == 1 and made.info.codec == "ffv1"
    with clips.read(phone) as before, clips.read(made.path) as after:
        first = None
        for own, new in zip(before, after, strict=True):
            np.testing.assert_array_equal(own.rgb[:, 52:], new.rgb[:, 52:])  # beyond what bilinear chroma reaches
            assert np.abs(own.rgb[:, :44].astype(int) - new.rgb[:, :44]).max() > (0 if first is None else 3)
            first = first or new.pts * new.time_base - own.pts * own.time_base
            assert abs(new.pts * new.time_base - own.pts * own.time_base) <= 1e-3  # Matroska's unit
    assert [step.stage for step in steps] == ["survey"] * 12 + ["paint"] * 12 + ["join"]
    assert sum(step.forecast is not None for step in steps) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["out.mkv"]


def test_an_mp4_says_how_it_is_turned_and_how_it_was_made(phone: Path, tmp_path: Path) -> None:
    made = paint(phone, tmp_path / "out.mp4")
    assert (made.info.size, made.info.rotation, made.info.codec) == ((128, 96), 270, "h264")
    recipe = recipe_in(made.path)
    assert recipe == made.recipe and recipe is not None
    assert recipe["command"] == "video" and recipe["inputs"]["clip"]["file"] == "phone.mp4"
    assert recipe["inputs"]["style"]["name"] == STYLE and str(tmp_path) not in str(recipe)
    assert recipe_in(paint(phone, tmp_path / "bare.mp4", recipe=False).path) is None


def test_ctrl_c_leaves_a_clip_and_the_same_call_goes_on(phone: Path, tmp_path: Path) -> None:
    """Exact, as FFV1 is: x264 (in PyAV 18) does not make the same of the same frames where a picture is narrower than 256 px."""
    whole = paint(phone, tmp_path / "whole.mkv", codec="ffv1")
    out = tmp_path / "out.mkv"
    part = paint(phone, out, codec="ffv1", on_progress=stopping_at(5))
    assert (part.status, part.frames, part.painted) == ("interrupted", 5, 5)
    assert part.info.seconds is not None and part.info.seconds < 0.25 and part.info.audio == 1
    with clips.read(out) as reader:
        assert len(list(reader)) == 5
    assert (recipe_in(out) or {})["status"] == "interrupted"
    made = paint(phone, out, codec="ffv1")  # what it replaces is its own
    assert (made.status, made.frames) == ("complete", 12) and made.painted < 12
    with clips.read(whole.path) as wanted, clips.read(out) as found:
        for one, other in zip(wanted, found, strict=True):
            np.testing.assert_array_equal(one.rgb, other.rgb)
            assert (one.pts, one.time_base) == (other.pts, other.time_base)
    assert not parts.folder_of(out).exists()
    with pytest.raises(InputError, match="exists already"):
        paint(phone, out, codec="ffv1")


def test_a_file_that_was_changed_meanwhile_is_not_replaced(phone: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    paint(phone, out, on_progress=stopping_at(3))
    out.write_bytes(b"mine")
    with pytest.raises(InputError, match="exists already"):
        paint(phone, out)
    assert paint(phone, out, overwrite=True).painted < 12
    paint(phone, tmp_path / "b.mp4", on_progress=stopping_at(5))
    assert paint(phone, tmp_path / "b.mp4", again=True, overwrite=True).painted == 12


def test_an_early_ctrl_c_leaves_nothing(phone: Path, tmp_path: Path) -> None:
    def at_once(step: VideoStep) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        paint(phone, tmp_path / "out.mp4", on_progress=at_once)
    assert list(tmp_path.iterdir()) == []


def test_another_setting_paints_anew(phone: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    paint(phone, out, on_progress=stopping_at(7))
    assert paint(phone, out, strength=0.8, overwrite=True).painted == 12
    assert not parts.folder_of(out).exists()


def test_a_full_disk_while_joining_loses_nothing(phone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise ResourceError("The disk is full") from OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(sys.modules[join.__module__], "join", full)
        with pytest.raises(ResourceError, match=r"full: 12 of 12 frames are painted and kept\. Make room"):
            paint(phone, tmp_path / "out.mp4")
    made = paint(phone, tmp_path / "out.mp4")
    assert (made.painted, made.frames, made.status) == (0, 12, "complete")


@pytest.mark.parametrize(("start", "end", "frames"), [(0.1, None, 9), (None, 0.1, 3), ("0:00.1", 0.2, 3)])
def test_a_part_of_a_clip(phone: Path, tmp_path: Path, start: Any, end: Any, frames: int) -> None:
    made = paint(phone, tmp_path / "out.mp4", start=start, end=end)
    with clips.read(made.path) as reader:
        found = [makers.number_of(frame.rgb[:, ::-1]) for frame in reader]
    assert made.frames == len(found)
    assert abs(len(found) - frames) <= 3


@pytest.mark.parametrize("suffix", [".gif", ".apng"])
def test_an_animation_with_transparency(tmp_path: Path, suffix: str) -> None:
    clip = makers.plain_clip(tmp_path, frames=4, size=(32, 48))
    made = paint(clip, tmp_path / f"out{suffix}", background="transparent")
    assert made.info.transparent and made.frames == 4
    with clips.read(made.path) as reader:
        alpha = next(iter(reader)).alpha
    assert alpha is not None and alpha[:, :20].min() == 255 and alpha[:, 28:].max() == 0


@pytest.mark.parametrize(
    ("changes", "out", "message"),
    [
        ({"codec": "av1"}, "out.gif", "cannot hold av1"),
        ({"codec": "nonsense"}, "out.mp4", "is no codec"),
        ({}, "out.xyz", "clips are written as"),
        ({}, "nowhere/out.mp4", "does not exist"),
        ({"background": "transparent"}, "out.mp4", "has no transparency"),
        ({"background": "nonsense"}, "out.mp4", "background must be"),
        ({"overwrite": True}, "clip.mkv", "one of the inputs"),
        ({"start": 9}, "out.mp4", "choose an earlier start"),
        ({"quality": "best"}, "out.mp4", "quality must be"),
        ({"on_progress": 3}, "out.mp4", "on_progress must be a function"),
    ],
)
def test_what_cannot_be_is_refused_before_any_work(
    tmp_path: Path, changes: dict[str, Any], out: str, message: str
) -> None:
    clip = makers.plain_clip(tmp_path, frames=3, size=(32, 32))
    with pytest.raises(InputError, match=message):
        stylize_video(clip, STYLE, tmp_path / out, **({"quality": "instant"} | changes))
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mkv"]


def test_a_style_is_needed_but_for_pop_art(tmp_path: Path) -> None:
    clip = makers.plain_clip(tmp_path, frames=3, size=(32, 32))
    with pytest.raises(InputError, match="The style is missing"):
        stylize_video(clip, None, tmp_path / "out.mp4")
    with pytest.raises(InputError, match="no style 'nonsense'"):
        stylize_video(clip, "nonsense", tmp_path / "out.mp4")
    made = stylize_video(clip, None, tmp_path / "out.mp4", popart=True)
    assert made.recipe["video"]["hold_frames"] == 3 and made.recipe["styles"] == []


def test_a_drawing_ends_where_it_was_interrupted_and_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip, out = makers.plain_clip(tmp_path, frames=6, size=(64, 64)), tmp_path / "out.svg"
    popart = PopartSettings(background="colour", frame="photo", likeness=False)
    monkeypatch.setattr(order, "painter_for", lambda *_: popart_frames(popart))
    made = stylize_video(clip, None, out, popart=popart, region="all", on_progress=stopping_at(4))
    assert (made.status, made.frames) == ("interrupted", 4)
    assert any("begins anew" in note for note in made.notes)
    assert out.read_text().startswith("<svg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mkv", "out.svg"]
    made = stylize_video(clip, None, out, popart=popart, region="all", overwrite=True)
    assert (made.status, made.frames, made.painted) == ("complete", 6, 6)


def test_a_run_that_goes_on_still_says_that_the_film_ends_early(tmp_path: Path) -> None:
    path = makers.plain_clip(tmp_path, "libx264", frames=30, options={"g": "5"}, container={"movflags": "faststart"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    for more in ({"on_progress": stopping_at(4)}, {}):
        made = paint(path, tmp_path / "out.mp4", **more)
        assert any("of 30 frames" in note for note in made.notes)
