"""What stands behind a painted frame: exactly the clip's own, a blur of it, a colour, nothing, or a painting."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from portrait_nst.types import FloatArray, UInt8Array
from portrait_nst.video.background import Backdrop
from portrait_nst.video.seen import SeenFrame
from tests.video.stand_ins import PlainFrame

LARGE, SMALL = (96, 128), (48, 64)


def scene(painted_size: tuple[int, int] = LARGE) -> tuple[SeenFrame, UInt8Array, UInt8Array, FloatArray]:
    """A green disc with a soft rim over a red gradient: as it is seen, its two colours, and its matte, at the large size."""
    rows, columns = np.mgrid[: LARGE[0], : LARGE[1]].astype(np.float32)
    alpha = np.clip((30 - np.hypot(rows - 48, columns - 64)) / 6, 0, 1).astype(np.float32)
    person, place = np.zeros((*LARGE, 3), np.uint8), np.zeros((*LARGE, 3), np.uint8)
    person[...], place[..., 0] = (20, 200, 40), 100 + columns
    mixed = alpha[..., None] * person + (1 - alpha[..., None]) * place
    frame = PlainFrame(np.rint(mixed).astype(np.uint8))
    small = cv2.resize(frame.rgb, painted_size[::-1], interpolation=cv2.INTER_AREA)
    matte = cv2.resize(alpha, painted_size[::-1], interpolation=cv2.INTER_AREA)
    seen = SeenFrame(frame, np.asarray(small, np.uint8), np.asarray(matte, np.float32), (), None, 0)
    return seen, person, place, alpha


def one_colour(size: tuple[int, int], colour: tuple[float, float, float] = (0.0, 0.0, 1.0)) -> FloatArray:
    return np.full((*size, 3), colour, np.float32)


def test_a_kept_place_shows_no_rest_of_the_person() -> None:
    seen, _, place, alpha = scene()
    found = Backdrop("keep").laid(seen, one_colour(LARGE)).rgb.astype(float)
    wanted = alpha[..., None] * np.array([0, 0, 255]) + (1 - alpha[..., None]) * place
    np.testing.assert_array_equal(found[alpha == 0], seen.frame.rgb[alpha == 0])
    np.testing.assert_array_equal(found[alpha == 1], np.broadcast_to([0, 0, 255], found[alpha == 1].shape))
    assert np.abs(found - wanted).max() < 8
    naive = alpha[..., None] * np.array([0, 0, 255]) + (1 - alpha[..., None]) * seen.frame.rgb
    assert np.abs(naive - wanted).max() > 40  # the green rim that would be left


def test_a_smaller_painting_is_enlarged_along_the_edges_of_the_frame() -> None:
    seen, _, place, alpha = scene(SMALL)
    found = Backdrop("keep", detail=False).laid(seen, one_colour(SMALL)).rgb.astype(float)
    wanted = alpha[..., None] * np.array([0, 0, 255]) + (1 - alpha[..., None]) * place
    assert np.abs(found - wanted).mean() < 1.5
    far = np.hypot(*(np.mgrid[: LARGE[0], : LARGE[1]] - np.array([48, 64])[:, None, None])) > 36
    np.testing.assert_array_equal(found[far], seen.frame.rgb[far])


def test_a_frame_without_anybody_is_passed_on() -> None:
    seen, _, _, _ = scene()
    nobody = SeenFrame(seen.frame, seen.rgb, np.zeros(LARGE, np.float32), (), None, 0)
    assert Backdrop("keep").laid(nobody, one_colour(LARGE)) is seen.frame


def test_a_colour_behind() -> None:
    seen, _, _, alpha = scene()
    found = Backdrop("#ff0000").laid(seen, one_colour(LARGE)).rgb
    wanted = np.rint(alpha[..., None] * [0, 0, 255] + (1 - alpha[..., None]) * np.array([255, 0, 0]))
    np.testing.assert_allclose(found, wanted, atol=1)


def test_a_blurred_place_without_the_person() -> None:
    seen, _, place, alpha = scene()
    found = Backdrop("blur").laid(seen, one_colour(LARGE)).rgb
    assert np.abs(found[alpha == 0].astype(int) - place[alpha == 0]).mean() < 4
    assert found[alpha == 0][:, 1].max() < 30  # nothing of the person's green


@pytest.mark.parametrize("own", [None, 128])
def test_a_transparent_place(own: int | None) -> None:
    seen, _, _, alpha = scene()
    frame: Any = seen.frame
    frame.alpha = None if own is None else np.full(LARGE, own, np.uint8)
    found = Backdrop("transparent").laid(seen, one_colour(LARGE))
    assert found.alpha is not None
    np.testing.assert_array_equal(found.alpha, np.rint(alpha * (255 if own is None else own)).astype(np.uint8))
    assert Backdrop("transparent").is_transparent and not Backdrop("keep").is_transparent


def test_a_place_painted_too() -> None:
    seen, _, _, alpha = scene()
    backdrop = Backdrop("impasto")
    assert backdrop.is_painted and not Backdrop("blur").is_painted
    found = backdrop.laid(seen, one_colour(LARGE), one_colour(LARGE, (1.0, 1.0, 0.0))).rgb
    wanted = np.rint(alpha[..., None] * [0, 0, 255] + (1 - alpha[..., None]) * np.array([255, 255, 0]))
    np.testing.assert_allclose(found, wanted, atol=1)
