"""The wall of styles: one is chosen, several are mixed, own ones are brought, and all are seen on the photo."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.studio.browser.conftest import Page, bring
from tests.studio.browser.stand_in import Painter, painted_by

pytestmark = pytest.mark.slow  # the whole way is walked by the others; here the page alone is tried at length

HAND = """(wall, [bytes, name, event]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0))], name, { type: "image/png" }));
  wall.dispatchEvent(event === "paste" ? new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true })
    : new DragEvent(event, { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


@pytest.fixture(params=["desktop", "phone"])
def studio(request: pytest.FixtureRequest, open_page: Callable[..., Page], portrait: Path) -> tuple[Page, Painter]:
    """The Paint view with a photo, and who paints."""
    page, painter = painted_by(open_page, request.param)
    bring(page, portrait)
    return page, painter


@pytest.fixture
def desk(open_page: Callable[..., Page], portrait: Path) -> tuple[Page, Painter]:
    """The same on a desktop only."""
    page, painter = painted_by(open_page)
    bring(page, portrait)
    return page, painter


def wall(page: Page) -> Any:
    return page.get_by_role("group", name="Styles", exact=True)


def wait_for(page: Page, ready: Callable[[], object]) -> None:
    """Until `ready` says so; meanwhile the page's requests are answered."""
    for _ in range(200):
        if ready():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it did not come")


def test_style_is_chosen_and_seen(studio: tuple[Page, Painter], axe: Callable[[Page], None]) -> None:
    page, painter = studio
    tiles = wall(page).get_by_role("radio")
    tiles.first.wait_for(state="attached")
    assert tiles.count() == 14
    wall(page).get_by_role("radio", name="Woodcut").check()
    assert page.get_by_text("Woodcut: gouge cuts in gold, red, teal and black").is_visible()
    page.get_by_role("img", name="Preview").wait_for()
    assert painter.previews[-1]["style"] == [{"style": "woodcut", "share": 1}]
    assert painter.previews[-1]["longest"] == 512
    axe(page)


def test_wall_is_one_screen_of_a_phone(open_page: Callable[..., Page]) -> None:
    phone, _ = painted_by(open_page, "phone")
    wall(phone).get_by_role("radio").first.wait_for(state="attached")
    assert wall(phone).bounding_box()["height"] < 500


def test_arrow_keys_choose(desk: tuple[Page, Painter]) -> None:
    page, _ = desk
    wall(page).get_by_role("radio", name="Mosaic").check()
    page.keyboard.press("ArrowRight")
    assert wall(page).get_by_role("radio", name="Oil").is_checked()


def test_mix_has_shares_in_percent(desk: tuple[Page, Painter]) -> None:
    page, painter = desk
    wall(page).get_by_role("radio", name="Mosaic").check()
    page.get_by_role("button", name="Mix", exact=True).click()
    wall(page).get_by_role("checkbox", name="Ink wash").check()
    shares = page.get_by_role("group", name="Shares of the mix")
    assert shares.get_by_text("50 %").count() == 2
    shares.get_by_role("slider", name="Ink wash").fill("25")
    assert shares.get_by_text("33 %").count() == 1
    assert shares.get_by_role("slider", name="Mosaic").get_attribute("aria-valuetext") == "67 percent"
    wait_for(
        page,
        lambda: (
            painter.previews
            and painter.previews[-1]["style"] == [{"style": "mosaic", "share": 1}, {"style": "ink_wash", "share": 0.5}]
        ),
    )
    shares.get_by_role("button", name="Take Mosaic out of the mix").click()
    assert not shares.is_visible()
    assert wall(page).get_by_role("checkbox", name="Ink wash").is_checked()


def test_own_style_is_brought_and_removed(
    desk: tuple[Page, Painter], portrait: Path, axe: Callable[[Page], None]
) -> None:
    page, painter = desk
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add your own").click()
    chooser.value.set_files(portrait)
    wall(page).get_by_role("radio", name="waves").wait_for(state="attached")
    assert wall(page).get_by_role("radio", name="waves").is_checked()
    # Nothing was learned for it: that is offered, and asked for at once.
    page.get_by_role("button", name="Learn it").click()
    wait_for(page, lambda: painter.submitted)
    assert painter.submitted[-1]["settings"] == {"quality": "instant", "learn": True}
    axe(page)
    page.get_by_role("button", name="Remove the style waves").click()
    wall(page).get_by_role("radio", name="waves").wait_for(state="detached")
    assert not painter.own


@pytest.mark.parametrize("event", ["drop", "paste"])
def test_picture_on_the_wall_is_a_style(desk: tuple[Page, Painter], portrait: Path, event: str) -> None:
    page, _ = desk
    photo = page.get_by_role("img", name="Your photo grace.jpg")
    wall(page).get_by_role("button", name="Add your own").focus()
    wall(page).evaluate(HAND, [base64.b64encode(portrait.read_bytes()).decode(), "waves.png", event])
    wall(page).get_by_role("radio", name="waves").wait_for(state="attached")
    page.get_by_role("img", name="Preview").wait_for()
    page.get_by_role("button", name="Show the photo").click()
    photo.wait_for()


def test_wall_shows_the_own_photo(desk: tuple[Page, Painter]) -> None:
    page, painter = desk
    page.get_by_role("radio", name="On my photo").check()
    wait_for(page, lambda: len(painter.previews) == 14)
    assert {one["longest"] for one in painter.previews} == {192}
    assert len({one["style"][0]["style"] for one in painter.previews}) == 14
    page.get_by_role("radio", name="The paintings").check()
    page.get_by_role("radio", name="On my photo").check()
    page.wait_for_timeout(200)
    assert len(painter.previews) == 14, "they are kept"


def test_background_of_its_own(studio: tuple[Page, Painter]) -> None:
    page, painter = studio
    wall(page).get_by_role("radio", name="Mosaic").check()
    background = page.get_by_role("group", name="Background")
    background.get_by_role("radio", name="Blur").check()
    wait_for(page, lambda: painter.previews and painter.previews[-1]["settings"].get("background") == "blur")
    background.get_by_role("radio", name="Style").check()
    background.get_by_role("combobox", name="Style of the background").select_option("Ink wash")
    wait_for(page, lambda: painter.previews[-1]["settings"].get("background") == "ink_wash")
    background.get_by_role("radio", name="Colour").check()
    wait_for(page, lambda: str(painter.previews[-1]["settings"].get("background")).startswith("#"))
    background.get_by_role("radio", name="Keep").check()
    wait_for(page, lambda: "background" not in painter.previews[-1]["settings"])
