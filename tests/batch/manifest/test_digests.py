"""Which files settings name."""

from __future__ import annotations

from pathlib import Path

from portrait_nst.batch.manifest.digests import named_by
from portrait_nst.settings import Settings


def test_a_long_list_of_colours_is_no_file_whose_name_is_too_long() -> None:
    assert named_by(Settings(), ",".join(["#102030"] * 40)) == []


def test_the_pictures_that_settings_name_count_as_files(here: Path, library: Path) -> None:
    red, blue = library / "red.png", library / "blue_dots.png"
    assert named_by(Settings(background="Blue-Dots", coarse_style="red")) == [red, blue]
    assert named_by(Settings(background="blur", weights="red", init="content")) == []
