"""Which jobs an order makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from portrait_nst.batch import Order, plan, storage
from portrait_nst.batch.planning.jobs import styles_in
from portrait_nst.errors import InputError
from tests.batch.fake_workers import photos


def test_an_order_that_cannot_be_meant() -> None:
    wrong: list[dict[str, Any]] = [{"kind": "mosaic"}, {"suffix": ".xyz"}, {"suffix": ".svg"}, {"inputs": ["a.png"]}]
    for values in wrong:
        with pytest.raises(InputError):
            Order(**values)


def test_a_name_is_a_style_where_no_file_has_it(here: Path, library: Path) -> None:
    assert styles_in("Blue-Dots") == [Path("blue_dots")]
    assert storage.style_picture(Path("blue_dots")) == library / "blue_dots.png"
    job = next(plan(Order(["in"], ["Blue-Dots"]), here / "out"))
    assert (job.main_style, str(job.output), job.error) == (Path("blue_dots"), "a-blue_dots.png", "")
    (here / "blue_dots").write_bytes((library / "red.png").read_bytes())
    assert styles_in("blue_dots") == [here / "blue_dots"]
    assert next(plan(Order(["in"], ["blue_dots"]), here / "out")).main_style == here / "blue_dots"


def test_a_folder_of_that_name_goes_first_unless_it_is_the_output(here: Path) -> None:
    """The first run makes it, and the same command must do the same again."""
    photos(here, ["red/one.png", "red/two.png"])
    assert styles_in("red") == [Path("red/one.png"), Path("red/two.png")]
    assert styles_in("red", "out") == [Path("red/one.png"), Path("red/two.png")]
    assert styles_in("red", "red") == styles_in("red", here / "red") == [Path("red")]
    assert next(plan(Order(["in"], ["red"]), here / "red")).main_style == Path("red")
    photos(here, ["rod/one.png"])
    assert styles_in("rod", "rod") == [Path("rod/one.png")]
