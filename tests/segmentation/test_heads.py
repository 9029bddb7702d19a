"""People without a face: a figure that all looks agree on, with a glimpse of a head on shoulders."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from portrait_nst import segmentation
from portrait_nst.segmentation import looks, selection
from portrait_nst.segmentation.heads import heads
from portrait_nst.segmentation.roi import Roi
from portrait_nst.types import Face, FloatArray, Photo

SHAPE = (200, 200)
RGB = np.zeros((*SHAPE, 3), np.uint8)
HEAD = Face((84, 62, 32, 32), ((90.0, 70.0),), 0.8)


def figure(*, head: bool = True) -> FloatArray:
    """A bust: a head of 30 by 40 on shoulders of 100; without a head a block."""
    plane = np.zeros(SHAPE, np.float32)
    plane[60 if not head else 100 :, 50:150] = 1
    plane[60:100, 85:115] = 1
    return plane


@pytest.fixture(autouse=True)
def seen(monkeypatch: pytest.MonkeyPatch) -> list[FloatArray]:
    """What the looks from close by see in turn; the last one goes on."""
    planes = [figure()]

    def look(rgb: object, roi: Roi, model: str = "") -> list[FloatArray]:
        plane = planes.pop(0) if len(planes) > 1 else planes[0]
        return [plane, plane]

    monkeypatch.setattr(looks, "look", look)
    return planes


def test_a_bust_with_a_glimpse_of_a_head_is_a_person() -> None:
    (found,) = heads(RGB, [figure()], [HEAD], [])
    assert found.box == HEAD.box
    assert found.keypoints == ()


def test_the_surest_glimpse_is_the_head() -> None:
    other = replace(HEAD, box=(80, 58, 40, 40), score=0.7)
    assert [head.box for head in heads(RGB, [figure()], [other, HEAD], [])] == [HEAD.box]


@pytest.mark.parametrize(
    "glimpse",
    [
        replace(HEAD, score=0.6),
        replace(HEAD, box=(92, 70, 16, 16)),  # a face in a pattern
        replace(HEAD, box=(10, 10, 32, 32)),  # beside the figure
        replace(HEAD, box=(84, 150, 32, 32)),  # on its belly
        replace(HEAD, box=(84, 100, 32, 32)),  # on its chest
    ],
    ids=["unsure", "small", "beside", "low", "on the chest"],
)
def test_a_glimpse_that_is_no_head(glimpse: Face) -> None:
    assert heads(RGB, [figure()], [glimpse], []) == []


def test_looks_that_disagree_are_guesses(seen: list[FloatArray]) -> None:
    doubtful = figure()
    doubtful[100:130] = 0
    seen[:] = [figure(), doubtful, figure()]
    assert heads(RGB, [figure()], [HEAD], []) == []


def test_a_block_has_no_head(seen: list[FloatArray]) -> None:
    seen[:] = [figure(head=False)]
    assert heads(RGB, [figure(head=False)], [HEAD], []) == []


def test_whose_face_is_known_is_not_found_again() -> None:
    assert heads(RGB, [figure()], [HEAD], [replace(HEAD, box=(88, 66, 24, 24))]) == []


def test_a_note_says_who_has_no_face(monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = replace(HEAD, keypoints=())
    monkeypatch.setattr(selection, "bodies", lambda *_: ([hidden], figure()))
    matte = segmentation.person(Photo(RGB))
    assert matte.people == 1
    assert matte.notes == ("one person is taken without a face, which is turned away or hidden",)
    monkeypatch.setattr(selection, "bodies", lambda *_: ([HEAD], figure()))
    assert segmentation.person(Photo(RGB)).notes == ()
