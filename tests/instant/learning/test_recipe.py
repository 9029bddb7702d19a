"""The numbers of the recipe, as far as they must fit each other."""

from __future__ import annotations

import pytest

from portrait_nst.instant.learning import recipe


def test_the_rate_rises_stays_and_falls_in_a_line() -> None:
    assert recipe.rate(0, 0.0) == pytest.approx(recipe.RATE / recipe.WARM)
    assert recipe.rate(recipe.WARM - 1, 0.0) == pytest.approx(recipe.RATE)
    assert recipe.rate(500, recipe.STEADY) == pytest.approx(recipe.RATE)
    middle = (1 + recipe.STEADY) / 2
    assert recipe.rate(500, middle) == pytest.approx(recipe.RATE * (1 + recipe.LAST) / 2)
    assert recipe.rate(500, 1.0) == pytest.approx(recipe.RATE * recipe.LAST)


def test_the_rate_of_a_run_that_takes_longer_than_it_should_stays_at_its_least() -> None:
    assert recipe.rate(500, 7.0) == pytest.approx(recipe.RATE * recipe.LAST)


def test_crops_have_whole_cells_at_every_level() -> None:
    assert recipe.CROP % 16 == 0
