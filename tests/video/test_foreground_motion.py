"""The person's motion goes on past their outline."""

from __future__ import annotations

import numpy as np

from portrait_nst.motion import Motion
from portrait_nst.video.foreground_motion import foreground_motion


def test_a_moving_square_on_a_still_ground_carries_its_surroundings_along() -> None:
    alpha = np.zeros((128, 160), np.float32)
    alpha[40:100, 50:110] = 1
    back = np.zeros((128, 160, 2), np.float32)
    back[42:102, 53:113] = (-3, -2)
    motion = Motion(back, np.ones((128, 160), np.float32))
    found = foreground_motion(motion, alpha)
    assert np.abs(found - np.array((-3, -2), np.float32)).max() < 1e-3


def test_what_is_not_trusted_does_not_count() -> None:
    alpha = np.ones((64, 64), np.float32)
    back = np.full((64, 64, 2), 1.5, np.float32)
    back[:, 32:] = 40
    trust = np.ones((64, 64), np.float32)
    trust[:, 30:] = 0
    assert np.abs(foreground_motion(Motion(back, trust), alpha) - 1.5).max() < 1e-3


def test_nobody_is_no_error() -> None:
    still = Motion(np.zeros((33, 47, 2), np.float32), np.ones((33, 47), np.float32))
    assert not foreground_motion(still, np.zeros((33, 47), np.float32)).any()
