from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from portrait_nst import imaging
from portrait_nst.live import session as sessions
from portrait_nst.live.controls import Controls
from portrait_nst.live.recorder import Recorder
from portrait_nst.live.saving import Album
from portrait_nst.live.session import LiveReport, Session
from portrait_nst.live.stages import Stages
from portrait_nst.types import UInt8Array
from tests.live.makers import Eyes, FakeWindow, camera, plain_brush


def run(folder: Path, window: FakeWindow, **more: Any) -> tuple[LiveReport, Session]:
    album = Album(folder, "")
    session = Session(["a", "b"], Controls(mirror=False), album, Recorder(album.new), **more)
    stages = Stages(camera(), Eyes, lambda: plain_brush, lambda: session.controls)
    return session.run(stages, window), session


def test_it_runs_until_the_window_is_closed(tmp_path: Path) -> None:
    window = FakeWindow(most=6)
    report, _ = run(tmp_path, window)
    assert report.frames == len(window.pictures) - 1 == 5
    assert window.gone
    assert 0 < report.latency < 5
    assert report.rate > 0
    assert list(tmp_path.iterdir()) == []


def test_keys_change_the_controls_and_q_ends(tmp_path: Path) -> None:
    _, session = run(tmp_path, FakeWindow("n+hq", most=1000))
    assert (session.controls.style, session.controls.strength, session.controls.help) == (1, 0.6, True)


def test_a_saved_picture_is_the_one_that_is_shown_with_the_photo_beside(tmp_path: Path) -> None:
    said: list[str] = []
    report, _ = run(tmp_path, FakeWindow("s", most=5), say=said.append)
    picture, photo = report.saved
    assert (picture.suffix, photo.name) == (".png", f"{picture.stem}-photo.png")
    assert imaging.load(picture).rgb.shape == (24, 32, 3)
    assert np.array_equal(imaging.load(picture).rgb, imaging.load(photo).rgb)  # without the words
    assert said == [str(picture)]


def test_notes_are_said_once_and_shown_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said, shown = list[str](), list[list[str]]()

    def lettered(picture: UInt8Array, lines: list[str], **more: bool) -> UInt8Array:
        shown.append(lines)
        return picture

    monkeypatch.setattr(sessions, "lettered", lettered)
    album = Album(tmp_path, "")
    session = Session(["a"], Controls(mirror=False), album, Recorder(album.new), say=said.append)
    session.note("not learned")
    session.run(Stages(camera(), Eyes, lambda: plain_brush, lambda: session.controls), FakeWindow("xy", most=6))
    assert said == ["not learned"]
    assert all("not learned" in lines for lines in shown[2:])  # whatever keys are pressed
    monkeypatch.setattr(sessions, "READING", 0.0)
    session.note("gone at once")
    shown.clear()
    session.run(Stages(camera(), Eyes, lambda: plain_brush, lambda: session.controls), FakeWindow(most=6))
    assert said == ["not learned", "gone at once"]
    assert not any("gone at once" in lines for lines in shown)


def test_told_to_stop_it_ends_with_a_whole_film(tmp_path: Path) -> None:
    stop, said = threading.Event(), list[str]()

    class Sink:
        def send(self, picture: UInt8Array) -> None:
            if len(window.pictures) == 6:
                stop.set()

    window = FakeWindow("r", most=10_000)
    report, _ = run(tmp_path, window, sinks=[Sink()], stop=stop, say=said.append)
    assert report.interrupted
    assert len(window.pictures) < 10
    assert [str(path) for path in report.recorded] == said
    assert list(tmp_path.iterdir()) == list(report.recorded)


def test_waiting_for_paintings_is_ended_without_ending_them(tmp_path: Path) -> None:
    album, stop = Album(tmp_path, ""), threading.Event()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as work:
        album._work.append(work)
        stop.set()
        assert album.finish(stop) == 0
        assert work.poll() is None
        work.communicate(os.linesep.encode())
    assert album.finish(threading.Event()) == 0


def test_sinks_get_pictures_without_words_and_it_ends_by_the_clock(tmp_path: Path) -> None:
    sent: list[UInt8Array] = []

    class Sink:
        def send(self, picture: UInt8Array) -> None:
            sent.append(picture)

    window = FakeWindow(most=10_000)
    report, _ = run(tmp_path, window, sinks=[Sink()], seconds=0.3)
    assert report.seconds < 10
    assert len(sent) == len(window.pictures) - 1
    assert not np.array_equal(sent[-1], window.pictures[-1])


def test_names_of_saved_files_are_never_taken_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "strftime", lambda _: "live-now")
    album = Album(tmp_path, "")
    first = next(camera(1))
    names = [album.save(first, first.rgb, "a", 0.5).name for _ in range(3)]
    assert names == ["live-now.png", "live-now-2.png", "live-now-3.png"]
