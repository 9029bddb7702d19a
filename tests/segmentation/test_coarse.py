"""Looks are joined by how sure each is, and none decides over what its sides cut."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from portrait_nst.segmentation import coarse, looks
from portrait_nst.segmentation.roi import Roi
from portrait_nst.types import Face, FloatArray

SHAPE = (120, 160)
PHOTO = np.zeros((*SHAPE, 3), np.uint8)


def plane(value: float) -> FloatArray:
    return np.full(SHAPE, value, np.float32)


def boxes(*slices: tuple[slice, slice]) -> FloatArray:
    """0.95 inside these boxes, 0.05 outside."""
    result = plane(0.05)
    for box in slices:
        result[box] = 0.95
    return result


@pytest.mark.parametrize(
    ("values", "weights", "expected"),
    [
        ((0.5, 0.9), None, 0.75),  # odds of 9 : 1 and of 1 : 1, so 3 : 1
        ((0.2, 0.8), None, 0.5),
        ((0.5, 0.5, 0.8), None, 4 ** (1 / 3) / (1 + 4 ** (1 / 3))),
        ((0.9, 0.1), (3.0, 1.0), 0.75),
        ((1.0, 1.0), None, 1 / (1 + np.exp(-coarse.SUREST))),
        ((0.0, 1.0), None, 0.5),
    ],
)
def test_odds_are_multiplied(values: Sequence[float], weights: Sequence[float] | None, expected: float) -> None:
    assert coarse.pool([plane(v) for v in values], weights) == pytest.approx(expected, abs=1e-6)


def test_the_order_of_looks_does_not_matter() -> None:
    seen = list(np.random.default_rng(3).random((4, *SHAPE)).astype(np.float32))
    assert np.allclose(coarse.pool(seen), coarse.pool(seen[::-1]), atol=1e-6)


def seeing(monkeypatch: pytest.MonkeyPatch, seen: FloatArray) -> list[Roi]:
    """Let every look at a region see this, and 0 outside of it. Returns a list of the regions, which grows."""
    regions: list[Roi] = []

    def look(rgb: object, roi: Roi, model: str = "") -> list[FloatArray]:
        regions.append(roi)
        result = np.zeros(SHAPE, np.float32)
        result[roi.slices] = seen[roi.slices]
        return [result, result]

    monkeypatch.setattr(coarse, "look", look)
    return regions


def test_a_window_does_not_take_a_neighbour_s_shoulder_away(monkeypatch: pytest.MonkeyPatch) -> None:
    me, shoulder = np.s_[10:120, 20:70], np.s_[40:120, 85:140]
    seeing(monkeypatch, boxes(me))  # of the neighbour, whom the window's right side cuts, it sees nothing
    joined = coarse.sharpen(PHOTO, boxes(me, shoulder), [Roi(0, 0, 100, 120)])
    assert joined[shoulder].min() > 0.9


def test_a_window_adds_nothing_that_its_side_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    me, stripe = np.s_[10:120, 20:70], np.s_[40:60, 85:100]
    seeing(monkeypatch, boxes(me, stripe))
    joined = coarse.sharpen(PHOTO, boxes(me), [Roi(0, 0, 100, 120)])
    assert joined[stripe].max() < 0.1


def test_a_window_decides_over_what_it_sees_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    me, lamp, hand = np.s_[10:120, 20:70], np.s_[20:40, 71:84], np.s_[60:80, 0:14]
    seeing(monkeypatch, boxes(me, hand))
    joined = coarse.sharpen(PHOTO, boxes(me, lamp), [Roi(0, 0, 100, 120)])
    assert joined[lamp].max() < 0.3
    assert joined[hand].min() > 0.7


def test_a_window_that_contradicts_everything_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    known = boxes(np.s_[10:120, 20:70])
    seeing(monkeypatch, boxes(np.s_[10:30, 0:10]))
    assert np.array_equal(coarse.sharpen(PHOTO, known, [Roi(0, 0, 100, 120)]), known)


def test_a_person_is_seen_whole_with_the_hand_apart() -> None:
    body, hand, other = np.s_[40:100, 60:80], np.s_[20:26, 84:90], np.s_[40:100, 130:150]
    face = Face((62, 42, 16, 16), (), 0.9)
    (roi,) = looks.person_boxes([boxes(body, other), boxes(body, hand)], [face])
    assert roi.left <= 60
    assert roi.top <= 20
    assert 90 <= roi.left + roi.width < 130
    assert roi.top + roi.height >= 100


def test_who_fills_the_photo_has_no_region_of_their_own() -> None:
    assert looks.person_boxes([boxes(np.s_[5:120, 5:155])], [Face((60, 20, 40, 40), (), 0.9)]) == []


def test_a_part_that_no_look_is_sure_of_goes() -> None:
    probability = boxes(np.s_[10:120, 20:70])
    probability[20:40, 100:120] = 0.6  # a screen
    probability[20:40, 130:140], probability[30, 135] = 0.6, 0.9  # a hand
    probability[60:90, 70:80] = 0.6  # a sleeve, which is connected
    expected = probability.copy()
    expected[20:40, 100:120] = 0
    assert np.array_equal(coarse.without_doubtful(probability), expected)


def test_people_are_looked_at_again_with_all_that_the_first_look_found(monkeypatch: pytest.MonkeyPatch) -> None:
    body, arm = np.s_[60:110, 60:80], np.s_[36:70, 78:84]
    regions = seeing(monkeypatch, boxes(body, arm))
    face = Face((62, 62, 16, 16), (), 0.9)
    joined = coarse.closer(PHOTO, boxes(body), [boxes(body, np.s_[50:60, 78:84])], [face])
    first, last = regions[0], regions[-1]
    assert first != last
    assert last.top < 36
    assert joined[arm].min() > 0.5
