"""Codes of one depth in another, against fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from portrait_nst.imaging.colour.depth import scaled


@pytest.mark.parametrize("new", [8, 10, 12, 16])
@pytest.mark.parametrize("old", range(1, 17))
def test_every_code_is_rounded_exactly(old: int, new: int) -> None:
    codes = np.arange(2**old, dtype=np.uint8 if old <= 8 else np.uint16)
    found = scaled(codes.reshape(2, -1), old, new)
    assert found.dtype == (np.uint8 if new == 8 else np.uint16)
    some = codes if old <= 8 else np.unique(np.linspace(0, codes[-1], 999).astype(int))
    assert [int(code) for code in found.ravel()[some]] == [
        round(Fraction(int(code) * (2**new - 1), 2**old - 1)) for code in some
    ]
    if old <= new:
        assert (scaled(found, new, old).ravel() == codes).all()
