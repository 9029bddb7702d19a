"""Animated SVG: each drawing shows for its time, what is the same is written once, and browsers agree."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from portrait_nst.errors import InputError
from portrait_nst.pop_art import PopartSettings, moving
from portrait_nst.pop_art.composition import Composition
from portrait_nst.pop_art.render import raster
from portrait_nst.video.svg import AnimatedSvg
from tests.video.sitter import frames

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def drawings() -> list[Composition]:
    """Two drawings of a sitter who has moved by 12 px."""
    settings = PopartSettings(frame="photo", likeness=False)
    found = [moving.View(seen.rgb, seen.alpha, seen.faces) for seen in frames(2, step=12)]
    settled = moving.settle(found, settings)
    assert settled is not None
    made = [moving.divided(view, settings, settled) for view in found]
    return [each.drawn() for each in made if each is not None]


def animated(*shown: tuple[Composition, float]) -> AnimatedSvg:
    svg = AnimatedSvg()
    for drawing, seconds in shown:
        svg.add(drawing, seconds)
    return svg


def test_every_drawing_shows_for_its_time(drawings: list[Composition]) -> None:
    root = ET.fromstring(animated((drawings[0], 0.12), (drawings[1], 0.36)).text())
    found = {(a.get("values"), a.get("keyTimes"), a.get("dur")) for a in root.iter(f"{SVG}animate")}
    assert found == {("inline;none", "0;0.25", "0.48s"), ("none;inline", "0;0.25", "0.48s")}
    assert all(a.get("repeatCount") == "indefinite" for a in root.iter(f"{SVG}animate"))
    assert not list(root.iter(f"{SVG}script"))


def test_the_same_drawing_again_goes_on_and_is_written_once(drawings: list[Composition]) -> None:
    one = animated((drawings[0], 0.1)).text()
    assert "<animate" not in one
    assert animated((drawings[0], 0.04), (drawings[0], 0.06)).text() == one
    back = animated((drawings[0], 0.1), (drawings[1], 0.1), (drawings[0], 0.1)).text()
    assert len(back) < 1.1 * len(animated((drawings[0], 0.1), (drawings[1], 0.1)).text())
    assert 'values="inline;none;inline" keyTimes="0;0.33333;0.66667"' in back


def test_where_nobody_is_nothing_shows(drawings: list[Composition]) -> None:
    svg = AnimatedSvg()
    for drawing, seconds in ((None, 0.1), (drawings[0], 0.2), (None, 0.05), (None, 0.05)):
        svg.add(drawing, seconds)
    root = ET.fromstring(svg.text())
    found = {(a.get("values"), a.get("keyTimes"), a.get("dur")) for a in root.iter(f"{SVG}animate")}
    assert found == {("none;inline;none", "0;0.25;0.75", "0.4s")}


def test_it_is_saved_whole(drawings: list[Composition], tmp_path: Path) -> None:
    path = animated((drawings[0], 0.1)).save(tmp_path / "me.svg")
    assert path.read_text().startswith("<svg")
    with pytest.raises(InputError):
        animated((drawings[0], 0.1)).save(path)


def test_what_is_no_drawing_is_refused(drawings: list[Composition]) -> None:
    with pytest.raises(InputError, match="nobody"):
        AnimatedSvg().text()
    for settings in (PopartSettings(background="keep", frame="photo"), PopartSettings(mode="dots")):
        kept = Composition(
            drawings[0].partition, drawings[0].colourings, settings, drawings[0].photo, drawings[0].matte
        )
        with pytest.raises(InputError, match="drawings only"):
            animated((kept, 0.1))


@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium")
def test_a_browser_shows_one_after_the_other(drawings: list[Composition], tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    path = animated((drawings[0], 0.12), (drawings[1], 0.12)).save(tmp_path / "me.svg")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        page = browser.new_page(viewport={"width": 128, "height": 128})
        page.goto(path.as_uri())
        for seconds, drawing in ((0.05, drawings[0]), (0.2, drawings[1]), (0.29, drawings[0])):
            page.evaluate(
                "t => { const s = document.documentElement; s.pauseAnimations(); s.setCurrentTime(t) }", seconds
            )
            page.screenshot(path=tmp_path / "shot.png")
            shown = np.asarray(Image.open(tmp_path / "shot.png").convert("RGB")).astype(int)
            expected, _ = raster.render(drawing, (128, 128))
            assert (np.abs(shown - expected).max(axis=2) > 48).mean() < 0.03
        browser.close()
