"""Frames that follow: only where there is work is painted, the temporal term holds, nothing of a style is computed twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from portrait_nst.transfer import following
from portrait_nst.transfer.config import StylePart, StyleSource
from portrait_nst.transfer.following import Follower, Following, islands
from portrait_nst.transfer.nearest.codebook import Codebook, make_codebook
from portrait_nst.transfer.target_store import TargetStore
from portrait_nst.types import FloatArray

from .nearest.scenes import float_encoder, orders, texture

SIZE = (96, 128)
WHOLE = np.ones(SIZE, np.float32)


def follower(temporal: float = 30.0, **more: Any) -> Follower:
    styles = [StyleSource((StylePart(texture(70, 80, 9)),), WHOLE)]
    return Follower(float_encoder(), orders(SIZE, **more), styles, TargetStore(), temporal)


def frame(work: FloatArray, trust: float = 1.0) -> Following:
    content, before = texture(*SIZE, 1), texture(*SIZE, 2)
    return Following(content, [WHOLE], None, None, before, before, np.full(SIZE, trust, np.float32), work)


def square(*places: tuple[int, int], side: int = 12) -> FloatArray:
    found = np.zeros(SIZE, np.float32)
    for top, left in places:
        found[top : top + side, left : left + side] = 1
    return found


def test_only_where_there_is_work_is_painted() -> None:
    paints, here = follower(), frame(square((40, 50)), 0.0)
    found = paints.paint(here, paints.centres(here.before, [WHOLE]), 3)
    assert np.array_equal(found[here.work == 0], here.start[here.work == 0])
    assert np.abs(found - here.start)[here.work > 0].mean() > 0.01
    assert paints.length is not None and paints.length > 0


def test_without_steps_or_work_it_is_the_start() -> None:
    paints = follower()
    centres = paints.centres(texture(*SIZE, 2), [WHOLE])
    for here, steps in ((frame(WHOLE), 0), (frame(np.zeros(SIZE, np.float32)), 3)):
        assert np.array_equal(paints.paint(here, centres, steps), here.start)


def test_the_temporal_term_holds_what_is_trusted_and_nothing_else() -> None:
    moved = {}
    for weight, trust in ((0.0, 1.0), (1000.0, 1.0), (1000.0, 0.0)):
        paints, here = follower(weight), frame(square((30, 40), side=40), trust)
        found = paints.paint(here, paints.centres(here.before, [WHOLE]), 4)
        moved[weight, trust] = np.abs(found - here.before)[here.work > 0].mean()
    assert moved[1000.0, 1.0] < 0.5 * moved[0.0, 1.0]
    assert moved[1000.0, 0.0] == pytest.approx(moved[0.0, 1.0], rel=0.02)


def test_the_codebook_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def make(*given: Any) -> Codebook:
        made.append(1)
        return make_codebook(*given)

    monkeypatch.setattr(following, "make_codebook", make)
    paints, here = follower(), frame(square((40, 50)))
    centres = paints.centres(here.before, [WHOLE])
    for _ in range(2):
        paints.paint(here, centres, 1)
    assert made == [1]


def test_it_paints_on_from_a_kept_length_as_if_it_had_not_stopped() -> None:
    paints, here = follower(), frame(square((40, 50)), 0.5)
    centres = paints.centres(here.before, [WHOLE])
    first = paints.paint(here, centres, 2)
    again = follower()
    again.length = paints.length
    second = [each.paint(replace(here, start=first), centres, 2, (1, 2)) for each in (paints, again)]
    assert np.array_equal(second[0], second[1])


def test_islands_are_the_parts_that_lie_apart() -> None:
    near, far = square((10, 10), (10, 30)), square((10, 10), (80, 110))
    assert len(islands(near)) == 1 and len(islands(far)) == 2
    assert np.array_equal(sum(islands(far)), far) and not islands(np.zeros(SIZE, np.float32))
