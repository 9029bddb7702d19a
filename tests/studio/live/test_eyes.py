from __future__ import annotations

from dataclasses import replace

import numpy as np

from portrait_nst.live.camera import CameraFrame
from portrait_nst.studio.live import eyes as room
from portrait_nst.studio.live.eyes import NewEyes
from portrait_nst.studio.live.messages import Wanted
from portrait_nst.video.seen import SeenFrame
from tests.live.makers import Eyes
from tests.studio.live.makers import WANTED


class Head:
    """Eyes with what is wanted and a clock."""

    def __init__(self) -> None:
        self.wanted, self.time = WANTED, 0.0
        self.made: list[Wanted] = []
        self.eyes = NewEyes(lambda: self.wanted, self.make)

    def make(self, wanted: Wanted) -> Eyes:
        self.made.append(wanted)
        return Eyes()

    def look(self, size: tuple[int, int] = (24, 32), later: float = 0.1) -> SeenFrame:
        self.time += later
        return self.eyes.follow(CameraFrame(0, self.time, np.zeros((*size, 3), np.uint8)), 0)


def test_eyes_stay_while_nothing_but_the_painting_changes() -> None:
    head = Head()
    head.look()
    head.wanted = replace(WANTED, strength=0.9, style=(("mosaic.png", 1.0),))
    assert head.look().shot == 0
    assert len(head.made) == 1


def test_another_camera_person_size_or_a_pause_are_as_a_cut() -> None:
    head = Head()
    head.look()
    assert head.look((32, 24)).shot == 1
    head.wanted = replace(WANTED, person="largest")
    assert head.look((32, 24)).shot == 2
    head.wanted = replace(head.wanted, longest=160)
    assert head.look((32, 24)).shot == 3
    assert head.look((32, 24), later=room.GAP + 0.1).shot == 4
    assert [wanted.longest for wanted in head.made] == [320, 320, 320, 160, 160]


def test_of_everything_no_matte_is_looked_for() -> None:
    everything = NewEyes(lambda: replace(WANTED, everything=True))
    seen = everything.follow(CameraFrame(0, 0.0, np.zeros((48, 64, 3), np.uint8)), 0)
    assert (seen.alpha == 1).all()
