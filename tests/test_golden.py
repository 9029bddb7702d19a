"""Golden pictures: what is painted still looks as it did, within a tolerance that rounding passes and a changed look does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portrait_nst.types import UInt8Array
from tests.golden.pictures import PICTURES, Distance, distance, golden, painted, popart

# Other roundings (two threads instead of one) stay under a tenth of these; a strength of 0.6 instead of 0.5 is over them.
TOLERANCE = {"gram": Distance(1.2, 9), "painterly": Distance(2.5, 30), "popart": Distance(1.0, 40)}
CHANGED: dict[str, Callable[[], UInt8Array]] = {
    "gram": lambda: painted(method="gram", strength=0.6),
    "painterly": lambda: painted(method="painterly", strength=0.6),
    "popart": lambda: popart(detail=0.55),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_still_what_it_was(name: str) -> None:
    apart, most = distance(PICTURES[name](), golden(name)), TOLERANCE[name]
    assert apart.mean <= most.mean and apart.high <= most.high, (
        f"{name} looks different: {apart}, at most {most}. If that is meant, paint it anew: python -m tests.golden"
    )


@pytest.mark.parametrize("name", CHANGED)
def test_a_picture_that_is_visibly_another_would_be_noticed(name: str) -> None:
    apart, most = distance(CHANGED[name](), golden(name)), TOLERANCE[name]
    assert apart.mean > most.mean and apart.high > most.high
