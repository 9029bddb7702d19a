"""Palettes: lightness rises, neighbours differ, and every way to name one works or says why not."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from portrait_nst.errors import InputError
from portrait_nst.pop_art import NAMES
from portrait_nst.pop_art.colour import oklab, palette_fit, palettes
from portrait_nst.pop_art.colour.contrast import FLOOR


@pytest.mark.parametrize("tones", [3, 4, 5, 6, 7, 8])
@pytest.mark.parametrize("name", NAMES)
def test_every_palette_rises_and_stays_apart(name: str, tones: int) -> None:
    found = palettes.palette(name, tones)
    lights = [oklab.lab_of(c)[0] for c in found.ramp]
    assert len(found.ramp) == tones
    assert lights == sorted(lights)
    if not found.swatches:
        assert oklab.closest((*found.ramp, found.ground)) >= FLOOR


def test_facet_swatches_are_of_one_lightness_a_row_and_apart() -> None:
    rows = palettes.palette("wpap", 5).swatches
    for row in rows:
        lights = [oklab.lab_of(c)[0] for c in row]
        assert max(lights) - min(lights) < 0.12
        assert oklab.closest(row) >= FLOOR
    for lower, upper in pairwise(rows):
        assert min(oklab.difference(a, b) for a in lower for b in upper) >= FLOOR - 0.5


def test_a_list_is_sorted_and_may_name_its_ground() -> None:
    found = palettes.palette("#ffee88,#102040,#ff0044/#00a6d6", 3)
    assert found.ramp == ("#102040", "#FF0044", "#FFEE88")
    assert found.ground == "#00A6D6"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", "#102040 dark\n#ff0044\n#ffee88\n"),
        ("a.hex", "102040\nff0044\nffee88\n"),
        ("a.gpl", "GIMP Palette\nName: a\n#\n 16  32  64\tdark\n255   0  68\tred\n255 238 136\tlight\n"),
        ("a.json", '{"colours": ["#102040", "#ff0044", "#ffee88"], "ground": "#00a6d6"}'),
    ],
)
def test_palette_files(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert palettes.palette(str(path), 3).ramp == ("#102040", "#FF0044", "#FFEE88")


@pytest.mark.parametrize("spec", ["nonsense", "#12345", "#112233", "/nowhere/palette.txt", ""])
def test_a_palette_that_is_none_is_refused_in_one_line(spec: str) -> None:
    with pytest.raises(InputError) as error:
        palettes.palette(spec, 5)
    assert "\n" not in str(error.value)


def test_an_empty_palette_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.txt").write_text("no colours here")
    with pytest.raises(InputError, match="holds no colours"):
        palettes.palette(str(tmp_path / "no.txt"), 5)


def test_more_tones_keep_the_colours_that_were_given() -> None:
    given = ("#0B0B0B", "#0B3FA8", "#E8308C", "#FFD23F")
    for tones in (5, 6):
        found = palette_fit.resampled(given, tones)
        assert len(found) == tones
        assert [c for c in found if c in given] == list(given)


@pytest.mark.parametrize(
    ("spec", "tones", "note"),
    [
        ("#0b0b0b,#0b3fa8,#e8308c,#ffd23f", 4, ""),
        ("#0b0b0b,#0b3fa8,#e8308c,#ffd23f", 5, "4 colours were made 5 by blending; tones 4 takes them alone"),
        ("#0b0b0b,#0b3fa8,#e8308c,#ffd23f", 3, "3 tones of the palette's 4 colours were taken; tones 4 takes all"),
        ("#0b0b0b,#e8308c,#e9318d", 3, "moved to keep all colours apart"),
        ("teal", 8, ""),
    ],
)
def test_what_became_of_the_users_colours_is_said(spec: str, tones: int, note: str) -> None:
    said = palette_fit.changes(palettes.palette(spec, tones), tones)
    assert note in said
    assert bool(said) == bool(note)


def test_taming_crosses_no_grey_and_leaves_the_ground() -> None:
    teal = palettes.palette("teal", 5)
    for amount in (0.35, 0.7):
        tame = palettes.tamed(teal, amount)
        assert tame.ground == teal.ground
        assert min(oklab.lch_of(c)[1] for c in tame.ramp) > 0.1


@pytest.mark.parametrize(
    ("spec", "wrong"),
    [("#102040,#ggg000,#ffee88", "#ggg000"), ("#fff,#888888,#000000", "#fff"), ("#102040;#ff0044", "#102040;#ff0044")],
)
def test_the_colour_that_is_none_is_named(spec: str, wrong: str) -> None:
    with pytest.raises(InputError, match=f"^'{wrong}' in --palette is no colour"):
        palettes.palette(spec, 3)
