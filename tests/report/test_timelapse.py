"""Time-lapses, decoded again: number of frames, size, times, and that the end is the finished picture."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from portrait_nst import InputError
from portrait_nst.report import Timelapse, Watch, check_report_outputs
from portrait_nst.report.frames import FrameStore
from portrait_nst.result import Result
from portrait_nst.types import Matte
from tests.report.conftest import gradient, made_up_steps


def decode(path: Path) -> tuple[list[np.ndarray], list[float]]:
    """All frames as (h, w, 3) uint8, and the seconds that each stays."""
    if path.suffix == ".mp4":
        import av

        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            assert stream.codec_context.name == "h264" and stream.codec_context.pix_fmt == "yuv420p"
            frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
            assert stream.average_rate is not None
            return frames, [float(1 / stream.average_rate)] * len(frames)
    frames, times = [], []
    with Image.open(path) as image:
        assert image.info["loop"] == 0
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            frames.append(np.asarray(image.convert("RGB")))
            times.append(image.info["duration"] / 1000)
    return frames, times


def error(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a.astype(int) - b).mean())


@pytest.mark.parametrize("kind", [".gif", ".mp4"])
@pytest.mark.parametrize("count", [5, 20, 100])
def test_a_film_of_any_run_fills_its_seconds_and_ends_in_the_picture(kind: str, count: int, tmp_path: Path) -> None:
    film = Timelapse(tmp_path / f"a{kind}", seconds=2, fps=10, hold=1)
    for step in made_up_steps(count):
        film.on_step(step)
    final = gradient(161, 121)
    path = film.close(final)
    frames, times = decode(path)
    moving = {5: 5, 20: 20, 100: 13}[count]  # of 100, every 8th
    assert len(frames) == moving + (1 if kind == ".gif" else {5: 8, 20: 10, 100: 8}[count])
    assert {frame.shape for frame in frames} == {(160, 120, 3)}
    assert sum(times) == pytest.approx({5: 0.625 + 1, 20: 3, 100: 13 / 8 + 1}[count], abs=0.15)
    assert error(frames[-1], final[:160, :120]) < 6
    assert error(frames[0], gradient(160, 120, 0)) < 20  # the first, enlarged from 40 x 30
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_the_background_stands_still_and_the_photo_comes_first(tmp_path: Path) -> None:
    matte = np.zeros((160, 120), np.float32)
    matte[:, 60:] = 1
    final, photo = gradient(160, 120, 40), gradient(160, 120, 250)
    result = Result(final, None, Matte(matte), {"settings": {"background": "keep"}}, seconds=1.0)
    watch = Watch(tmp_path / "a.svg", tmp_path / "a.mp4", first=photo, title="a run")
    for step in made_up_steps(12):
        watch(step)
    assert watch.write(result) == [tmp_path / "a.svg", tmp_path / "a.mp4"]
    frames, _ = decode(tmp_path / "a.mp4")
    assert error(frames[0], photo) < 4 and error(frames[-1], final) < 4
    middle = frames[len(frames) // 2]
    assert error(middle[:, :52], final[:, :52]) < 4
    assert error(middle[:, 68:], final[:, 68:]) > 15


def test_a_store_keeps_even_frames_in_bounded_memory() -> None:
    made = 0

    def frame(number: int) -> np.ndarray:
        nonlocal made
        made += 1
        return np.full((20, 30, 3), number // 4, np.uint8)

    store = FrameStore(most=10, longest=16)
    for number in range(1000):
        store.add(partial(frame, number))
        assert len(store) <= 10
    assert len(store) == 8 and store.stride == 128 and made < 60
    kept = [int(f[0, 0, 0]) for f in store]
    assert np.abs(np.diff(kept) - 32).max() <= 1
    assert {f.shape for f in store} == {(11, 16, 3)}


def test_without_a_final_picture_the_last_frame_ends_the_film(tmp_path: Path) -> None:
    with Timelapse(tmp_path / "a.gif", seconds=1, fps=4) as film:
        for step in made_up_steps(40):
            film.on_step(step)
        last = step.image()
    frames, _ = decode(tmp_path / "a.gif")
    assert frames[-1].shape == (120, 90, 3) and error(frames[-1], last) < 6


def test_an_error_inside_the_block_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), Timelapse(tmp_path / "a.gif") as film:
        film.add(gradient(20, 20))
        raise RuntimeError
    assert not list(tmp_path.iterdir())
    with pytest.raises(InputError, match="at least one frame"):
        Timelapse(tmp_path / "a.gif").close()


def test_bad_names_and_numbers_are_told_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "there.mp4").write_bytes(b"precious")
    for name, expected in (
        ("a.avi", r"\.gif or \.mp4"),
        ("a", r"\.gif"),
        ("there.mp4", "--force"),
        ("none/a.gif", "none"),
    ):
        with pytest.raises(InputError, match=expected):
            Timelapse(tmp_path / name)
        with pytest.raises(InputError, match=expected):
            check_report_outputs(None, tmp_path / name)
    numbers: list[dict[str, Any]] = [{"seconds": 0}, {"fps": 200}, {"hold": -1}, {"longest": 2}]
    for wrong in numbers:
        with pytest.raises(InputError, match="must be a number"):
            Timelapse(tmp_path / "a.gif", **wrong)
    check_report_outputs(tmp_path / "a.png", tmp_path / "there.mp4", overwrite=True)
    with pytest.raises(InputError, match="two outputs"):
        check_report_outputs(tmp_path / "a.png", outputs=[tmp_path / "a.png"])
    with pytest.raises(InputError, match="inputs"):
        check_report_outputs(None, tmp_path / "there.mp4", overwrite=True, inputs=[tmp_path / "there.mp4"])
    assert (tmp_path / "there.mp4").read_bytes() == b"precious"
