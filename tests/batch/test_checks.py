"""What is refused before anything is planned."""

from __future__ import annotations

from pathlib import Path

import pytest

from portrait_nst.batch import Order, check
from portrait_nst.errors import InputError
from portrait_nst.settings import Settings


def test_what_every_picture_would_fail_with_is_refused_at_once(here: Path) -> None:
    check(Order(["in"], ["Red"], settings=Settings(coarse_style="blue-dots")), "out")
    with pytest.raises(InputError, match="Did you mean red"):
        check(Order(["in"], ["rod"]), "out")
    with pytest.raises(InputError, match="--coarse-style rod is no file"):
        check(Order(["in"], ["red"], settings=Settings(coarse_style="rod")), "out")
    with pytest.raises(InputError, match="--weights red is no file"):
        check(Order(["in"], ["red"], settings=Settings(weights="red")), "out")


def test_a_file_of_the_settings_that_is_not_there_is_said_before_anything_is_painted(two_photos: Order) -> None:
    asked = Order(two_photos.inputs, two_photos.styles, settings=two_photos.settings.replace(coarse_style="nope.jpg"))
    with pytest.raises(InputError, match=r"--coarse-style nope\.jpg is no file"):
        check(asked, "out")
