"""Settings of pop art that are out of range are refused."""

from __future__ import annotations

from typing import Any

import pytest

from portrait_nst.errors import InputError
from portrait_nst.pop_art import PopartSettings


@pytest.mark.parametrize(
    "wrong",
    [
        {"tones": 2},
        {"tones": 9},
        {"detail": 1.5},
        {"segments": 3},
        {"mode": "cubism"},
        {"grid": (5, 1)},
        {"background": "red"},
        {"frame": "head"},
        {"background": "keep", "mode": "grid"},
    ],
)
def test_settings_out_of_range_are_refused_in_one_line(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError) as error:
        PopartSettings(**wrong)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("grid", ["3x2", "3X2", [3, 2], (3, 2)])
def test_a_grid_may_be_written_as_on_the_command_line(grid: Any) -> None:
    assert PopartSettings(grid=grid).grid == (3, 2)


@pytest.mark.parametrize("grid", ["3", "3x", "9x1", "2x²", "", 3])
def test_a_grid_that_is_none_is_refused(grid: Any) -> None:
    with pytest.raises(InputError, match="grid must be columns x rows"):
        PopartSettings(grid=grid)
