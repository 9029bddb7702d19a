"""`portrait-nst video`, with stand-ins for tracking and painting: what it says, how it ends, and what Ctrl-C leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer

from portrait_nst import clips
from portrait_nst.cli.main import app
from portrait_nst.errors import InputError, MaskError
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.recipe.job import popart_of
from portrait_nst.video import order, parts, read_recipe, survey, track
from tests.clips import makers
from tests.video import stand_ins

ROOT = Path(__file__).resolve().parents[2]
# A painter that takes a while, and writes the number of each frame into a file.
SCRIPT = """
import signal, sys, time
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # a run in the background may ignore it
from portrait_nst.video import order, survey, track
from tests.video import stand_ins

class Slow(stand_ins.Echo):
    def paint(self, seen):
        painted = super().paint(seen)
        time.sleep(wait)
        return painted

log, wait = Path(sys.argv[1]), float(sys.argv[2])
order.painter_for = lambda *_: Slow(log)
order.facts_of = lambda *_: {}
track.Track = lambda *_, **__: stand_ins.PlainTrack()
survey._people_in = lambda *_: 1
sys.argv[1:] = sys.argv[3:]
from portrait_nst.__main__ import main
main()
"""
QUICK = ["--quality", "instant", "--segment-seconds", "0.2"]
needs_signals = pytest.mark.skipif(os.name != "posix", reason="sends a signal")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a clip of twenty frames."""
    monkeypatch.setattr(order, "painter_for", lambda *_: stand_ins.Echo())
    monkeypatch.setattr(order, "facts_of", lambda *_: {})
    monkeypatch.setattr(track, "Track", lambda *_, **__: stand_ins.PlainTrack())
    monkeypatch.setattr(survey, "_people_in", lambda *_: 1)
    monkeypatch.chdir(tmp_path)
    makers.plain_clip(tmp_path, frames=20, size=(32, 48), name="dance", sound=True)
    return tmp_path


def run(*arguments: str) -> int:
    """The exit status of the command, in this process."""
    try:
        app(["video", *arguments], standalone_mode=False)
    except typer.Exit as end:
        return end.exit_code
    return 0


def start(here: Path, *arguments: str, wait: float = 0.02) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SCRIPT, str(here / "log"), str(wait), "video", "dance.mkv", "impasto", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, cwd=here, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def until(here: Path, process: subprocess.Popen[str], frames: int) -> None:
    log = here / "log"
    while not log.exists() or len(log.read_text().split()) < frames:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


