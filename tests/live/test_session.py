from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from portrait_nst import imaging
from portrait_nst.live import saving
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
    stages = Stages(camera(), Eyes, lambda: plain_brush, 32, lambda: session.controls)
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
    monkeypatch.setattr(saving.time, "strftime", lambda _: "live-now")
    album = Album(tmp_path, "")
    first = next(camera(1))
    names = [album.save(first, first.rgb, "a", 0.5).name for _ in range(3)]
    assert names == ["live-now.png", "live-now-2.png", "live-now-3.png"]
