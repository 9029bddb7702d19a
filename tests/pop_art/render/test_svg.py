"""The picture as SVG: ids and titles, small, and the same picture as the raster."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from portrait_nst.pop_art import PopartResult
from portrait_nst.types import UInt8Array

SVG = "{http://www.w3.org/2000/svg}"


def differing(one: UInt8Array, other: UInt8Array) -> float:
    """The share of the pixels that differ by more than an eighth of the range in any channel."""
    return float((np.abs(one[..., :3].astype(int) - other[..., :3]).max(axis=2) > 32).mean())


def test_svg_has_a_path_with_id_and_title_for_each_segment(ramp: PopartResult) -> None:
    root = ET.fromstring(ramp.svg())
    groups = {g.get("id"): g for g in root.iter(f"{SVG}g")}
    paths = [p for name, g in groups.items() if name != "underlay" for p in g.iter(f"{SVG}path")]
    assert len(paths) == len(ramp.partition.segments)
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
