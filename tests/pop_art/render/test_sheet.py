"""The painting sheet: numbers, paints and paper."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from portrait_nst.errors import InputError
from portrait_nst.pop_art import PopartResult
from portrait_nst.pop_art.render.paints import paints
from portrait_nst.pop_art.render.sheet import paper_size
from tests.pop_art.conftest import Portrait
from tests.pop_art.render.test_svg import SVG


def test_the_sheet_numbers_every_segment(ramp: PopartResult) -> None:
    root = ET.fromstring(ramp.sheet_svg("A3"))
    texts = [t.text or "" for t in root.iter(f"{SVG}text")]
    found, numbers = paints(ramp)
    assert len(texts) == len(ramp.partition.segments) + len(found)
    assert sorted({int(t) for t in texts if t.isdigit()}) == [p.number for p in found]
    assert len(numbers) == len(ramp.partition.segments)
    assert all(any(p.colours[0] in t for t in texts) for p in found)
    assert root.get("width") == "297mm" and root.get("height") == "420mm"


def test_a_sheet_of_a_grid_lists_the_paints_of_all_cells(grid: PopartResult) -> None:
    root = ET.fromstring(grid.sheet_svg())
    boxes = list(root.iter(f"{SVG}rect"))[1:]
    assert len(boxes) == 4 * 6
    assert grid.sheet_pdf("30x40cm").startswith(b"%PDF-")


def test_a_wide_photo_turns_the_paper(grace: Portrait) -> None:
    root = ET.fromstring(grace.compose(background="#FFFFFF", frame="photo").sheet_svg("297x210mm"))
    assert root.get("width") == "210mm"


@pytest.mark.parametrize("paper", ["A9", "0x0cm", "20x20mm", "wide"])
def test_unknown_papers_are_refused(paper: str) -> None:
    with pytest.raises(InputError):
        paper_size(paper)
