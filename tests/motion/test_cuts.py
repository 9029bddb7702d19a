"""Cuts: between different pictures, and not where a camera, light or people move."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from portrait_nst.motion import is_cut
from portrait_nst.types import UInt8Array
from tests.motion.scenes import noisy, pan, views

Change = Callable[[UInt8Array, UInt8Array], tuple[UInt8Array, UInt8Array]]


def lit(gain: float, offset: float = 0) -> Change:
    return lambda photo, _: (photo, np.clip(photo * gain + offset, 0, 255).astype(np.uint8))


def moved(x: float, y: float, noise: float = 0) -> Change:
    return lambda photo, _: views(photo, pan(x, y), noise)[:2]


def blurred(photo: UInt8Array, _: UInt8Array) -> tuple[UInt8Array, UInt8Array]:
    """A fast pan with its blur."""
    earlier, later, _back = views(photo, pan(24, 0))
    streak = np.full((1, 24), 1 / 24, np.float32)
    return cv2.filter2D(earlier, -1, streak), cv2.filter2D(later, -1, streak)


def entered(photo: UInt8Array, other: UInt8Array) -> tuple[UInt8Array, UInt8Array]:
    later = photo.copy()
    later[:, :140] = other[:, :140]
    return photo, later


def dissolving(photo: UInt8Array, other: UInt8Array) -> tuple[UInt8Array, UInt8Array]:
    return tuple(cv2.addWeighted(photo, 1 - share, other, share, 0) for share in (0.4, 0.5))


def fading(photo: UInt8Array, _: UInt8Array) -> tuple[UInt8Array, UInt8Array]:
    return (photo * 0.3).astype(np.uint8), (photo * 0.2).astype(np.uint8)


KEPT: dict[str, Change] = {
    "the same": lambda photo, _: (photo, photo),
    "noise": lambda photo, _: (noisy(photo, 10, 0), noisy(photo, 10, 1)),
    "pan 10": moved(10, 0),
    "pan 40": moved(40, 0),
    "pan aslant with noise": moved(-40, 20, 5),
    "blurred pan": blurred,
    "flash": lit(1.8),
    "bright flash": lit(1.0, 100),
    "lamp goes out": lit(0.4),
    "fade": fading,
    "dissolve": dissolving,
    "somebody enters": entered,
}


@pytest.mark.parametrize("name", KEPT)
def test_one_shot_goes_on(photo: UInt8Array, other: UInt8Array, name: str) -> None:
    for first, second in ((photo, other), (other, photo)):
        assert not is_cut(*KEPT[name](first, second))


def test_another_picture_is_a_cut(photo: UInt8Array, other: UInt8Array) -> None:
    assert is_cut(photo, other)
    assert is_cut(other, photo)
    assert is_cut(np.zeros_like(photo), photo)
    assert is_cut(photo[:200], other[100:300])


def test_even_of_the_same_colours(photo: UInt8Array) -> None:
    blocks = photo.reshape(11, 32, 11, 32, 3).swapaxes(1, 2).reshape(121, 32, 32, 3)
    order = np.random.default_rng(0).permutation(121)
    shuffled = blocks[order].reshape(11, 11, 32, 32, 3).swapaxes(1, 2).reshape(352, 352, 3)
    assert is_cut(photo, shuffled)
