"""From the main button to the finished picture: forecast, progress, stop and keep, cancel, the queue, before and after."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.studio.browser.conftest import Page, bring
from tests.studio.browser.stand_in import Painter, painted_by
from tests.studio.browser.test_styles import wait_for, wall

pytestmark = pytest.mark.slow  # the whole way is walked by the others; here the page alone is tried at length


@pytest.fixture(params=["desktop", "phone"])
def ready(request: pytest.FixtureRequest, open_page: Callable[..., Page], portrait: Path) -> tuple[Page, Painter]:
    """The Paint view with a photo and the style mosaic, and who paints."""
    return _ready(open_page, portrait, request.param)


@pytest.fixture
def desk(open_page: Callable[..., Page], portrait: Path) -> tuple[Page, Painter]:
    """The same on a desktop only."""
    return _ready(open_page, portrait)


def _ready(open_page: Callable[..., Page], portrait: Path, size: str = "desktop") -> tuple[Page, Painter]:
    page, painter = painted_by(open_page, size)
    bring(page, portrait)
    wall(page).get_by_role("radio", name="Mosaic").check()
    page.get_by_role("button", name="Paint · about 40 s").wait_for()
    return page, painter


def painted(page: Page, painter: Painter) -> Any:
    """A job that was asked for and runs: the group that tells of it."""
    page.get_by_role("button", name=re.compile("^Paint")).click()
    wait_for(page, lambda: painter.submitted)
    painter.running(painter.last)
    work = page.get_by_role("group", name="The painting in work")
    work.wait_for()
    return work


def test_main_button_says_what_is_missing(open_page: Callable[..., Page], portrait: Path) -> None:
    page, painter = painted_by(open_page)
    page.get_by_role("button", name="Bring a photo first").wait_for()
    bring(page, portrait)
    button = page.get_by_role("button", name="Pick a style first")
    button.click(force=True)
    assert button.get_attribute("aria-disabled") == "true"
    assert not painter.submitted


def test_main_button_is_always_within_reach_of_a_thumb(open_page: Callable[..., Page], portrait: Path) -> None:
    page, _ = _ready(open_page, portrait, "phone")
    for place in (0, 1500, 100_000):
        page.evaluate("(y) => scrollTo(0, y)", place)
        box = page.get_by_role("button", name="Paint · about 40 s").bounding_box()
        assert 422 < box["y"] < 844 - box["height"]
        assert box["height"] >= 44


def test_qualities_tell_their_time(desk: tuple[Page, Painter]) -> None:
    page, painter = desk
    quality = page.get_by_role("group", name="Quality")
    for words in ("~ 2 s", "~ 15 s", "~ 40 s", "~ 3 min"):
        quality.get_by_text(words).wait_for()
    quality.get_by_role("radio", name="Fine").check()
    page.get_by_role("button", name="Paint · about 3 min").click()
    wait_for(page, lambda: painter.submitted)
    assert painter.submitted[-1]["settings"] == {"quality": "fine"}
    assert painter.submitted[-1]["style"] == [{"style": "mosaic", "share": 1}]


def test_painting_runs_and_is_done(ready: tuple[Page, Painter], axe: Callable[[Page], None]) -> None:
    page, painter = ready
    work = painted(page, painter)
    work.get_by_text("40 % · 24 s left").wait_for()
    assert work.get_by_role("progressbar").is_visible()
    page.get_by_role("img", name=re.compile("^Painting, 40 %")).wait_for()
    axe(page)
    painter.done(painter.last, notes=["The photo is small."])
    done = page.get_by_role("region", name="The finished picture")
    done.get_by_role("heading", name="Your picture").wait_for()
    assert done.get_by_text("Friends will know who it is.").is_visible()
    assert done.get_by_text("The photo is small.").is_visible()
    assert done.get_by_role("link", name="PNG with recipe").get_attribute("href").endswith("/result.png?download=1")
    assert done.get_by_role("link", name="JPEG").get_attribute("href").endswith("/result.jpg?download=1")
    page.get_by_role("slider", name="Photo left, Painting right of the line").wait_for()
    axe(page)


def test_star_and_again_with(desk: tuple[Page, Painter]) -> None:
    page, painter = desk
    painted(page, painter)
    painter.done(painter.last)
    page.get_by_role("button", name="Star").click()
    page.get_by_role("button", name="Star", pressed=True).wait_for()
    assert painter.jobs[painter.last]["starred"]
    page.get_by_text("Again with").click()
    page.get_by_role("button", name="more style").click()
    wait_for(page, lambda: len(painter.submitted) == 2)
    assert painter.submitted[-1]["settings"] == {"strength": 0.65}
    assert page.get_by_role("slider", name="Strength").get_attribute("aria-valuetext") == "65 %"


def test_stop_and_keep(desk: tuple[Page, Painter]) -> None:
    page, painter = desk
    painted(page, painter).get_by_role("button", name="Stop and keep").click()
    done = page.get_by_role("region", name="The finished picture")
    done.get_by_text("stopped early").wait_for()


def test_cancel(desk: tuple[Page, Painter]) -> None:
    page, painter = desk
    work = painted(page, painter)
    work.get_by_role("button", name="Cancel").click()
    work.wait_for(state="hidden")
    assert painter.jobs[painter.last]["state"] == "cancelled"
    page.get_by_role("button", name="Paint · about 40 s").wait_for()


def test_place_in_the_queue(desk: tuple[Page, Painter]) -> None:
    page, painter = desk
    photo = {"kind": "popart", "photo": "0" * 16, "settings": {}}
    painter.running(painter.add(photo, kind="popart")["id"])
    painter.add(photo, kind="popart")
    page.get_by_role("button", name=re.compile("^Paint")).click()
    wait_for(page, lambda: painter.submitted)
    painter.change(painter.last, starts_in=170.0)
    waits = page.get_by_role("group", name="The painting that waits")
    waits.get_by_text("Mosaic: 2nd in line, starts in about 3 min").wait_for()
    page.get_by_role("button", name="Queue: 3 in work").click()
    queue = page.get_by_role("dialog", name="Queue")
    assert queue.get_by_role("listitem").count() == 3
    assert queue.get_by_text("Next in line").is_visible()
    queue.get_by_role("button", name="Cancel Mosaic").click()
    waits.wait_for(state="hidden")
    assert queue.get_by_role("listitem").count() == 2
    page.keyboard.press("Escape")
    assert not queue.is_visible()


def test_reload_finds_the_painting_again(desk: tuple[Page, Painter]) -> None:
    page, painter = desk
    page.get_by_role("group", name="Quality").get_by_role("radio", name="Draft").check()
    painted(page, painter)
    page.reload()
    page.get_by_role("group", name="The painting in work").get_by_text("40 % · 24 s left").wait_for()
    page.get_by_role("img", name=re.compile("^Painting, 40 %")).wait_for()
    assert wall(page).get_by_role("radio", name="Mosaic").is_checked()
    assert page.get_by_role("group", name="Quality").get_by_role("radio", name="Draft").is_checked()


def test_reload_finds_the_finished_picture_again(desk: tuple[Page, Painter]) -> None:
    page, painter = desk
    painted(page, painter)
    painter.done(painter.last)
    page.get_by_role("heading", name="Your picture").wait_for()
    page.reload()
    page.get_by_role("heading", name="Your picture").wait_for()
    page.get_by_role("slider", name="Photo left, Painting right of the line").wait_for()


def test_another_view_and_back(desk: tuple[Page, Painter]) -> None:
    page, painter = desk
    painted(page, painter)
    previews = len(painter.previews)
    page.get_by_role("link", name="History").click()
    page.get_by_role("link", name="Paint", exact=True).click()
    page.get_by_role("group", name="The painting in work").wait_for()
    page.get_by_role("img", name=re.compile("^Painting, 40 %")).wait_for()
    assert len(painter.previews) == previews, "what is shown again is no change"


def test_knob_shows_the_newest_preview(desk: tuple[Page, Painter]) -> None:
    page, painter = desk
    painted(page, painter)
    page.get_by_role("slider", name="Strength").fill("0.8")
    page.get_by_role("img", name="Preview").wait_for()
    assert painter.previews[-1]["settings"] == {"strength": 0.8}
    assert painter.previews[-1]["client"]
    # The painting goes on, and can be looked at again.
    page.get_by_role("button", name="Watch").click()
    page.get_by_role("img", name=re.compile("^Painting, 40 %")).wait_for()


def test_failed_painting_says_why(desk: tuple[Page, Painter]) -> None:
    page, painter = desk
    painted(page, painter)
    painter.change(painter.last, state="failed", place=None, error="The memory ran out. Choose a lower quality.")
    page.get_by_role("alert").filter(has_text="The memory ran out. Choose a lower quality.").wait_for()
    assert page.get_by_role("button", name="Paint · about 40 s").is_visible()


def test_refused_setting_is_told_at_its_knob(desk: tuple[Page, Painter], allowed: list[str]) -> None:
    allowed.append("422")
    page, painter = desk
    painter.problem = {"error": "A goal of likeness is not for instant.", "field": "likeness"}
    page.get_by_role("button", name="Paint · about 40 s").click()
    page.get_by_role("group", name="Likeness").get_by_text("A goal of likeness is not for instant.").wait_for()
    page.get_by_role("group", name="Likeness").get_by_role("radio", name="Bold").check()
    page.get_by_role("group", name="Likeness").get_by_text("A goal of likeness").wait_for(state="hidden")


def finished(page: Page, painter: Painter) -> Any:
    painted(page, painter)
    painter.done(painter.last)
    line = page.get_by_role("slider", name="Photo left, Painting right of the line")
    line.wait_for()
    return line


def test_line_moves_by_keys(desk: tuple[Page, Painter]) -> None:
    page, painter = desk
    line = finished(page, painter)
    assert line.get_attribute("aria-valuenow") == "50"
    line.focus()
    page.keyboard.press("ArrowLeft")
    assert 30 < float(line.get_attribute("aria-valuenow")) < 50  # it moves as long as the key is down
    page.keyboard.press("End")
    assert line.get_attribute("aria-valuetext") == "100 % Photo"


def test_zoom_keeps_both_pictures_aligned(ready: tuple[Page, Painter]) -> None:
    page, painter = ready
    line = finished(page, painter)
    sides = [line.get_by_role("img", name=name) for name in ("Photo", "Painting")]
    fit = [sides[0].bounding_box()[side] for side in ("width", "height")]
    page.get_by_role("group", name="Zoom").get_by_role("radio", name="200").check()
    line.focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowDown")
    one, two = (side.bounding_box() for side in sides)
    assert one == two
    ratio = page.evaluate("devicePixelRatio")
    assert one["width"] == pytest.approx(341 * 2 / ratio, abs=0.5)
    box = line.bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 10, box["y"] + 20)
    page.mouse.up()
    moved = [side.bounding_box() for side in sides]
    assert moved[0] == moved[1]
    assert line.get_attribute("aria-valuenow") == "50", "the picture was moved, not the line"
    page.keyboard.press("0")
    assert [sides[1].bounding_box()[side] for side in ("width", "height")] == fit
