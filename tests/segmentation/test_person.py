"""The matte of one sitter: right where anybody can tell, exact at both ends, whole at the frame."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst import segmentation
from portrait_nst.errors import InputError
from portrait_nst.types import Matte, Photo

from .conftest import resized

# Corners as (x, y) in shares of the picture, set by hand well inside and well outside of each sitter.
GRACE_INSIDE = [(0.36, 0.12), (0.5, 0.06), (0.66, 0.12), (0.71, 0.17), (0.71, 0.3), (0.69, 0.4), (0.65, 0.48)]
GRACE_INSIDE += [(0.65, 0.54), (0.8, 0.62), (0.94, 0.67), (0.98, 0.75), (0.98, 1.0), (0.05, 1.0), (0.07, 0.75)]
GRACE_INSIDE += [(0.12, 0.66), (0.25, 0.61), (0.38, 0.55), (0.4, 0.49), (0.36, 0.42), (0.33, 0.3), (0.32, 0.2)]
GRACE_OUTSIDE = [
    [(0, 0), (0.25, 0), (0.25, 0.53), (0.1, 0.57), (0.03, 0.65), (0, 0.65)],
    [(0.77, 0), (1, 0), (1, 0.58), (0.8, 0.5), (0.77, 0.45)],
]
ASTRONAUT_INSIDE = [(0.42, 0.05), (0.52, 0.07), (0.57, 0.14), (0.56, 0.2), (0.52, 0.25), (0.5, 0.33), (0.58, 0.42)]
ASTRONAUT_INSIDE += [(0.65, 0.52), (0.68, 0.63), (0.65, 0.7), (0.54, 1.0), (0.12, 1.0), (0.07, 0.8), (0.08, 0.66)]
ASTRONAUT_INSIDE += [(0.11, 0.56), (0.2, 0.46), (0.27, 0.45), (0.27, 0.35), (0.36, 0.31), (0.37, 0.25), (0.32, 0.12)]
ASTRONAUT_OUTSIDE = [
    [(0.72, 0), (1, 0), (1, 0.5), (0.75, 0.5), (0.65, 0.4), (0.63, 0.1)],
    [(0, 0), (0.25, 0), (0.25, 0.25), (0.2, 0.32), (0.1, 0.42), (0, 0.55)],
]


def polygon(shape: tuple[int, int], *outlines: list[tuple[float, float]]) -> np.ndarray:
    import cv2

    plane = np.zeros(shape, np.uint8)
    corners = [np.round(np.array(outline) * (shape[1] - 1, shape[0] - 1)).astype(np.int32) for outline in outlines]
    cv2.fillPoly(plane, corners, 1)
    return plane.astype(bool)


def check(matte: Matte, inside: np.ndarray, outside: np.ndarray) -> None:
    found = matte.alpha > 0.5
    overlap = (found & inside).sum() / (inside.sum() + (found & outside).sum())
    assert overlap > 0.99
    assert (matte.alpha[inside] == 1).mean() > 0.97
    assert (matte.alpha[outside] == 0).mean() > 0.99


def test_grace(grace: Photo, grace_matte: Matte) -> None:
    shape = grace.rgb.shape[:2]
    assert grace_matte.people == 1
    assert "1 person" in grace_matte.source
    assert grace_matte.alpha.dtype == np.float32
    assert grace_matte.alpha.flags["C_CONTIGUOUS"]
    assert (grace_matte.alpha.min(), grace_matte.alpha.max()) == (0, 1)
    check(grace_matte, polygon(shape, GRACE_INSIDE), polygon(shape, *GRACE_OUTSIDE))


def test_astronaut(astronaut: Photo, astronaut_matte: Matte) -> None:
    shape = astronaut.rgb.shape[:2]
    assert astronaut_matte.people == 1
    check(astronaut_matte, polygon(shape, ASTRONAUT_INSIDE), polygon(shape, *ASTRONAUT_OUTSIDE))


def test_the_body_goes_on_to_the_last_row(grace_matte: Matte, astronaut_matte: Matte) -> None:
    width = grace_matte.alpha.shape[1]
    assert (grace_matte.alpha[-12:, round(0.06 * width) : round(0.97 * width)] == 1).all()
    width = astronaut_matte.alpha.shape[1]
    assert (astronaut_matte.alpha[-12:, round(0.15 * width) : round(0.85 * width)] == 1).all()


def test_a_face_that_the_frame_cuts_stays_whole(astronaut: Photo) -> None:
    left = round(0.38 * astronaut.width)
    matte = segmentation.person(Photo(np.ascontiguousarray(astronaut.rgb[:, left:])))
    assert (matte.alpha[round(0.15 * astronaut.height) : round(0.33 * astronaut.height), :20] == 1).all()


def test_edges_are_narrow(grace_matte: Matte) -> None:
    # Neither a halo nor a fog: what is neither person nor place is a thin line.
    between = (grace_matte.alpha > 0) & (grace_matte.alpha < 1)
    assert 0.001 < between.mean() < 0.03


@pytest.mark.parametrize("size", [(64, 75), (65, 65), (333, 257), (257, 333)])
def test_sizes(grace: Photo, size: tuple[int, int]) -> None:
    photo = resized(grace, *size)
    alpha = segmentation.person(photo).alpha
    assert alpha.shape == (size[1], size[0])
    assert (alpha[polygon(alpha.shape, GRACE_INSIDE)] > 0.5).mean() > 0.97
    assert (alpha[polygon(alpha.shape, *GRACE_OUTSIDE)] < 0.5).mean() > 0.97


def test_a_large_photo_follows_its_own_edges(grace: Photo, grace_matte: Matte) -> None:
    import cv2

    large = Photo(np.asarray(cv2.resize(grace.rgb, (1537, 1801), interpolation=cv2.INTER_CUBIC)))
    alpha = segmentation.person(large).alpha
    assert alpha.shape == (1801, 1537)
    shape = (1801, 1537)
    check(Matte(alpha), polygon(shape, GRACE_INSIDE), polygon(shape, *GRACE_OUTSIDE))
    assert (alpha[-30:, 100:1480] == 1).all()
    back = cv2.resize(alpha, (grace.width, grace.height), interpolation=cv2.INTER_AREA)
    assert np.abs(back - grace_matte.alpha).mean() < 0.01


def test_grey_photos(grace: Photo) -> None:
    grey = grace.rgb.mean(axis=2, keepdims=True).astype(np.uint8)
    photo = Photo(np.ascontiguousarray(np.repeat(grey, 3, axis=2)))
    shape = photo.rgb.shape[:2]
    matte = segmentation.person(photo)
    assert (matte.alpha[polygon(shape, GRACE_INSIDE)] > 0.5).mean() > 0.98
    assert (matte.alpha[polygon(shape, *GRACE_OUTSIDE)] < 0.5).mean() > 0.98


def test_what_is_transparent_is_nobody(grace: Photo) -> None:
    seen = np.full(grace.rgb.shape[:2], 255, np.uint8)
    seen[400:500] = 0
    alpha = segmentation.person(Photo(grace.rgb, seen)).alpha
    assert not alpha[400:500].any()
    assert alpha[520:, 250:260].all()


def test_the_same_photo_gives_the_same_matte(grace: Photo, grace_matte: Matte) -> None:
    assert np.array_equal(segmentation.person(grace).alpha, grace_matte.alpha)


def test_views_into_other_arrays(grace: Photo, grace_matte: Matte) -> None:
    reversed_channels = np.ascontiguousarray(grace.rgb[..., ::-1])
    assert np.array_equal(segmentation.person(Photo(reversed_channels[..., ::-1])).alpha, grace_matte.alpha)


@pytest.mark.parametrize("choice", ["everyone", "", 0, -1, True, 1.5, "0"])
def test_a_choice_that_is_none(grace: Photo, choice: object) -> None:
    with pytest.raises(InputError, match="all, largest or a number"):
        segmentation.person(grace, person=choice)  # type: ignore[arg-type]


@pytest.mark.parametrize("change", ["a pixel to the side", "noise"])
def test_the_matte_is_steady(astronaut: Photo, astronaut_matte: Matte, change: str) -> None:
    alpha = astronaut_matte.alpha
    if change == "noise":
        noise = np.random.default_rng(5).normal(0, 2, astronaut.rgb.shape)
        other = segmentation.person(Photo(np.clip(astronaut.rgb + noise.round(), 0, 255).astype(np.uint8))).alpha
    else:
        other = segmentation.person(Photo(np.ascontiguousarray(astronaut.rgb[:, 1:]))).alpha
        alpha = alpha[:, 1:]
    assert np.abs(alpha - other).mean() < 0.005
