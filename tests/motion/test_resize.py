"""Motions at another size, and one after the other."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.motion import Motion, compose, scaled


def linear(height: int, width: int, a: float, b: float) -> Motion:
    """back = (a x, b y), trusted."""
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    return Motion(np.dstack([a * columns, b * rows]).astype(np.float32), np.ones((height, width), np.float32))


def test_vectors_grow_with_the_picture() -> None:
    flat = Motion(np.full((20, 30, 2), (3, -2), np.float32), np.full((20, 30), 0.5, np.float32))
    large = scaled(flat, (40, 90))
    assert large.size == (40, 90)
    assert large.back.reshape(-1, 2) == pytest.approx(np.tile([9, -4], (3600, 1)), abs=1e-5)
    assert large.trust == pytest.approx(np.full((40, 90), 0.5))
    assert scaled(large, (20, 30)).back == pytest.approx(flat.back, abs=1e-5)
    assert scaled(flat, (20, 30)) is flat


def test_one_motion_after_the_other_is_the_sum_where_it_leads() -> None:
    first, second = linear(32, 32, 0.25, -0.125), linear(32, 32, -0.5, 0.0)
    both = compose(first, second)
    rows, columns = np.mgrid[:32, :32].astype(np.float64)
    halfway = columns * 0.5
    assert both.back[..., 0] == pytest.approx(-columns * 0.5 + 0.25 * halfway, abs=1e-4)
    assert both.back[..., 1] == pytest.approx(-0.125 * rows, abs=1e-4)


def test_it_is_trusted_where_both_are() -> None:
    first, second = linear(8, 8, 0, 0), linear(8, 8, 0, 0)
    first.trust[:, :4], second.trust[:4] = 0, 0.5
    assert np.array_equal(compose(first, second).trust, first.trust * second.trust)
    with pytest.raises(ValueError, match="one size"):
        compose(first, linear(8, 9, 0, 0))
