from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from portrait_nst import clips
from portrait_nst.live.camera import CameraFrame
from portrait_nst.live.recorder import Recorder
from portrait_nst.live.saving import Album
from portrait_nst.live.stages import Shown


def shown(number: int, captured: float) -> Shown:
    rgb = np.full((48, 64, 3), (200, 40, 10 + 20 * number), np.uint8)
    return Shown(CameraFrame(number, captured, np.zeros_like(rgb)), rgb, True)


def test_a_film_has_what_was_shown_at_the_times_of_the_camera(tmp_path: Path) -> None:
    recorder = Recorder(Album(tmp_path, "").new)
    recorder.add(shown(0, 5.0))  # not recorded yet
    recorder.begin()
    times = [7.0, 7.05, 7.2, 7.2, 7.31]  # one came twice
    for number, time in enumerate(times):
        recorder.add(shown(number, time))
    recorder.end()
    recorder.add(shown(9, 8.0))
    (file,) = recorder.files
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    with clips.read(file) as reader:
        frames = list(reader)
    assert [Fraction(frame.pts) * frame.time_base for frame in frames] == [
        Fraction(0),
        Fraction(50, 1000),
        Fraction(200, 1000),
        Fraction(310, 1000),
    ]
    colours = [frame.rgb.reshape(-1, 3).mean(0) for frame in frames]
    assert np.abs(np.array(colours) - [(200, 40, 10 + 20 * number) for number in (0, 1, 2, 4)]).max() < 3


def test_a_second_film_has_another_name_and_an_empty_one_leaves_none(tmp_path: Path) -> None:
    recorder = Recorder(Album(tmp_path, "").new)
    recorder.begin()
    recorder.end()
    assert list(tmp_path.iterdir()) == []
    for begin in (1.0, 3.0):
        recorder.begin()
        recorder.add(shown(0, begin))
        recorder.add(shown(1, begin + 0.1))
        recorder.close()
    assert len({path.name for path in recorder.files}) == len(list(tmp_path.iterdir())) == 2
