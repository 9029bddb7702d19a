"""A frame's matte at a glance."""

from __future__ import annotations

import cv2
import numpy as np

from portrait_nst import segmentation
from portrait_nst.segmentation.glance import Looks
from portrait_nst.segmentation.looks import overlap
from portrait_nst.types import Matte, Photo
from tests.segmentation.conftest import resized


def test_a_glance_is_near_the_matte(astronaut: Photo, astronaut_matte: Matte) -> None:
    everywhere = segmentation.glance(astronaut.rgb)
    near = segmentation.glance(astronaut.rgb, astronaut_matte.alpha)
    for found in (everywhere, near):
        assert found.dtype == np.float32 and found.min() == 0 and found.max() == 1
        assert overlap(found, astronaut_matte.alpha) > 0.9


def test_a_glance_sees_more_than_what_is_known(astronaut: Photo, astronaut_matte: Matte) -> None:
    known = astronaut_matte.alpha.copy()
    known[250:] = 0
    found = segmentation.glance(astronaut.rgb, known)
    assert overlap(found[400:], astronaut_matte.alpha[400:]) > 0.8


def test_edges_are_drawn_to_the_picture() -> None:
    rgb = np.full((120, 160, 3), (40, 60, 50), np.uint8)
    rgb[30:, 50:110] = (200, 120, 90)
    true = (rgb[..., 0] > 100).astype(np.float32)
    off = np.asarray(cv2.GaussianBlur(np.roll(true, 1, 1), (0, 0), 1), np.float32)
    found = segmentation.snapped(rgb, off)
    assert np.abs(found - true).sum() < 0.5 * np.abs(off - true).sum()
    assert (found[45:, 60:100] == 1).all() and not found[:, :40].any() and not found[:, 124:].any()


def test_a_matte_without_a_rim_stays_as_it_is() -> None:
    rgb = np.random.default_rng(0).integers(0, 255, (40, 50, 3)).astype(np.uint8)
    for value in (0, 1):
        assert (segmentation.snapped(rgb, np.full((40, 50), value, np.float32)) == value).all()


def test_one_of_two_is_known_again(pair: Photo) -> None:
    pair = resized(pair, 474, 256)
    expected = segmentation.person(pair, person=2).alpha
    found = segmentation.followed(pair, lambda people, owners: len(people) - 1)
    assert found is not None
    alpha, mine = found
    assert (alpha == expected).all()
    assert mine[alpha > 0.5].mean() > 0.99 and not mine[:, : pair.width // 4].any()
    assert segmentation.followed(pair, lambda people, owners: None) is None


def test_a_face_is_detected_again_and_a_new_one_is_found(pair: Photo) -> None:
    found = segmentation.faces(pair)
    assert len(found) == 2
    again = segmentation.again(pair.rgb, found[0])
    assert again is not None and again.landmarks is not None and segmentation.same_place(again, found[0])
    looks = [segmentation.newcomers(pair.rgb, found[:1], turn) for turn in range(6)]
    new = next(look[0] for look in looks if look)
    assert segmentation.same_place(new, found[1]) and not segmentation.same_place(new, found[0])
    assert segmentation.again(np.zeros_like(pair.rgb), found[0]) is None


def test_one_look_in_turn_is_as_good_as_two_and_contradiction_is_looked_at_again(
    astronaut: Photo, astronaut_matte: Matte
) -> None:
    alpha, still = astronaut_matte.alpha, np.zeros((*astronaut_matte.alpha.shape, 2), np.float32)
    first = Looks.first(astronaut.rgb, alpha)
    second = first.next(astronaut.rgb, alpha, still, still[..., 0], near=False)
    assert np.abs(second.seen(alpha.shape) - first.seen(alpha.shape)).mean() < 1e-3
    empty = np.full_like(astronaut.rgb, 100)
    gone = second.next(empty, alpha, still, still[..., 0], near=True)
    assert gone.seen(alpha.shape).mean() < 0.01
