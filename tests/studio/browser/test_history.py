"""The history: found, looked at, starred, named, deleted and brought back, compared, and used again."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.studio.browser.answers import Make, StandIn
from tests.studio.browser.conftest import Page

pytestmark = pytest.mark.slow  # the whole way is walked by the others; here the page alone is tried at length


@pytest.fixture
def make(open_page: Callable[..., Page], studio_url: str) -> Make:
    """`make("phone")` gives a stand-in whose page is of that size."""
    return lambda size="desktop", **options: StandIn(open_page(size, None, **options), studio_url)


def _pictures(page: Page) -> list[str]:
    # Badges stand before the title, the kind and the date after it.
    return [
        one.inner_text().split("\n")[-2] for one in page.get_by_role("list", name="Pictures").get_by_role("link").all()
    ]


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_newest_stands_first_and_more_come_while_one_scrolls(
    make: Make, size: str, axe: Callable[[Page], None]
) -> None:
    stand_in = make(size)
    for number in range(70):
        stand_in.job(f"Portrait {number}")
    page = stand_in.go("#history")
    links = page.get_by_role("list", name="Pictures").get_by_role("link")
    links.first.wait_for()
    assert _pictures(page)[:2] == ["Portrait 69", "Portrait 68"]
    axe(page)
    for _ in range(12):
        page.mouse.wheel(0, 5000) if size == "desktop" else page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.wait_for_timeout(100)
        if links.count() == 70:
            break
    assert links.count() == 70
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the window"


def test_filters_and_search_show_what_they_say(make: Make) -> None:
    stand_in = make()
    for number in range(3):
        stand_in.job(f"Anna {number}")
    stand_in.job("Bert", kind="popart")
    stand_in.job("Clip", kind="video")
    stand_in.job("Lost", "failed", error="The memory does not suffice.")
    stand_in.job("Best", starred=True)
    page = stand_in.go("#history")
    page.get_by_role("link", name="Bert").wait_for()
    expected = {"Pop art": ["Bert"], "Films": ["Clip"], "Starred": ["Best"], "Failed": ["Lost"]}
    for name, titles in expected.items():
        page.get_by_role("radio", name=name).check()
        assert _pictures(page) == titles
    page.get_by_role("radio", name="All").check()
    page.get_by_role("searchbox", name="Search titles and styles").fill("anna 1")
    assert _pictures(page) == ["Anna 1"]
    page.get_by_role("searchbox", name="Search titles and styles").fill("impasto bes")
    assert _pictures(page) == ["Best"]
    page.get_by_role("searchbox", name="Search titles and styles").fill("nobody")
    page.get_by_text("Nothing is called “nobody”.").wait_for()


def test_empty_history_invites_to_paint(make: Make, axe: Callable[[Page], None]) -> None:
    page = make("phone", color_scheme="dark").go("#history")
    page.get_by_role("heading", name="Nothing hangs here yet").wait_for()
    axe(page)
    page.get_by_role("link", name="Paint a portrait").click()
    page.wait_for_url("**/#paint")


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_picture_tells_how_it_was_made(make: Make, size: str, axe: Callable[[Page], None]) -> None:
    stand_in = make(size)
    job = stand_in.job("Grace")
    page = stand_in.go("#history")
    page.get_by_role("link", name="Grace").click()
    panel = page.get_by_role("region", name="About the picture")
    panel.get_by_text("Clearly the same person.").wait_for()
    assert panel.get_by_role("definition").all_inner_texts() == ["Painting", "Impasto", "Everybody", "0.7"]
    link = panel.get_by_role("link", name="PNG with recipe")
    assert link.get_attribute("href") == f"/api/jobs/{job['id']}/result.png?download=1"
    panel.get_by_text("As JSON").click()
    page.get_by_label("Recipe as JSON").get_by_text("recipe_version").wait_for()
    axe(page)


def test_title_and_star_are_kept(make: Make) -> None:
    stand_in = make()
    job = stand_in.job("Grace")
    page = stand_in.go(f"#history/{job['id']}")
    title = page.get_by_role("textbox", name="Title")
    title.fill("Admiral")
    title.press("Enter")
    page.get_by_role("button", name="Star", exact=True).click()
    page.get_by_role("button", name="Star", exact=True, pressed=True).wait_for()
    assert (job["title"], job["starred"]) == ("Admiral", True)
    page.get_by_role("link", name="History").last.click()
    page.get_by_role("link", name="Admiral").get_by_text("Starred").wait_for(state="attached")


def test_deleted_picture_comes_back_by_undo_and_is_gone_after_some_seconds(make: Make) -> None:
    stand_in = make()
    keep, lose = stand_in.job("Keep"), stand_in.job("Lose")
    stand_in.page.clock.install()
    page = stand_in.go(f"#history/{keep['id']}")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("link", name="Lose").wait_for()
    assert _pictures(page) == ["Lose"]
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("link", name="Keep").wait_for()
    page.get_by_role("link", name="Lose").click()
    page.get_by_role("button", name="Delete").click()
    assert not stand_in.forget(lose["id"])
    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        page.clock.fast_forward(8500)
    assert stand_in.forget(lose["id"])
    assert not stand_in.forget(keep["id"])
    assert _pictures(page) == ["Keep"]


def test_failed_one_says_why_and_is_tried_again(make: Make) -> None:
    stand_in = make("phone")
    job = stand_in.job("Lost", "failed", error="The memory does not suffice; choose a smaller size.")
    page = stand_in.go(f"#history/{job['id']}")
    page.get_by_text("The memory does not suffice; choose a smaller size.").wait_for()
    page.get_by_role("button", name="Try again").click()
    page.get_by_text("Waiting").first.wait_for()
    method, path, body = stand_in.asked[-1]
    assert (method, path, body["title"], body["style"]) == ("POST", "/api/jobs", "Lost", job["request"]["style"])


def test_again_puts_photo_style_and_settings_back(make: Make) -> None:
    stand_in = make()
    job = stand_in.job("Grace", request={"settings": {"strength": 0.9, "person": "largest"}})
    page = stand_in.go(f"#history/{job['id']}")
    page.get_by_role("button", name="Again with").click()
    page.wait_for_url("**/#paint")
    kept = page.evaluate(
        """async () => { const { studio } = await import("/static/js/store.js");
        return [studio.get("photo").id, studio.get("style"), studio.get("settings"), studio.get("person")]; }"""
    )
    assert kept == [job["request"]["photo"], job["request"]["style"], {"strength": 0.9}, "largest"]


def test_again_without_the_photo_says_so_and_keeps_the_rest(make: Make, allowed: list[str]) -> None:
    allowed.append("404")
    stand_in = make()
    job = stand_in.job("Grace", kind="popart", request={"popart": {"tones": 7}})
    stand_in.photos.clear()
    page = stand_in.go(f"#history/{job['id']}")
    page.get_by_role("button", name="Again with").click()
    page.get_by_text("The photo is no longer on this machine").wait_for()
    page.wait_for_url("**/#popart")
    assert page.get_by_role("slider", name="Tones").input_value() == "7"


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_two_are_compared_zoomed_together(make: Make, size: str, axe: Callable[[Page], None]) -> None:
    stand_in = make(size)
    stand_in.job("One")
    stand_in.job("Two", request={"settings": {"strength": 0.2}})
    stand_in.job("Film", kind="video")
    page = stand_in.go("#history")
    page.get_by_role("button", name="Compare two").click()
    page.get_by_text("Choose two pictures.").wait_for()
    page.wait_for_timeout(300)  # until the button, which the pointer is over, has its colour
    axe(page)
    assert page.get_by_role("button", name="Film").is_disabled()
    page.get_by_role("button", name="One").click()
    page.get_by_text("Choose one more.").wait_for()
    page.get_by_role("button", name="Two").last.click()
    page.get_by_role("heading", name="Two pictures").wait_for()
    assert page.get_by_role("row", name=re.compile("Strength")).get_by_role("cell").all_inner_texts() == ["0.7", "0.2"]
    windows = page.get_by_role("group", name=re.compile("arrows move both"))
    windows.first.focus()
    page.keyboard.press("+")
    page.keyboard.press("ArrowRight")
    moves = [one.evaluate("one => one.firstChild.style.transform") for one in windows.all()]
    assert moves[0] == moves[1] != ""
    assert "scale(1.5)" in moves[0]
    axe(page)
    page.get_by_role("radio", name="With a slider").check()
    page.get_by_role("group", name="Compare: One and Two").wait_for()


def test_unknown_picture_leads_back(make: Make, allowed: list[str]) -> None:
    allowed.append("404")
    page = make().go(f"#history/{'f' * 16}")
    page.get_by_role("heading", name="Not in the history").wait_for()
    page.get_by_role("link", name="To the history").click()
    page.get_by_role("heading", name="Nothing hangs here yet").wait_for()


def test_job_that_becomes_done_changes_under_the_eyes(make: Make) -> None:
    stand_in = make()
    job = stand_in.job(
        "Grace", "running", progress={"share": 0.4, "seconds_left": 20.0, "preview": 0, "phase": "painting", "note": ""}
    )
    page = stand_in.go(f"#history/{job['id']}")
    page.get_by_text("Painting, 40 %, 20 s left").wait_for()
    done = stand_in.job("Grace")
    job.update(state="done", progress=None, result=done["result"])
    stand_in.tell(job)
    page.get_by_role("link", name="PNG with recipe").wait_for()
