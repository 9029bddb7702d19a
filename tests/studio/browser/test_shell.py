"""The page as a whole: its views, landmarks and schemes, by keyboard, on narrow windows and with large text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.studio.browser.conftest import Page, bring

VIEWS = {"Paint": "paint", "Pop art": "popart", "Live": "live", "Many & films": "many", "History": "history"}
WIDTHS = "[document.documentElement.scrollWidth, innerWidth]"


@pytest.mark.parametrize(
    ("size", "scheme"),
    [
        ("desktop", "light"),
        ("phone", "dark"),
        pytest.param("desktop", "dark", marks=pytest.mark.slow),
        pytest.param("phone", "light", marks=pytest.mark.slow),
    ],
)
def test_every_view_has_landmarks_and_nothing_serious(
    open_page: Callable[..., Page], axe: Callable[[Page], None], size: str, scheme: str
) -> None:
    page = open_page(size, color_scheme=scheme)
    for name in VIEWS:
        page.get_by_role("navigation", name="Studio").get_by_role("link", name=name, exact=True).click()
        page.wait_for_function("word => document.title.startsWith(word)", arg=name.split()[0])
        page.wait_for_timeout(200)
        current = page.get_by_role("navigation").get_by_role("link", name=name, exact=True)
        assert current.get_attribute("aria-current") == "page"
        assert page.get_by_role("main").count() == page.get_by_role("banner").count() == 1
        axe(page)


def test_views_are_reached_by_keyboard_and_address(open_page: Callable[..., Page]) -> None:
    page = open_page("desktop", "#history")
    page.get_by_role("heading", level=1, name="History").wait_for(state="attached")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement === document.querySelector('main')"), "the skip link does not skip"
    page.get_by_role("link", name="Paint", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Choose a photo").wait_for()
    page.go_back()
    page.get_by_role("heading", level=1, name="History").wait_for(state="attached")


def test_narrow_window_needs_no_sideways_scrolling(open_page: Callable[..., Page], portrait: Path) -> None:
    page = open_page("phone", None)
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/")
    page.get_by_role("heading", level=1).first.wait_for(state="attached")
    bring(page, portrait)
    for name in VIEWS:
        page.get_by_role("navigation", name="Studio").get_by_role("link", name=name, exact=True).click()
        page.wait_for_function("word => document.title.startsWith(word)", arg=name.split()[0])
        page.wait_for_timeout(200)
        content, window = page.evaluate(WIDTHS)
        assert content <= window, name


def test_text_can_be_twice_as_large(open_page: Callable[..., Page], portrait: Path) -> None:
    page = open_page("desktop")
    bring(page, portrait)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.wait_for_timeout(300)
    content, window = page.evaluate(WIDTHS)
    assert content <= window
    button = page.get_by_role("button", name="Correct the mask")
    assert button.evaluate("one => one.scrollWidth <= one.clientWidth + 1"), "its words are cut off"


def test_studio_that_does_not_answer_is_told_in_words(desktop: Page, portrait: Path, allowed: list[str]) -> None:
    allowed.append("ERR_FAILED")
    desktop.get_by_role("button", name="Choose a photo").wait_for()
    desktop.route("**/api/photos?*", lambda route: route.abort())
    desktop.get_by_label("Photo file").set_input_files(portrait)
    stage = desktop.get_by_role("region", name="Photo and painting")
    stage.get_by_text("Is `portrait-nst studio` still running?").wait_for()
