"""Frames painted by the engine: still ones stay, moved ones move, new things are painted, and a restored painter goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import pytest

from portrait_nst.motion.motion import Motion
from portrait_nst.pipeline import Stylizer
from portrait_nst.settings import Settings
from portrait_nst.types import FloatArray, UInt8Array
from portrait_nst.video.painters.engine import EngineFrames, engine_frames
from portrait_nst.video.seen import SeenFrame

STYLE = Path(__file__).parents[3] / "samples" / "styles" / "impasto.png"
SIZE = (72, 80)
DRAFT = Settings(quality="draft", size=80)
STILL = Motion(np.zeros((*SIZE, 2), np.float32), np.ones(SIZE, np.float32))


def person(left: int = 24) -> tuple[UInt8Array, FloatArray]:
    """A textured disc before a plain wall, and its matte."""
    y, x = np.mgrid[: SIZE[0], : SIZE[1]].astype(np.float32)
    waves = 0.5 + 0.3 * np.sin((x - left) / 4)[..., None] * np.array([1, 0.5, -0.6]) + 0.15 * np.cos(y / 5)[..., None]
    alpha = np.clip(25 - np.hypot(x - left - 16, y - 36), 0, 1).astype(np.float32)
    rgb = alpha[..., None] * np.clip(waves, 0, 1) + (1 - alpha[..., None]) * 0.7
    return np.rint(rgb * 255).astype(np.uint8), alpha


def seen(rgb: UInt8Array, alpha: FloatArray, motion: Motion | None) -> SeenFrame:
    return SeenFrame(cast(Any, None), rgb, alpha, (), motion, 0)


def noisy(number: int) -> SeenFrame:
    rgb, alpha = person()
    noise = np.random.default_rng(number).normal(0, 1, rgb.shape)
    return seen(np.clip(np.rint(rgb + noise), 0, 255).astype(np.uint8), alpha, STILL if number else None)


@pytest.fixture(scope="module")
def stylizer() -> Stylizer:
    return Stylizer()


def painted(painter: EngineFrames, frames: Sequence[SeenFrame]) -> list[FloatArray]:
    painter.begin(frames)
    return [painter.paint(frame) for frame in frames]


def test_a_still_sitter_is_carried_without_drift(stylizer: Stylizer) -> None:
    frames = [noisy(number) for number in range(6)]
    found = painted(engine_frames(str(STYLE), DRAFT, stylizer), frames)
    inside = frames[0].alpha == 1
    assert all(picture.shape == (*SIZE, 3) and picture.dtype == np.float32 for picture in found)
    assert np.abs(found[0] - frames[0].rgb / 255)[inside].mean() > 0.05  # it is painted
    assert np.abs((found[-1] - found[1])[inside].mean(0)).max() * 255 < 1
    assert np.abs(found[-1] - found[-2])[inside].mean() * 255 < 1


def test_what_moves_takes_its_paint_along(stylizer: Stylizer) -> None:
    frames = []
    for number in range(4):
        rgb, alpha = person(20 + 2 * number)
        back = np.asarray((alpha > 0)[..., None] * (-2.0, 0.0), np.float32)
        frames.append(seen(rgb, alpha, Motion(back, np.ones(SIZE, np.float32)) if number else None))
    found = painted(engine_frames(str(STYLE), DRAFT, stylizer), frames)
    inside = cv2.erode(frames[0].alpha, np.ones((9, 9))) == 1
    moved = np.roll(found[3], -6, axis=1)
    assert np.abs(moved - found[0])[inside].mean() < 0.02
    assert np.abs(found[3] - found[0])[inside].mean() > 0.06  # nothing hangs in its place


def test_what_comes_into_view_is_painted_and_the_rest_is_not(stylizer: Stylizer) -> None:
    rgb, alpha = person()
    changed = rgb.copy()
    changed[28:44, 32:48] = (250, 240, 90)
    frames = [seen(rgb, alpha, None), seen(changed, alpha, STILL)]
    found = painted(engine_frames(str(STYLE), DRAFT, stylizer), frames)
    apart = np.abs(found[1] - found[0]).mean(-1)
    assert apart[30:42, 34:46].mean() > 0.1
    assert apart[(alpha == 1) & (np.hypot(*np.mgrid[-36:36, -40:40]) > 20)].mean() < 0.03


def test_a_restored_painter_goes_on_as_if_nothing_had_been(stylizer: Stylizer) -> None:
    frames = [noisy(number) for number in range(4)]
    rgb = frames[2].rgb.copy()
    rgb[28:44, 32:48] = (250, 240, 90)
    frames[2] = replace(frames[2], rgb=rgb)
    frames[3] = replace(frames[3], rgb=frames[0].rgb)
    whole = engine_frames(str(STYLE), DRAFT, stylizer)
    expected = painted(whole, frames)
    first = engine_frames(str(STYLE), DRAFT, stylizer)
    first.begin(frames)
    for frame in frames[:2]:
        first.paint(frame)
    second = engine_frames(str(STYLE), DRAFT, Stylizer(network=stylizer.network))
    second.restore({name: np.array(value) for name, value in first.state().items()})
    for frame, goal in zip(frames[2:], expected[2:]):
        assert np.array_equal(second.paint(frame), goal)


def test_nobody_and_no_strength_leave_the_frame(stylizer: Stylizer) -> None:
    rgb, alpha = person()
    empty = seen(rgb, np.zeros_like(alpha), None)
    painter = engine_frames(str(STYLE), DRAFT, stylizer)
    painter.begin([empty])
    assert painter.state() == {} and np.array_equal(painter.paint(empty), rgb / np.float32(255))
    painter.restore({})
    weak = engine_frames(str(STYLE), DRAFT.replace(strength=0.0), stylizer)
    assert np.array_equal(painted(weak, [seen(rgb, alpha, None)])[0], rgb / np.float32(255))


@pytest.mark.parametrize("changes", [{"method": "gram"}, {"colours": "luminance"}, {"brushwork": 0.0}], ids=str)
def test_other_settings_paint_two_frames(stylizer: Stylizer, changes: dict[str, Any]) -> None:
    rgb, alpha = person()
    other = rgb.copy()
    other[28:44, 32:48] = (250, 240, 90)
    settings = DRAFT.replace(iterations=2, **changes)
    frames = [seen(rgb, alpha, None), seen(other, alpha, STILL)]
    found = painted(engine_frames(str(STYLE), settings, stylizer), frames)
    assert np.isfinite(found[1]).all() and np.abs(found[1] - found[0]).max() > 0.05
