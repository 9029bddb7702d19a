"""Pop art: composed of a real photo by a real desk, coloured anew, and taken away as files."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.studio.browser.answers import StandIn
from tests.studio.browser.conftest import Page, bring

MADE = re.compile(r"Pop art of grace\.jpg · \d+ segments, \d tones")


@pytest.fixture(params=["desktop", "phone"])
def popart(request: pytest.FixtureRequest, open_page: Callable[..., Page], portrait: Path) -> Page:
    """The view with pop art of a portrait."""
    page: Page = open_page(request.param, "#popart")
    bring(page, portrait)
    page.get_by_role("img", name=MADE).wait_for()
    return page


@pytest.fixture
def wide(open_page: Callable[..., Page], portrait: Path) -> Page:
    """The same on a desktop."""
    page: Page = open_page("desktop", "#popart")
    bring(page, portrait)
    page.get_by_role("img", name=MADE).wait_for()
    return page


def _change(page: Page, act: Callable[[], None]) -> dict[str, Any]:
    """What the studio answers to the change that `act` makes."""
    with page.expect_response(
        lambda answer: answer.url.endswith("/api/popart") and answer.request.method == "POST"
    ) as answer:
        act()
    found: dict[str, Any] = answer.value.json()
    assert answer.value.ok, found
    return found | {"asked": answer.value.request.post_data_json}


def test_kind_palette_and_background_are_chosen(popart: Page, axe: Callable[[Page], None]) -> None:
    axe(popart)
    assert popart.get_by_role("radio", name="Ramp").is_checked()
    made = _change(popart, lambda: popart.get_by_role("radio", name="Ocean").check())
    assert made["asked"]["popart"] == {"palette": "ocean"}
    red, green, blue = bytes.fromhex(made["colours"][0].removeprefix("#"))
    assert blue > 2 * red > 2 * green, "ocean begins with a deep blue, however far it was tamed"
    _change(popart, lambda: popart.get_by_role("radio", name="Dots").check())
    made = _change(
        popart, lambda: popart.get_by_role("group", name="Background").get_by_role("radio", name="None").check()
    )
    assert made["asked"]["popart"] == {"palette": "ocean", "mode": "dots", "background": "transparent"}
    axe(popart)
    assert popart.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the window"


def test_single_colour_is_changed_at_once_and_reset(popart: Page, axe: Callable[[Page], None]) -> None:
    before = popart.get_by_role("img", name=MADE).get_attribute("src")
    popart.get_by_text("Change single colours").click()
    made = _change(popart, lambda: popart.get_by_label("Colour 3", exact=True).fill("#0a8f5a"))
    assert made["asked"]["popart"]["palette"].split(",")[2] == "#0a8f5a"
    popart.get_by_role("img", name=MADE).and_(popart.locator(f"img:not([src='{before}'])")).wait_for()
    assert popart.get_by_role("textbox", name="Colour 3, as hexadecimal digits").input_value() == "#0a8f5a"
    assert popart.get_by_role("radio", name="Your colours").is_checked()
    axe(popart)
    made = _change(popart, popart.get_by_role("button", name="Reset colours").click)
    assert made["asked"]["popart"] == {}
    assert popart.get_by_role("region", name="Colours").get_by_role("radio", name="Automatic").is_checked()


def test_of_many_changes_the_newest_wins(wide: Page) -> None:
    asked: list[str] = []
    wide.on("request", lambda one: asked.append(one.post_data) if one.url.endswith("/api/popart") else None)
    wide.get_by_text("Change single colours").click()
    well = wide.get_by_label("Background colour", exact=True)
    for green in range(30):
        well.fill(f"#20{20 + green}ff")
    last = "#2049ff"
    for _ in range(100):
        if (
            asked
            and last in asked[-1]
            and wide.get_by_role("region", name="Picture").get_attribute("aria-busy") == "false"
        ):
            break
        wide.wait_for_timeout(100)
    assert last in asked[-1]
    assert len(asked) < 30, "every step of a knob was asked for"


def test_hexadecimal_digits_are_checked(wide: Page) -> None:
    wide.get_by_text("Change single colours").click()
    field = wide.get_by_role("textbox", name="Colour 2, as hexadecimal digits")
    field.fill("#12")
    assert field.get_attribute("aria-invalid") == "true"
    made = _change(wide, lambda: field.fill("0f0"))
    assert "#00ff00" in made["asked"]["popart"]["palette"]


def test_colours_are_added_and_removed_with_the_tones(wide: Page) -> None:
    wide.get_by_text("Change single colours").click()
    colours = wide.get_by_role("list", name="Colours, dark to light").get_by_role("listitem")
    assert colours.count() == 5
    made = _change(wide, wide.get_by_role("button", name="Add a colour").click)
    assert made["asked"]["popart"]["tones"] == 6
    assert colours.count() == 6
    made = _change(wide, wide.get_by_role("button", name="Remove colour 2", exact=True).click)
    assert (made["asked"]["popart"].get("tones", 5), len(made["colours"]), colours.count()) == (5, 5, 5)
    wide.evaluate("""async () => { const { studio } = await import("/static/js/store.js");
      studio.set({ popart: { palette: "ocean", tones: 3 } }); }""")
    assert colours.count() == 3
    assert wide.get_by_role("button", name="Remove colour 2", exact=True).is_disabled()


def test_panels_of_a_grid_have_palettes_of_their_own(wide: Page) -> None:
    _change(wide, lambda: wide.get_by_role("radio", name="Grid").check())
    made = _change(wide, lambda: wide.get_by_role("group", name="Columns").get_by_role("radio", name="3").check())
    assert made["asked"]["popart"]["grid"] == [3, 2]
    assert wide.get_by_role("group", name="Panel to colour").get_by_role("radio").count() == 6
    wide.get_by_role("radio", name="Panel 5").check()
    made = _change(wide, lambda: wide.get_by_role("radio", name="Cherry").check())
    assert made["asked"]["popart"]["palette"].split(";")[4] == "cherry"
    assert wide.get_by_role("group", name="Background").get_by_role("radio", name="Photo's").is_disabled()
    made = _change(wide, lambda: wide.get_by_role("radio", name="Ramp").check())
    assert ";" not in made["asked"]["popart"]["palette"]


def test_colours_are_taken_from_a_picture(wide: Page, pair: Path) -> None:
    made = _change(wide, lambda: wide.get_by_label("Picture whose colours are taken").set_input_files(pair))
    assert re.fullmatch("[0-9a-f]{16}", made["asked"]["palette_from"])
    assert wide.get_by_role("radio", name="From a picture").is_checked()
    made = _change(wide, lambda: wide.get_by_role("radio", name="Neon").check())
    assert "palette_from" not in made["asked"]


def test_files_are_offered_and_can_be_fetched(wide: Page) -> None:
    downloads = wide.get_by_role("region", name="Downloads")
    for name, begins in (("PNG", b"\x89PNG"), ("SVG", b"<"), ("PDF", b"%PDF"), ("Painting sheet", b"%PDF")):
        link = downloads.get_by_role("link", name=name)
        answer = wide.request.get(wide.evaluate("link => link.href", link.element_handle()))
        assert answer.ok, name
        assert answer.body().startswith(begins), name
    downloads.get_by_role("combobox", name="Paper of the sheet").select_option("Letter")
    link = downloads.get_by_role("link", name="Painting sheet")
    assert str(link.get_attribute("href")).endswith("paper=letter")


def test_kept_in_the_history(wide: Page, studio_url: str) -> None:
    stand_in = StandIn(wide, studio_url)
    made = _change(wide, lambda: wide.get_by_role("radio", name="Teal").check())
    wide.get_by_role("button", name="Keep in history").click()
    wide.get_by_text("It is kept in the history.").wait_for()
    method, path, body = stand_in.asked[-1]
    assert (method, path, body["kind"]) == ("POST", "/api/jobs", "popart")
    # What is kept is what was seen: no colour is made tamer afterwards.
    assert body == made["asked"] | {"decided": made["decided"]}


def test_picture_stays_in_sight_on_a_phone(open_page: Callable[..., Page], portrait: Path) -> None:
    page: Page = open_page("phone", "#popart")
    bring(page, portrait)
    made = page.get_by_role("img", name=MADE)
    made.wait_for()
    page.get_by_role("radio", name="Sunset").scroll_into_view_if_needed()
    page.evaluate("scrollBy(0, 300)")
    box = made.bounding_box()
    assert page.evaluate("scrollY") > 300
    assert box is not None
    assert box["y"] >= 0
    assert box["y"] + box["height"] < 844 / 2


def test_small_picture_leads_back_on_a_phone_that_lies(open_page: Callable[..., Page], portrait: Path) -> None:
    page: Page = open_page("phone", "#popart")
    page.set_viewport_size({"width": 844, "height": 390})
    bring(page, portrait)
    page.get_by_role("img", name=MADE).wait_for()
    back = page.get_by_role("button", name="Back to the picture")
    assert not back.is_visible()
    page.get_by_role("radio", name="Sunset").scroll_into_view_if_needed()
    back.click()
    page.get_by_role("img", name=MADE).wait_for()
    back.wait_for(state="hidden")


def test_what_cannot_be_is_told_in_words(wide: Page, allowed: list[str]) -> None:
    allowed.append("422")
    with wide.expect_response("**/api/popart"):
        wide.evaluate("""async () => { const { studio } = await import("/static/js/store.js");
          studio.set({ popart: { palette: "purple haze" } }); }""")
    assert "purple haze" in wide.get_by_role("alert").filter(has_text="palette").inner_text()
