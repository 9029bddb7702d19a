"""Tones: the k-means is exact, and thresholds follow the face."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from portrait_nst.pop_art.partition import framing, tones
from tests.pop_art.conftest import Portrait


def error(weights: NDArray[np.float64], edges: tuple[float, ...] | NDArray[np.float64]) -> float:
    groups = np.searchsorted(np.sort(edges), np.arange(len(weights)), side="right")
    total = 0.0
    for g in np.unique(groups):
        w, x = weights[groups == g], np.flatnonzero(groups == g)
        if w.sum() > 0:
            total += float((w * (x - np.average(x, weights=w)) ** 2).sum())
    return total


@given(arrays(np.float64, 9, elements=st.integers(0, 20).map(float)), st.integers(2, 4))
@settings(max_examples=60, deadline=None)
def test_kmeans_finds_the_least_error_of_all_partitions(weights: NDArray[np.float64], k: int) -> None:
    best = min(error(weights, edges) for edges in combinations(range(1, 9), k - 1))
    assert error(weights, tones.kmeans_1d(weights, k)) <= best + 1e-9


def test_every_tone_is_in_the_face_and_in_the_rest(grace: Portrait) -> None:
    frame = framing.prepare(grace.rgb, grace.alpha, grace.face, True)
    tone = tones.quantise(frame, tones.smooth(frame, 0.5), 5)
    for part in ((frame.face > 0.9) & frame.person, (frame.face < 0.1) & frame.person):
        shares = np.bincount(tone[part], minlength=5) / part.sum()
        assert shares.min() > 0.005


def test_evening_the_light_keeps_the_mean_and_the_rest(grace: Portrait) -> None:
    frame = framing.prepare(grace.rgb, grace.alpha, grace.face, True)
    even = tones.evened(frame, 0.8)
    weight = frame.face * frame.person
    assert np.array_equal(even[weight == 0], frame.light[weight == 0])
    assert abs(np.average(even, weights=weight) - np.average(frame.light, weights=weight)) < 0.02
