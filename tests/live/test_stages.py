from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from portrait_nst.errors import InputError
from portrait_nst.live.camera import CameraFrame
from portrait_nst.live.controls import Controls
from portrait_nst.live.stages import Shown, Stages
from portrait_nst.video.seen import SeenFrame
from tests.live.makers import Eyes, camera, plain_brush


def next_of(stages: Stages, count: int) -> list[Shown]:
    found: list[Shown] = []
    until = time.monotonic() + 20
    while len(found) < count and time.monotonic() < until:
        new = stages.next(0.1)
        found += [] if new is None else [new]
    return found


def test_pictures_come_in_order_in_the_size_of_the_camera_and_mirrored() -> None:
    with Stages(camera(), Eyes, lambda: plain_brush, Controls) as stages:
        shown = next_of(stages, 4)
    numbers = [each.frame.number for each in shown]
    assert numbers == sorted(set(numbers))
    assert shown[0].picture.shape == (24, 32, 3)
    assert shown[0].picture[0, 0, 0] > shown[0].picture[0, -1, 0]  # the camera's left is dark


def test_slow_eyes_drop_pictures_rather_than_show_old_ones() -> None:
    late = []
    with Stages(camera(), lambda: Eyes(pause=0.05), lambda: plain_brush, Controls) as stages:
        for _ in range(5):
            late += [time.monotonic() - each.frame.captured for each in next_of(stages, 1)]
        assert stages.dropped > 20
    assert len(late) == 5
    assert max(late) < 0.5  # a queue of all pictures would be seconds behind


def test_all_that_was_looked_at_is_painted() -> None:
    eyes, painted = Eyes(), []

    def brush(seen: SeenFrame) -> Shown:
        time.sleep(0.02)
        painted.append(seen)
        return plain_brush(seen)

    with Stages(camera(), lambda: eyes, lambda: brush, Controls) as stages:
        next_of(stages, 5)
        looked, done = len(eyes.shots), len(painted)
    assert looked - done <= 3  # one is being looked at, one waits, one is painted


def test_mirroring_begins_a_new_shot() -> None:
    eyes, controls = Eyes(), [Controls(mirror=False)]
    with Stages(camera(), lambda: eyes, lambda: plain_brush, lambda: controls[0]) as stages:
        first = next_of(stages, 2)[-1]
        controls[0] = Controls(mirror=True)
        last = next_of(stages, 8)[-1]
    assert set(eyes.shots) == {0, 1}
    assert np.array_equal(first.picture, last.picture[:, ::-1])


def test_what_a_thread_raises_is_raised_in_the_window() -> None:
    def broken() -> Iterator[CameraFrame]:
        yield from camera(2)
        raise InputError("gone")

    with pytest.raises(InputError, match="gone"), Stages(broken(), Eyes, lambda: plain_brush, Controls) as stages:
        next_of(stages, 1000)
