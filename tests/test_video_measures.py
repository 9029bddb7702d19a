"""The measures of painted clips see what they are named for."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from portrait_nst.motion import warp
from portrait_nst.types import FloatArray, UInt8Array
from portrait_nst.video.seen import SeenFrame
from tests.benchmarks.video import __main__ as command
from tests.benchmarks.video import measures
from tests.benchmarks.video.scenes import SCENES, View, seen_frames, views

COUNT = 12
ALL = np.ones((120, 150), np.float32)


def texture(seed: int, side: int = 160) -> FloatArray:
    """(side, side, 3): blobs of 1 to 4 px."""
    noise = np.random.default_rng(seed).normal(size=(side, side, 3)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 1.3)
    return np.asarray(np.clip(0.5 + 0.15 * soft / soft.std(), 0, 1), np.float32)


@pytest.fixture(scope="module")
def photo() -> UInt8Array:
    return (texture(0) * 255).astype(np.uint8)


def scene(name: str, photo: UInt8Array, count: int = COUNT) -> list[View]:
    return list(views(SCENES[name], photo, np.ones(photo.shape[:2], np.float32), count, photo, size=112))


class Glued:
    """Paints texture that goes along with the exact motion, or stands on the screen, or is new in each frame."""

    def __init__(self, kind: str, found: Sequence[View]) -> None:
        self.kind, self.found, self.last = kind, found, texture(5)

    def begin(self, samples: Sequence[SeenFrame]) -> None:
        self.last = texture(5)[: samples[0].rgb.shape[0], : samples[0].rgb.shape[1]]

    def paint(self, seen: SeenFrame) -> FloatArray:
        motion = self.found[seen.frame.number].motion
        if self.kind == "along" and motion is not None:
            self.last = warp(self.last, motion.back, sharp=True)
        if self.kind == "anew":
            self.last = texture(100 + seen.frame.number)[: seen.rgb.shape[0], : seen.rgb.shape[1]]
        return self.last

    def state(self) -> dict[str, NDArray[np.generic]]:
        return {}

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        pass


@pytest.mark.parametrize("name", ["pan-1", "pan-3", "head"])
def test_a_shower_door_is_seen(photo: UInt8Array, name: str) -> None:
    found = scene(name, photo)
    seen, motions = seen_frames(found), [view.motion for view in found]
    rows = {kind: measures.measure(Glued(kind, found), seen, motions)[0] for kind in ("along", "screen", "anew")}
    assert rows["along"]["frozen"] < 0.25
    assert rows["anew"]["frozen"] == pytest.approx(0.5, abs=0.05)
    assert rows["screen"]["frozen"] > 0.95
    assert rows["along"]["error"] < 0.2 * rows["screen"]["error"]
    assert rows["screen"]["error"] < 1.2 * rows["anew"]["error"]


@pytest.mark.parametrize("name", [name for name in SCENES if not SCENES[name].noise])
def test_the_motion_of_scenes_is_that_of_their_frames(photo: UInt8Array, name: str) -> None:
    soft = cv2.GaussianBlur(photo, (0, 0), 1.5)
    found = scene(name, np.asarray(soft), 4)
    for before, now in itertools.pairwise(found):
        assert now.motion is not None
        where = now.motion.trust > 0
        change = warp(before.rgb.astype(np.float32), now.motion.back, sharp=True) - now.rgb
        assert np.abs(change[where]).mean() < 1.0
        assert where.mean() > 0.9


def test_a_still_scene_has_its_noise_and_no_motion(photo: UInt8Array) -> None:
    before, now = scene("still", photo, 2)
    assert now.motion is not None and not now.motion.back.any()
    assert np.std(now.rgb.astype(float) - before.rgb) == pytest.approx(2 * np.sqrt(2), rel=0.1)


def test_drift_is_in_levels_and_noise_is_none() -> None:
    rng = np.random.default_rng(0)
    flat = [0.5 + rng.normal(0, 2 / 255, (*ALL.shape, 3)).astype(np.float32) for _ in range(30)]
    assert measures.drift(flat, [ALL] * 30) < 0.1
    rising = [picture + t / 255 / 10 for t, picture in enumerate(flat)]
    assert measures.drift(rising, [ALL] * 30) == pytest.approx(2.2, abs=0.1)


def test_flicker_of_a_matte_is_its_change_in_percent() -> None:
    other = ALL.copy()
    other[:, :3] = 0
    assert measures.flicker([ALL, ALL, ALL]) == 0
    assert measures.flicker([ALL, other, ALL]) == pytest.approx(2)


def test_a_blur_is_less_sharp() -> None:
    sharp = texture(3)[:120, :150]
    soft = cv2.GaussianBlur(sharp, (0, 0), 2)
    assert measures.fine_strength(np.asarray(soft), ALL) < 0.5 * measures.fine_strength(sharp, ALL)


def test_the_command_names_what_it_knows(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["video"])
    command.main()
    assert "errors" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["video", "nonsense"])
    with pytest.raises(SystemExit, match="none of flow, errors, frames"):
        command.main()
