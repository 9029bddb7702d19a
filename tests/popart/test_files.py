"""What is written: raster, SVG, PDF and painting sheets, and that they agree with each other."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from portrait_nst.errors import InputError
from portrait_nst.pop_art import PopartResult
from portrait_nst.pop_art.colour import oklab
from portrait_nst.pop_art.render.sheet import paints, paper_size
from tests.popart.conftest import Portrait

SVG = "{http://www.w3.org/2000/svg}"


def differing(one: np.ndarray, other: np.ndarray) -> float:
    """Share of the pixels that differ by more than an eighth of the range in any channel."""
    return float((np.abs(one[..., :3].astype(int) - other[..., :3]).max(axis=2) > 32).mean())


def test_svg_has_a_path_with_id_and_title_for_each_segment(ramp: PopartResult) -> None:
    root = ET.fromstring(ramp.svg())
    groups = {g.get("id"): g for g in root.iter(f"{SVG}g")}
    paths = [p for name, g in groups.items() if name != "underlay" for p in g.iter(f"{SVG}path")]
    assert len(paths) == len(ramp.geometry.segments)
    assert len({p.get("id") for p in paths}) == len(paths)
    assert all(p.find(f"{SVG}title") is not None for p in paths)
    assert {"background", "tone-1", "tone-5"} <= set(groups)


@pytest.mark.parametrize("mode", ["ramp", "facets", "dots", "grid"])
def test_svg_is_small_and_has_at_most_one_decimal(mode: str, request: pytest.FixtureRequest) -> None:
    text = request.getfixturevalue(mode).svg()
    assert len(text.encode()) <= 60_000
    for data in re.findall(r' d="([^"]*)"', text):
        assert not re.search(r"\.\d\d", data)


@pytest.mark.parametrize("mode", ["ramp", "facets", "grid"])
@pytest.mark.parametrize("renderer", ["resvg_py", "cairosvg"])
def test_raster_and_rendered_svg_agree(mode: str, renderer: str, request: pytest.FixtureRequest) -> None:
    module = pytest.importorskip(renderer)
    result = request.getfixturevalue(mode)
    text = result.svg()
    data = module.svg_to_bytes(svg_string=text) if renderer == "resvg_py" else module.svg2png(bytestring=text.encode())
    theirs = np.array(Image.open(io.BytesIO(bytes(data))).convert("RGB"))
    ours, _ = result.render()
    assert theirs.shape == ours.shape
    assert differing(ours, theirs) <= 0.01


def test_no_hairlines_between_segments(ramp: PopartResult) -> None:
    """Over black and over white the rendered SVG is the same: nothing shines through between two segments."""
    resvg = pytest.importorskip("resvg_py")
    text = ramp.svg()
    shown = []
    for ground in ("#000000", "#FFFFFF"):
        under = text.replace("<title>", f'<rect width="100%" height="100%" fill="{ground}"/><title>', 1)
        shown.append(np.array(Image.open(io.BytesIO(bytes(resvg.svg_to_bytes(svg_string=under)))).convert("RGB")))
    inner = np.abs(shown[0].astype(int) - shown[1])[2:-2, 2:-2]
    assert inner.max() <= 8


def test_every_pixel_is_a_blend_of_colours_in_use(ramp: PopartResult) -> None:
    rgb, _ = ramp.render((374, 450))
    colours = np.array([oklab.rgb_of(c) for c in set(ramp.cells[0].colours)])
    exact = (rgb[:, :, None] == colours).all(axis=3).any(axis=2)
    assert exact.mean() > 0.9


def test_raster_shares_are_the_areas(ramp: PopartResult) -> None:
    canvas = ramp.geometry.canvas
    rgb, _ = ramp.render((2 * canvas.width, 2 * canvas.height))
    for paint in paints(ramp)[0]:
        share = (rgb == oklab.rgb_of(paint.colours[0])).all(axis=2).mean()
        assert share == pytest.approx(paint.share, abs=0.02)


def test_raster_at_any_size(ramp: PopartResult) -> None:
    for size in ((1, 1), (7, 9), (31, 1000)):
        rgb, alpha = ramp.render(size)
        assert rgb.shape == (size[1], size[0], 3) and alpha is None


def test_a_grid_has_a_palette_a_cell(grid: PopartResult) -> None:
    assert len({c.palette.name for c in grid.cells}) == 4
    rgb, _ = grid.render()
    height, width = rgb.shape[:2]
    corners = {tuple(rgb[y, x]) for y in (2, height // 2 + 2) for x in (2, width // 2 + 2)}
    assert len(corners) == 4
    assert grid.svg().count("<use") >= 4 * 6


@pytest.mark.parametrize("mode", ["ramp", "dots", "grid"])
def test_pdf_is_a_page_of_its_own_shape(mode: str, request: pytest.FixtureRequest) -> None:
    data = request.getfixturevalue(mode).pdf()
    assert data.startswith(b"%PDF-") and data.rstrip().endswith(b"%%EOF")
    box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", data)
    assert box and max(float(box[1]), float(box[2])) == pytest.approx(200 / 25.4 * 72, abs=0.5)


def test_the_sheet_numbers_every_segment(ramp: PopartResult) -> None:
    root = ET.fromstring(ramp.sheet_svg("A3"))
    texts = [t.text or "" for t in root.iter(f"{SVG}text")]
    found, numbers = paints(ramp)
    assert len(texts) == len(ramp.geometry.segments) + len(found)
    assert sorted({int(t) for t in texts if t.isdigit()}) == [p.number for p in found]
    assert len(numbers) == len(ramp.geometry.segments)
    assert all(any(p.colours[0] in t for t in texts) for p in found)
    assert root.get("width") == "297mm" and root.get("height") == "420mm"


def test_a_sheet_of_a_grid_lists_the_paints_of_all_cells(grid: PopartResult) -> None:
    root = ET.fromstring(grid.sheet_svg())
    boxes = list(root.iter(f"{SVG}rect"))[1:]
    assert len(boxes) == 4 * 6
    assert grid.sheet_pdf("30x40cm").startswith(b"%PDF-")


def test_a_wide_photo_turns_the_paper(grace: Portrait) -> None:
    root = ET.fromstring(grace.paint(background="#FFFFFF", frame="photo").sheet_svg("297x210mm"))
    assert root.get("width") == "210mm"


@pytest.mark.parametrize("paper", ["A9", "0x0cm", "20x20mm", "wide"])
def test_unknown_papers_are_refused(paper: str) -> None:
    with pytest.raises(InputError):
        paper_size(paper)
