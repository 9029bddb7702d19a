"""Several people: counted from the left, together or one at a time."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst import segmentation
from portrait_nst.errors import MaskError
from portrait_nst.segmentation.people import split
from portrait_nst.types import Face, Photo


def shares(alpha: np.ndarray) -> tuple[float, float]:
    """Mean alpha of the left picture (437 columns wide) and of the right one."""
    return float(alpha[:, :437].mean()), float(alpha[:, 437:].mean())


def test_both_are_found(pair: Photo) -> None:
    matte = segmentation.person(pair)
    assert matte.people == 2
    assert "2 people" in matte.source
    left, right = shares(matte.alpha)
    assert left > 0.5
    assert right > 0.4


@pytest.mark.parametrize("choice", [1, "1"])
def test_the_first_is_on_the_left(pair: Photo, choice: int | str) -> None:
    matte = segmentation.person(pair, person=choice)
    left, right = shares(matte.alpha)
    assert matte.people == 1
    assert left > 0.5
    assert right < 0.05


def test_the_second_is_on_the_right(pair: Photo) -> None:
    left, right = shares(segmentation.person(pair, person=2).alpha)
    assert left < 0.05
    assert right > 0.4


def test_the_largest(pair: Photo) -> None:
    one, two = (segmentation.person(pair, person=n).alpha for n in (1, 2))
    largest = segmentation.person(pair, person="largest")
    assert largest.people == 1
    assert np.array_equal(largest.alpha, one if one.mean() > two.mean() else two)


def test_a_third_is_not_there(pair: Photo) -> None:
    with pytest.raises(MaskError, match="Person 3 was asked for, but there are 2 people"):
        segmentation.person(pair, person=3)


def test_a_second_is_not_there(grace: Photo) -> None:
    with pytest.raises(MaskError, match="only one person"):
        segmentation.person(grace, person=2)


def test_touching_bodies_part_along_the_picture_s_edge() -> None:
    # Two figures in one blob of mask, red left of column 90, blue right of it; the midline is at 100.
    rgb = np.full((200, 200, 3), 128, np.uint8)
    rgb[20:, 20:90], rgb[20:, 90:180] = (200, 40, 40), (40, 40, 200)
    probability = np.zeros((200, 200), np.float32)
    probability[20:, 20:180] = 1
    faces = [Face((45, 30, 30, 30), (), 0.9), Face((125, 30, 30, 30), (), 0.9)]
    owners = split(rgb, probability, faces)
    assert set(np.unique(owners)) == {-1, 0, 1}
    assert (owners[probability < 0.5] == -1).all()
    assert (owners[25:, 22:86] == 0).mean() > 0.99
    assert (owners[25:, 94:178] == 1).mean() > 0.99


def test_crumbs_go_and_hands_stay() -> None:
    probability = np.zeros((200, 200), np.float32)
    probability[40:, 60:120] = 1
    probability[60:75, 124:140] = 1  # a hand beside the face
    probability[5:20, 5:20] = 1  # something else
    owners = split(np.full((200, 200, 3), 99, np.uint8), probability, [Face((70, 50, 40, 40), (), 0.9)])
    assert (owners[60:75, 124:140] == 0).all()
    assert (owners[5:20, 5:20] == 1).all()  # nobody
