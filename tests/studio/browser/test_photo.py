"""A photo comes in, people are found in it and one is chosen."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.studio.browser.conftest import Page, bring

DROP = """([bytes, name, type, event]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0))], name, { type }));
  const made = event === "paste" ? new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true })
    : new DragEvent(event, { dataTransfer: transfer, bubbles: true, cancelable: true });
  document.body.dispatchEvent(made);
}"""


def hand(page: Page, photo: Path, event: str) -> None:
    """A drag, a drop or a paste of `photo` somewhere in the window."""
    page.evaluate(DROP, [base64.b64encode(photo.read_bytes()).decode(), photo.name, "image/jpeg", event])


def people(page: Page) -> Any:
    return page.get_by_role("group", name="Whom to paint")


def shown(page: Page, photo: Path) -> Any:
    return page.get_by_role("img", name=f"Your photo {photo.name}")


def test_chosen_photo_is_shown_with_its_person(page: Page, portrait: Path, axe: Callable[[Page], None]) -> None:
    page.get_by_role("heading", name="Begin with a portrait").wait_for()
    axe(page)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a photo").click()
    chooser.value.set_files(portrait)
    shown(page, portrait).wait_for()
    people(page).get_by_role("radio", name="The person").wait_for(state="attached")
    assert people(page).get_by_role("radio", name="The person").is_checked()
    assert page.get_by_text("grace.jpg · 341 \u00d7 400 px").is_visible()
    axe(page)


@pytest.mark.parametrize("event", ["drop", "paste"])
def test_photo_is_dropped_or_pasted_anywhere(desktop: Page, portrait: Path, event: str) -> None:
    desktop.get_by_role("button", name="Choose a photo").wait_for()
    if event == "drop":
        hand(desktop, portrait, "dragenter")
        assert desktop.get_by_text("Let go to use this photo").is_visible()
    hand(desktop, portrait, event)
    shown(desktop, portrait).wait_for()
    assert not desktop.get_by_text("Let go to use this photo").is_visible()


def test_one_of_two_is_chosen_by_click_and_by_key(page: Page, pair: Path, axe: Callable[[Page], None]) -> None:
    bring(page, pair)
    second = people(page).get_by_role("radio", name="Person 2 from the left")
    everybody = people(page).get_by_role("radio", name="Everybody")
    assert everybody.is_checked()
    picture = shown(page, pair).bounding_box()
    page.mouse.click(picture["x"] + picture["width"] * 0.7, picture["y"] + picture["height"] * 0.75)
    assert second.is_checked()
    second.focus()
    page.keyboard.press("ArrowLeft")
    assert people(page).get_by_role("radio", name="Person 1 from the left").is_checked()
    page.keyboard.press("ArrowLeft")
    assert everybody.is_checked()
    assert people(page).evaluate("field => field.contains(document.activeElement)"), "the focus is lost"
    axe(page)


def test_photo_without_people_says_what_to_do(phone: Page, nobody: Path, axe: Callable[[Page], None]) -> None:
    page = phone
    bring(page, nobody)
    page.get_by_text("Nobody was found", exact=True).wait_for()
    axe(page)
    page.get_by_role("button", name="Paint the whole picture").click()
    assert people(page).get_by_role("radio", name="Whole picture").is_checked()
    assert not page.get_by_text("Nobody was found", exact=True).is_visible()


def test_what_is_no_photo_is_refused_in_words(
    desktop: Page, tmp_path: Path, portrait: Path, allowed: list[str]
) -> None:
    allowed.append("422")
    page = desktop
    wrong = tmp_path / "letter.jpg"
    wrong.write_text("Dear studio, this is no photo at all.")
    page.get_by_label("Photo file").set_input_files(wrong)
    page.get_by_role("status").filter(has_text="letter.jpg").filter(has_not_text="way").wait_for()
    assert page.get_by_role("heading", name="Begin with a portrait").is_visible()
    page.get_by_role("button", name="Close", exact=True).click()
    assert page.get_by_text("letter.jpg").count() == 0
    bring(page, portrait)
    assert page.get_by_role("status").filter(has_text="letter.jpg").count() == 0


def test_photo_is_replaced_and_found_again(desktop: Page, portrait: Path, nobody: Path) -> None:
    bring(desktop, portrait)
    with desktop.expect_file_chooser() as chooser:
        desktop.get_by_role("button", name="Another photo").click()
    chooser.value.set_files(nobody)
    shown(desktop, nobody).wait_for()
    desktop.reload()
    desktop.get_by_role("button", name=f"Use {portrait.name} again").first.click()
    shown(desktop, portrait).wait_for()


def test_preview_stands_on_the_stage_and_gives_way_to_the_photo(desktop: Page, pair: Path) -> None:
    bring(desktop, pair)
    desktop.get_by_role("button", name="Impasto").or_(desktop.get_by_role("radio", name="Impasto")).first.click()
    preview = desktop.get_by_role("img", name=re.compile("^Quick preview"))
    preview.wait_for()
    assert preview.evaluate("one => one.naturalWidth") == 512
    assert desktop.get_by_text(re.compile("^Quick preview")).is_visible()
    desktop.get_by_role("button", name="Show the photo").click()
    shown(desktop, pair).wait_for()
    with desktop.expect_response("**/api/previews") as painted:
        people(desktop).get_by_role("radio", name="Person 1 from the left").check(force=True)
    assert '"person":1' in painted.value.request.post_data
    preview.wait_for()
    desktop.get_by_role("button", name="Show the photo").click()
    desktop.get_by_role("button", name="Show the preview").click()
    preview.wait_for()
