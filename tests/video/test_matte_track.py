"""The filter of mattes over time, with stand-ins for the segmentation; see `test_track` for the real one."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from portrait_nst.motion import Motion
from portrait_nst.segmentation.glance import Looks
from portrait_nst.types import FloatArray, UInt8Array
from portrait_nst.video import matte_track
from portrait_nst.video.matte_track import BLUNT, DRIFT, EVERY, SOONEST, STILL, MatteTrack, Seen

SIDE = 128
RGB = np.full((SIDE, SIDE, 3), 120, np.uint8)


def square(left: int, side: int = 60) -> FloatArray:
    alpha = np.zeros((SIDE, SIDE), np.float32)
    alpha[40 : 40 + side, left : left + side] = 1
    return alpha


def picture(alpha: FloatArray) -> UInt8Array:
    """A light person on a dark ground."""
    return np.repeat((60 + 120 * alpha).astype(np.uint8)[..., None], 3, axis=2)


def moved(x: float = 0.0) -> Motion:
    back = np.zeros((SIDE, SIDE, 2), np.float32)
    back[..., 0] = -x
    return Motion(back, np.ones((SIDE, SIDE), np.float32))


class Scene:
    """What the segmentation says: at a glance, and in key frames, which are counted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, alpha: FloatArray) -> None:
        self.glance, self.full, self.keys = alpha, alpha, 0
        monkeypatch.setattr(Looks, "seen", lambda looks, shape: self.glance)
        monkeypatch.setattr(Looks, "first", lambda rgb, known: Looks(self.glance, self.glance))
        monkeypatch.setattr(Looks, "next", lambda looks, *given: looks)
        self.track = MatteTrack(self.key)

    def key(self, rgb: UInt8Array, expected: FloatArray | None) -> Seen | None:
        self.keys += 1
        return self.full, None


def test_the_gain_is_the_steady_state_of_a_kalman_filter() -> None:
    for speed in (0.0, 0.3, 4.0):
        back = np.zeros((16, 16, 2), np.float32)
        back[..., 1] = speed
        q = ((DRIFT * speed) ** 2 + STILL**2) / BLUNT**2
        # The variance after a correction, in units of a glance's: p = (p + q) (1 - K) with K = (p + q) / (p + q + 1).
        p = 1.0
        for _ in range(2000):
            p = (p + q) / (p + q + 1)
        assert matte_track._gain(back) == pytest.approx(p, rel=1e-4)  # K = p


def test_what_the_key_frame_knew_better_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(monkeypatch, square(30))
    scene.full = square(30)
    scene.full[38:40, 40:80] = 0.5  # hair that no glance sees
    found = [scene.track.follow(RGB, None)] + [scene.track.follow(RGB, moved()) for _ in range(20)]
    assert np.abs(found[-1] - found[0]).max() < 1e-5  # though the picture, all grey, shows no hair
    assert found[-1].min() == 0 and found[-1].max() == 1


def test_hair_moves_along(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(monkeypatch, square(20))
    scene.full = square(20)
    scene.full[38:40, 30:70] = 0.5
    before = scene.track.follow(picture(scene.full), None)
    for step in range(1, 6):
        scene.glance = square(20 + 4 * step)
        after = scene.track.follow(picture(np.roll(scene.full, 4 * step, 1)), moved(4))
    expected = np.roll(before, 20, 1)
    assert np.abs(expected - after).mean() < 0.002 and np.abs(expected - after)[38:40, 55:85].max() < 0.1
    assert scene.keys == 1


def test_what_is_gone_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(monkeypatch, square(20))
    scene.track.follow(RGB, None)
    scene.glance = square(20, side=40)  # the flow knows nothing of it
    found = scene.track.follow(RGB, moved())
    assert found[90:95, 25:55].max() == 0 and found[45:75, 25:55].min() == 1


def test_what_appears_far_away_waits_for_a_key_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(monkeypatch, square(4, side=40))
    for number in range(SOONEST):
        found = scene.track.follow(RGB, moved() if number else None)
    scene.glance = np.maximum(square(4, side=40), square(80, side=40))
    found = scene.track.follow(RGB, moved())
    assert scene.keys == 2 and found[:, 75:].max() == 0  # a dog: the key frame does not know it
    scene.full = scene.glance
    while scene.keys < 3:
        found = scene.track.follow(RGB, moved())
    assert found[50:70, 90:110].min() == 1


def test_key_frames_in_vain_grow_rare(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(monkeypatch, square(4, side=40))
    scene.track.follow(RGB, None)
    for _ in range(EVERY - 1):
        scene.track.follow(RGB, moved())
    assert scene.keys == 1
    scene.track.follow(RGB, moved())
    assert scene.keys == 2  # by the clock
    scene.glance = np.maximum(square(4, side=40), square(80, side=40))
    at = []
    for number in range(1, 3 * EVERY):
        before = scene.keys
        scene.track.follow(RGB, moved())
        at += [number] if scene.keys > before else []
    # Each pause is twice as long as the last, until the clock's key frame begins anew.
    assert at[:5] == [SOONEST, 3 * SOONEST, 7 * SOONEST, 7 * SOONEST + EVERY, 8 * SOONEST + EVERY]


def test_a_new_shot_remembers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(monkeypatch, square(10))
    scene.track.follow(RGB, None)
    scene.full = scene.glance = np.zeros((SIDE, SIDE), np.float32)
    scene.track.forget()
    assert not scene.track.follow(RGB, None).any()


def test_another_process_goes_on_where_this_one_was(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(monkeypatch, square(20))
    scene.full = np.roll(square(20), 2, 0)
    scene.track.follow(RGB, None)
    scene.glance = square(23)
    scene.track.follow(RGB, moved(3))
    other = MatteTrack(scene.key)
    other.restore(scene.track.state())
    scene.glance = square(27)
    assert (other.follow(RGB, moved(4)) == scene.track.follow(RGB, moved(4))).all()
    assert all(isinstance(value, np.ndarray) and value.dtype != object for value in other.state().values())


def leaving(left: int) -> FloatArray:
    """A square, as far as it is in the picture."""
    alpha = np.zeros((SIDE, SIDE), np.float32)
    alpha[40:100, left : left + 60] = 1
    return alpha


@pytest.mark.parametrize("step", [4, 0])
def test_who_leaves_the_picture_is_there_until_gone(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    scene = Scene(monkeypatch, leaving(80))
    scene.track.follow(picture(leaving(80)), None)
    scene.glance = scene.full = leaving(SIDE)  # from now on nobody is known
    found = [leaving(80)]
    for t in range(1, 14):
        now = leaving(80 + step * t)
        found.append(scene.track.follow(picture(now), moved(step)))
        if step and now.mean() > 0.02:
            assert np.abs(found[-1] - now).mean() < 0.2 * now.mean()
    assert found[-1].mean() < 0.005  # and what stands still and is nobody's is let go
    assert step or found[3].mean() < 0.1 * found[0].mean()


def test_the_mean_of_two_edges_is_no_wider_than_one() -> None:
    edge, hair = (cv2.GaussianBlur(square(30), (0, 0), sigma) for sigma in (1.0, 8.0))
    away = np.roll(edge, 3, axis=1)
    mean = (edge + away) / 2

    def wide(alpha: FloatArray) -> float:
        return float((alpha * (1 - alpha)).sum())

    assert wide(mean) > 1.2 * wide(edge)
    assert wide(matte_track._steep(mean, edge, 1.0)) < 1.1 * wide(edge)
    np.testing.assert_allclose(matte_track._steep(hair, hair, 1.0), hair, atol=1e-5)
