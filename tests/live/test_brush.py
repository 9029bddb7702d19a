from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from portrait_nst import imaging
from portrait_nst.live import brush as brushes
from portrait_nst.live.brush import LiveBrush, laid_over
from portrait_nst.live.camera import CameraFrame
from portrait_nst.live.controls import Controls
from portrait_nst.live.stages import Shown
from tests.live.makers import Eyes, Red


class Hand:
    """A brush with its painters, controls and clock."""

    def __init__(self, *, nobody: bool = False) -> None:
        self.painters: list[tuple[int, Red]] = []
        self.controls = Controls()
        self.eyes = Eyes(nobody=nobody)
        self.brush = LiveBrush(self.make, lambda: self.controls)
        self.time = 0.0

    def make(self, style: int, strength: float) -> Red:
        self.painters.append((style, Red(strength)))
        return self.painters[-1][1]

    def paint(self, count: int = 1, shot: int = 0) -> Shown:
        for _ in range(count):
            frame = CameraFrame(0, self.time, np.full((24, 32, 3), 100, np.uint8))
            self.time += brushes.APART
            shown = self.brush(self.eyes.follow(frame, shot))
        return shown


def test_it_waits_for_some_samples_and_then_paints_the_person_alone() -> None:
    hand = Hand()
    assert not hand.paint(brushes.FIRST - 1).painted
    shown = hand.paint()
    assert shown.painted
    assert tuple(shown.picture[12, 16]) == (255, 0, 0)
    assert tuple(shown.picture[0, 0]) == (100, 100, 100)
    assert len(hand.painters[0][1].samples) == brushes.FIRST


def test_statistics_are_taken_once_until_something_else_is_wanted() -> None:
    hand = Hand()
    hand.paint(20)
    assert [style for style, _ in hand.painters] == [0]
    hand.controls = replace(hand.controls, style=1, strength=0.8)
    hand.paint(3)
    assert [(style, painter.strength) for style, painter in hand.painters] == [(0, 0.5), (1, 0.8)]
    assert len(hand.painters[1][1].samples) == brushes.SAMPLES  # those of before serve again
    hand.controls = replace(hand.controls, fresh=1)
    hand.paint(2)
    assert len(hand.painters) == 3
    assert len(hand.painters[2][1].samples) == 1  # as it is seen now


def test_without_the_matte_everything_is_painted() -> None:
    hand = Hand()
    hand.controls = Controls(matte=False)
    assert (hand.paint(5).picture == (255, 0, 0)).all()


def test_strength_0_and_nobody_show_the_camera() -> None:
    hand = Hand()
    hand.paint(5)
    hand.controls = Controls(strength=0.0)
    shown = hand.paint()
    assert shown.painted
    assert (shown.picture == 100).all()
    nobody = Hand(nobody=True)
    assert (nobody.paint(9).picture == 100).all()
    assert nobody.painters == []


@pytest.mark.parametrize("size", [(96, 128), (90, 126), (61, 85), (48, 64), (30, 40)])
def test_a_painting_is_laid_over_in_the_size_of_the_camera(size: tuple[int, int]) -> None:
    """Around the person alone, and yet as if all of it were enlarged; what is not painted stays to the bit."""
    random = np.random.default_rng(3)
    rgb = random.integers(0, 256, (*size, 3), np.uint8)
    painted = random.random((48, 64, 3), np.float32)
    alpha = np.zeros((48, 64), np.float32)
    alpha[20:34, 30:50] = random.random((14, 20), np.float32)
    alpha[22:32, 32:48] = 1
    found = laid_over(rgb, painted, alpha)
    matte = imaging.resize_mask(alpha, size)
    whole = imaging.composite(rgb, imaging.resize(imaging.to_uint8(painted), size), matte)
    assert np.abs(found.astype(int) - whole).max() <= 1  # OpenCV rounds by place
    assert (found[matte == 0] == rgb[matte == 0]).all()
    assert (found != rgb).any()
    assert (laid_over(rgb, painted, np.zeros_like(alpha)) == rgb).all()
    everything = laid_over(rgb, painted, np.ones_like(alpha))
    assert (everything == imaging.resize(imaging.to_uint8(painted), size)).all()
