"""What a drawing keeps of the one before."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.pop_art.partition.framing import Frame
from portrait_nst.pop_art.partition.held import Held, regions_of
from portrait_nst.pop_art.partition.tones import Thresholds

SIZE = (200, 240)
THRESHOLDS = Thresholds(np.array([50.0, 100.0, 150.0, 200.0]))


def plain() -> Frame:
    """Somebody without a face, all of one light."""
    light, none = np.full(SIZE, 0.5, np.float32), np.zeros(SIZE, np.float32)
    everywhere = np.ones(SIZE, np.bool_)
    return Frame(
        np.zeros((*SIZE, 3), np.uint8), light, everywhere, none, none, (0, 0, *SIZE[::-1]), 1.0, 1.0, False, False
    )


def held_with(place: tuple[slice, slice], fixed: bool, known: bool) -> Held:
    """A division before, in which a place has a tone of its own; known: whether what surrounds it could be followed."""
    frame, tone, marked = plain(), np.full(SIZE, 2, np.uint8), np.zeros(SIZE, np.bool_)
    followed = np.full(SIZE, known)
    followed[place] = True
    tone[place], marked[place] = 0, fixed
    tone[~followed] = 255
    return Held(tone, marked, frame.light, frame.light, np.ones(SIZE, np.float32), frame.person, followed)


@pytest.mark.parametrize(
    ("fixed", "known", "wide", "stays"), [(True, True, 40, False), (False, True, 40, True), (False, False, 5, False)]
)
def test_dirt_is_let_go(fixed: bool, known: bool, wide: int, stays: bool) -> None:
    """A mark where no part of a face is any more, and a splinter among what moved away; a tone that is held stays."""
    place = np.s_[80:120, 100 : 100 + wide]
    before, frame = held_with(place, fixed, known), plain()
    _, found = regions_of(frame, frame.light, np.ones(SIZE, np.float32), 5, 0.5, THRESHOLDS, before)
    assert set(np.unique(found.tone[place])) == ({0} if stays else {2})
