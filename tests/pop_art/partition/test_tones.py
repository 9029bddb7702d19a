"""Tones: the k-means is exact, and thresholds follow the face."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
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


def test_a_face_that_leaves_does_not_change_the_light_of_another() -> None:
    light, face = np.full((120, 400), 0.5, np.float32), np.zeros((120, 400), np.float32)
    for centre, tone in ((60, 0.7), (340, 0.3)):
        light[:, centre - 40 : centre + 40] = tone
        face[:, centre - 40 : centre + 40] = 1
    person = np.ones(face.shape, np.bool_)
    both = framing.Frame(
        np.zeros((*face.shape, 3), np.uint8), light, person, face, face, (0, 0, 400, 120), 1.0, 0.4, True, False
    )
    one = replace(both, face=np.where(np.arange(400) < 200, face, 0))
    mean = tones.mean_of_faces([both, one])
    assert mean == pytest.approx((0.7 + 0.3 + 0.7) / 3, abs=1e-3)
    place = np.s_[:, 30:90]
    apart = [np.abs(tones.evened(both, 0.8, m)[place] - tones.evened(one, 0.8, m)[place]).max() for m in (mean, None)]
    assert apart[0] < 0.01 < 0.1 < apart[1]
    assert np.array_equal(tones.evened(both, 0.8), tones.evened(both, 0.8, tones.mean_of_faces([both])))