def test_a_clip_is_named_after_its_style_and_told_of(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("dance.mkv", "impasto", *QUICK, "--codec", "ffv1") == 0
    out, err = capfd.readouterr()
    assert out == "dance-impasto.mkv\n"
    assert "20 frames. About " in err and "20 frames, in " in err and "Traceback" not in err
    info = clips.probe(here / "dance-impasto.mkv")
    assert (info.codec, info.audio, info.size) == ("ffv1", 1, (32, 48))


def test_results_as_json(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("dance.mkv", "impasto", *QUICK, "-o", "out.mp4", "--end", "0:00.4", "--json") == 0
    out, err = capfd.readouterr()
    found = json.loads(out)
    assert err == ""
    assert (found["output"], found["frames"], found["size"], found["status"]) == ("out.mp4", 10, [48, 32], "complete")
    assert found["recipe"]["video"]["end"] == 0.4


def test_a_dry_run_paints_a_few_frames_and_writes_nothing(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("dance.mkv", "impasto", *QUICK, "--dry-run", "--json") == 0
    found = json.loads(capfd.readouterr().out)
    assert (found["frames"], found["shots"], found["size"], found["painted"]) == (20, 1, [48, 32], [48, 32])
    assert found["seconds"] > 0 and found["memory"] > 0 and found["codec"] == "h264"
    assert [path.name for path in here.iterdir()] == ["dance.mkv"]


def test_a_dry_run_says_each_thing_once_and_what_painters_have_to_say(
    here: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(order, "painter_for", lambda *_: stand_ins.Echo(notes=["impasto is not learned yet"]))
    assert run("dance.mkv", "impasto", *QUICK, "--dry-run") == 0
    err = capfd.readouterr().err
    assert err.count("20 frames") == err.count("About ") == err.count("note: impasto is not learned yet") == 1


def test_one_frame_is_no_frames(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("dance.mkv", "impasto", *QUICK, "--end", "0.04", "-o", "one.mp4") == 0
    assert "1 frame, in " in capfd.readouterr().err
    assert run("dance.mkv", "impasto", *QUICK, "--end", "0.04", "--dry-run") == 0
    assert "1 frame of 48 x 32" in capfd.readouterr().err


def test_somebody_who_is_not_there_is_refused_before_painting(here: Path) -> None:
    with pytest.raises(MaskError, match=r"Person 9 was asked for, but at most 1 is seen at once in dance\.mkv"):
        run("dance.mkv", "impasto", *QUICK, "--person", "9", "-o", "out.mp4")
    assert not (here / "out.mp4").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["http://example.org/a.mp4", "impasto"], "http://example.org/a.mp4 is an address"),
        (["dance.mkv", "impasto", "-o", "no/such/x.mp4"], "does not exist; create it first"),
        (["dance.mkv", "impasto", "-o", "there.mp4"], "there.mp4 exists already"),
    ],
)
def test_what_is_seen_at_once_is_refused_before_anything_is_loaded(
    here: Path, arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "there.mp4").write_bytes(b"mine")
    for name in ("stylize_video", "forecast"):
        monkeypatch.setattr(f"portrait_nst.video.{name}", None)
    with pytest.raises(InputError) as told:
        run(*arguments, *QUICK)
    assert message in str(told.value)


def test_a_clip_is_made_again_from_its_recipe(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("dance.mkv", "impasto", *QUICK, "--codec", "ffv1", "-o", "a.mkv", "--start", "0.2", "-q") == 0
    (here / "dance.mkv").rename(here / "renamed.mkv")
    app(["rerun", "a.mkv", "-q"], standalone_mode=False)
    assert capfd.readouterr().out == "a.mkv\na-rerun.mkv\n"
    with clips.read("a.mkv") as one, clips.read("a-rerun.mkv") as other:
        for first, second in zip(one, other, strict=True):
            np.testing.assert_array_equal(first.rgb, second.rgb)
    (here / "renamed.mkv").unlink()
    with pytest.raises(InputError, match=r"The clip dance\.mkv of the recipe in a\.mkv is not there any more"):
        app(["rerun", "a.mkv", "-o", "b.mkv"], standalone_mode=False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-", "impasto"], "video does not read the clip from a pipe"),
        (["dance.mkv", "impasto", "-o", "-"], "video does not write to a pipe"),
        (["dance.mkv"], "The style is missing"),
        (["dance.mkv", "impasto", "--popart"], "leave STYLE out"),
        (["dance.mkv", "--popart", "--blend", "impasto"], "--blend goes with a STYLE"),
        (["dance.mkv", "impasto", "--start", "soon"], "start must be seconds"),
        (["none.mp4", "impasto"], "none.mp4"),
        (["dance.mkv", "impasto", "-o", "dance.mkv", "--force"], "one of the inputs"),
        (["dance.mkv", "impasto", "-o", "art.svg"], "is a drawing: it needs pop art"),
    ],
)
def test_mistakes_are_one_line(here: Path, arguments: list[str], message: str) -> None:
    with pytest.raises(InputError) as told:
        run(*arguments, *QUICK)
    assert message in str(told.value) and "\n" not in str(told.value)
    assert [path.name for path in here.iterdir()] == ["dance.mkv"]


@needs_signals
def test_ctrl_c_makes_a_clip_of_what_is_painted_and_the_same_command_goes_on(here: Path) -> None:
    process = start(here, *QUICK, "-o", "out.mp4")
    until(here, process, 8)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130 and out == "out.mp4\n"
    assert "Interrupted: making a clip" in err and "Traceback" not in err
    with clips.read(here / "out.mp4") as reader:
        assert 8 <= len(list(reader)) < 20
    process = start(here, *QUICK, "-o", "out.mp4", wait=0)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "out.mp4\n"), err
    assert "20 frames, " in err and "by an earlier run" in err
    assert clips.probe(here / "out.mp4").frames == 20
    assert not parts.folder_of(here / "out.mp4").exists()


@needs_signals
def test_a_second_ctrl_c_leaves_at_once(here: Path) -> None:
    process = start(here, *QUICK, "-o", "out.mp4", wait=5)
    until(here, process, 1)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert time.monotonic() - began < 4.5
    # A signal that comes while Python ends has its own way: the shell tells 130 of both.
    assert process.returncode in (130, -signal.SIGINT) and out == "", err
    assert process.returncode < 0 or "Error: Interrupted" in err
    assert not (here / "out.mp4").exists()


@needs_signals
def test_kill_and_another_command_at_the_same_time(here: Path) -> None:
    process = start(here, *QUICK, "-o", "out.mp4", wait=1.0)
    until(here, process, 3)
    other = start(here, *QUICK, "-o", "out.mp4")
    _, err = other.communicate(timeout=60)
    assert other.returncode == 2 and "Another command is painting out.mp4" in err
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    process.communicate()
    process = start(here, *QUICK, "-o", "out.mp4", "--force", wait=0)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "out.mp4\n"), err
    assert clips.probe(here / "out.mp4").frames == 20


