"""Slivers between two tones are removed."""

from __future__ import annotations

import numpy as np

from portrait_nst.pop_art.partition import framing, slivers


def test_slivers_between_two_tones_go() -> None:
    rgb = np.zeros((300, 300, 3), np.uint8)
    rgb[:, 150:] = 255
    frame = framing.prepare(rgb, np.ones((300, 300), np.float32), None, False)
    tone = np.zeros(frame.light.shape, np.uint8)
    middle = frame.width // 2
    tone[:, middle - 2 : middle + 2] = 1
    tone[:, middle + 2 :] = 2
    assert set(np.unique(slivers.remove_slivers(frame, frame.light, tone, 3))) == {0, 2}
