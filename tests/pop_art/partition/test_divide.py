"""Whatever the picture, its segments cover the frame exactly once."""

from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from portrait_nst.pop_art.partition import framing
from portrait_nst.pop_art.partition.divide import divide
from portrait_nst.pop_art.partition.merge import borders
from portrait_nst.pop_art.partition.topology import conflicts, is_partition, misplaced


@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(0, 40))
@settings(max_examples=4, deadline=None)
def test_straightened_random_pictures_are_partitions(seed: int, grain: int, edge: int) -> None:
    """Noise of any grain, inside a random blob: its cleaned segments cover the frame exactly."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (24 * grain, 20 * grain, 3), np.uint8)
    rgb = cv2.resize(small, (120, 144), interpolation=cv2.INTER_NEAREST)
    alpha = np.ones((144, 120), np.float32)
    if edge:
        alpha = (cv2.GaussianBlur(rng.random((144, 120)), (0, 0), 2 + edge) > 0.5).astype(np.float32)
        alpha[60:90, 40:80] = 1
    frame = framing.prepare(rgb, alpha, None, False)
    found = divide(frame, 5, 0.5, segments=30)
    polygons = [s.polygon for s in found.segments]
    assert is_partition(polygons, frame.width, frame.height)
    assert not conflicts(found.topology) and not misplaced(found.topology)
    tones = [s.tone for s in found.segments]
    assert all(tones[a] != tones[b] for a, b in borders(found.topology))