def test_a_style_may_be_a_blend(here: Path) -> None:
    given: list[Any] = []
    order.painter_for = lambda blend, *_: given.append(blend) or stand_ins.Echo()  # type: ignore[attr-defined,func-returns-value]
    assert run("dance.mkv", "impasto", *QUICK, "--blend", "mosaic:0.5", "-q") == 0
    assert [(picture.path.stem, weight) for picture, weight in given[0]] == [("impasto", 1.0), ("mosaic", 0.5)]


def drawn(*arguments: str) -> PopartSettings:
    """The pop art that the clip was drawn with, by its recipe."""
    assert run("dance.mkv", "--popart", *arguments, "-q", "-f") == 0
    found = read_recipe(arguments[arguments.index("-o") + 1])
    assert found is not None
    return popart_of(found["video"]["popart"], found["inputs"], {})


def test_pop_art_takes_its_settings(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert drawn("-o", "a.mkv") == PopartSettings(background="keep", frame="photo")
    wanted = PopartSettings(palette="neon", tones=4, segments=30, outlines=True, background="#ffffff", frame="photo")
    options = ["--palette", "neon", "--tones", "4", "--segments", "30", "--outlines", "--popart-background", "#ffffff"]
    assert drawn("-o", "b.mkv", *options, "--hold-frames", "2") == wanted
    assert drawn("-o", "c.mkv", "--mode", "grid", "--grid", "3x3").background == "colour"
    (here / "b.mkv").rename(here / "made.mkv")
    app(["rerun", "made.mkv", "-q"], standalone_mode=False)
    again = read_recipe(here / "made-rerun.mkv")
    assert again is not None and again["video"] == (read_recipe(here / "made.mkv") or {})["video"]
    assert again["video"]["hold_frames"] == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["impasto", "--palette", "neon"], "--palette is for pop art; add --popart"),
        (["impasto", "--hold-frames", "4"], "--hold-frames is for pop art"),
        (["impasto", "--popart-background", "keep"], "--popart-background is for pop art"),
        (["--popart", "--tones", "9"], "tones must be"),
        (["--popart", "--background", "blur", "--popart-background", "keep"], "not both"),
        (["--popart", "--mode", "grid", "--popart-background", "keep"], "kept background needs the whole photo"),
    ],
)
def test_options_of_pop_art_that_cannot_be(here: Path, options: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        run("dance.mkv", *options, "-o", "out.mkv")
