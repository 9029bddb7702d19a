"""What a newcomer stumbled over: equal jobs, duplicates, refusals out of sight, bars over fields, words that are too long."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.studio.browser.answers import StandIn
from tests.studio.browser.conftest import Page, Server, bring
from tests.studio.browser.test_paint import _ready, painted
from tests.studio.browser.test_styles import wait_for

pytestmark = pytest.mark.slow  # the whole way is walked by the others; here the page alone is tried at length


def test_wild_clicks_make_one_job_and_equal_settings_make_no_equal_picture(
    open_page: Callable[..., Page], portrait: Path
) -> None:
    page, painter = _ready(open_page, portrait)
    painted(page, painter)
    button = page.get_by_role("button", name="This is being painted")
    for _ in range(5):
        button.click()
    assert len(painter.submitted) == 1
    painter.done(painter.last)
    page.get_by_text(re.compile("Equal settings give the very same picture")).wait_for()
    page.get_by_role("button", name=re.compile("^Paint another one")).click()
    wait_for(page, lambda: len(painter.submitted) == 2)
    assert "seed" in painter.submitted[1]["settings"]


def test_the_same_picture_twice_is_told_and_counted_once(
    open_page: Callable[..., Page], portrait: Path, tmp_path: Path
) -> None:
    page = open_page("desktop", "#many")
    files = [tmp_path / "p03.jpg", tmp_path / "p04.jpg"]
    for file in files:
        file.write_bytes(portrait.read_bytes())
    page.get_by_label("Photo files").set_input_files(files)
    page.get_by_role("heading", name="One photo (one more file is the same)").wait_for()
    page.get_by_text(re.compile(r"Same picture as p0\d\.jpg")).wait_for()
    page.get_by_role("button", name="Paint one photo").wait_for()


def test_all_that_wait_are_cancelled_and_leave_no_tiles(open_page: Callable[..., Page], studio_url: str) -> None:
    stand_in = StandIn(open_page("desktop", None), studio_url)
    stand_in.job("Done")
    for number in range(3):
        stand_in.job(f"Waits {number}", "waiting", place=number + 1)
    page = stand_in.go("#history")
    page.get_by_role("button", name=re.compile("^Queue: 3")).click()
    page.get_by_role("button", name="Cancel all that wait").click()
    page.get_by_text("Nothing waits to be painted.").wait_for()
    pictures = page.get_by_role("list", name="Pictures").get_by_role("link")
    wait_for(page, lambda: pictures.count() == 1)


def test_photos_are_deleted_from_the_page(open_page: Callable[..., Page], nobody: Path) -> None:
    page = open_page("desktop")
    bring(page, nobody)
    page.reload()
    page.get_by_role("button", name=f"Delete {nobody.name} from the studio").first.click()
    page.get_by_role("button", name=f"Use {nobody.name} again").wait_for(state="detached")
    page.goto(page.url.split("#")[0] + "#history")
    page.get_by_text(re.compile(r"^Space: .* of .* taken$")).click()
    page.get_by_role("button", name=re.compile("that nothing needs")).wait_for()


def test_the_main_button_of_pop_art_is_whole_and_covers_no_field(
    open_page: Callable[..., Page], portrait: Path
) -> None:
    page = open_page("phone", "#popart")
    bring(page, portrait)
    page.get_by_role("img", name=re.compile("^Pop art of")).wait_for()
    keep = page.get_by_role("button", name="Keep in history")
    for place in (0, 1500):
        page.evaluate("(y) => scrollTo(0, y)", place)
        page.wait_for_timeout(300)
        box = keep.bounding_box()
        assert box and box["y"] + box["height"] <= 844
    small = page.get_by_role("button", name="Back to the picture")
    if small.is_visible():  # it stands in the bar
        box, bar = small.bounding_box(), keep.bounding_box()
        assert abs(box["y"] + box["height"] / 2 - bar["y"] - bar["height"] / 2) < 30, "it floats over fields"


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_studio_that_is_gone_is_told_and_found_again(
    open_page: Callable[..., Page], server: Server, allowed: list[str], size: str
) -> None:
    allowed += ["ERR_", "503", "Failed to load"]
    page = open_page(size, None)
    with page.expect_response("**/api/events"):  # the page listens
        page.goto(f"{server.url}/")
    server.kill()
    gone = page.get_by_role("banner").get_by_text("The studio is not running.")
    try:
        gone.wait_for()
    finally:
        server.start()
    gone.wait_for(state="hidden")
