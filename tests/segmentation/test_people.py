"""Several people: counted from the left, together or one at a time."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst import segmentation
from portrait_nst.errors import MaskError
from portrait_nst.segmentation.alone import alone
from portrait_nst.segmentation.people import split, strays
from portrait_nst.segmentation.selection import _around
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


def figures(*people: tuple[int, int, tuple[int, int, int]]) -> tuple[np.ndarray, np.ndarray, list[Face]]:
    """A picture of simple figures, back to front, each (x, y) of its face and its colour; whose each pixel is; the faces."""
    rgb, whose = np.full((300, 400, 3), 128, np.uint8), np.full((300, 400), -1)
    rows, columns = np.mgrid[:300, :400]
    faces = []
    for number, (x, y, colour) in enumerate(people):
        head = np.hypot(columns - x, (rows - y) * 0.8) < 22
        body = (rows > y + 20) & (np.abs(columns - x) < np.minimum(60, 20 + 2 * (rows - y - 20)))
        rgb[body], rgb[head] = colour, (220, 180, 150)
        whose[body | head] = number
        faces.append(Face((x - 18, y - 18, 36, 36), (), 0.9))
    noise = np.random.default_rng(0).normal(0, 3, rgb.shape)
    return np.clip(rgb + noise, 0, 255).astype(np.uint8), whose, faces


RED, BLUE, DARK, DARKER = (200, 40, 40), (40, 40, 200), (60, 60, 70), (35, 35, 40)


@pytest.mark.parametrize(
    "people",
    [
        ((120, 60, RED), (220, 90, BLUE)),
        ((220, 60, DARK), (130, 80, DARKER)),
        ((90, 60, RED), (290, 60, BLUE), (190, 120, DARK)),
        ((150, 50, RED), (200, 130, BLUE)),  # the one in front hides the other's chest
    ],
    ids=["two", "two in dark clothes", "three", "one before the other"],
)
def test_who_stands_in_front_keeps_their_sleeves(people: tuple[tuple[int, int, tuple[int, int, int]], ...]) -> None:
    rgb, whose, faces = figures(*people)
    owners = split(rgb, (whose >= 0).astype(np.float32), faces)
    assert (owners[whose < 0] == -1).all()
    assert (owners != whose)[whose >= 0].mean() < 0.01


def test_a_bystander_without_a_face_is_nobody_s_and_an_arm_stays() -> None:
    rgb, whose, faces = figures((300, 80, BLUE), (150, 60, RED))
    whose[120:140, 20:100] = 1  # an arm, which the look misses
    look = np.where(whose == 1, 1, 0).astype(np.float32)[None]
    look[:, :, :60] = 0
    mask = (whose >= 0).astype(np.float32)
    mask[150:170, 200:260] = 1  # they touch
    owners = split(rgb, mask, faces[1:], look)
    assert (owners[whose == 0] == 1).mean() > 0.98  # 1 is nobody: there is one face
    assert (owners[whose == 1] == 0).all()
    assert (split(rgb, mask, faces[1:]) == 0)[mask > 0].all()  # without a look nothing tells them apart


def test_a_look_that_misses_its_own_person_counts_for_nothing() -> None:
    rgb, whose, faces = figures((150, 60, RED))
    owners = split(rgb, (whose >= 0).astype(np.float32), faces, np.zeros((1, 300, 400), np.float32))
    assert (owners == whose).all()


def test_a_body_below_a_lectern_stays_and_somebody_apart_does_not() -> None:
    rgb, whose, faces = figures((320, 60, BLUE), (120, 60, RED))
    mask = (whose >= 0).astype(np.float32)
    mask[110:150] = 0
    owners = split(rgb, mask, faces[1:])
    assert (owners[(whose == 1) & (mask > 0)] == 0).all()
    assert (owners[(whose == 0) & (mask > 0)] == 1).all()


def test_a_look_at_one_alone_leaves_out_the_neighbour(pair: Photo) -> None:
    faces = sorted(segmentation.faces(pair), key=lambda face: face.box[0])
    left, right = alone(pair.rgb, faces)
    for look, face, other in ((left, *faces), (right, *faces[::-1])):
        assert segmentation.covers(look, face)
        assert not segmentation.covers(look, other)


def test_the_soft_rim_goes_to_the_nearest_and_a_neighbour_who_is_nobody_s_keeps_theirs() -> None:
    owners = np.full((50, 100), -1, np.int32)
    owners[:, 10:40], owners[:, 50:90] = 0, 1  # 1 is nobody
    found = _around(owners, 0)
    assert found[:, :45].all() and not found[:, 45:].any()


def test_a_screen_far_from_everybody_is_a_stray_and_a_raised_hand_is_not() -> None:
    probability = np.zeros((200, 300), np.float32)
    probability[40:200, 80:120] = 0.9  # somebody
    probability[60:70, 130:140] = 0.9  # a hand beside the head
    probability[50:120, 220:290] = 0.9  # a screen
    face = Face((85, 45, 30, 30), ((93, 55), (107, 55), (100, 62), (100, 68), (86, 57), (114, 57)), 0.9)
    found = strays(probability, [face])
    expected = np.zeros_like(found)
    expected[50:120, 220:290] = True
    assert np.array_equal(found, expected)
