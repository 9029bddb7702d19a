"""How straight borders are."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from portrait_nst.pop_art.measures.straightness import turning
from tests.benchmarks.popart_vtracer import ring_straightness


def test_turns_are_angles() -> None:
    steps = np.array([(1, 0), (0, 2), (0, 1), (-1, 1)], float)
    np.testing.assert_allclose(turning(steps), [90, 0, 45])


def test_loose_rings_are_measured_without_the_frame() -> None:
    found = ring_straightness([shapely.box(0, 0, 60, 80), shapely.box(60, 0, 100, 80)], 100, 80)
    assert found["vertices_per_segment"] == 4
    assert found["edge_p5"] == pytest.approx(80 / np.hypot(100, 80))
    assert found["long_edge_share"] == 1
