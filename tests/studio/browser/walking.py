"""What a person does again and again on the whole way, with nothing that stands in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tests.studio.browser.conftest import Page

PAINTED = 120_000  # ms that a small painting may take, with what is loaded for the first, on a busy machine
QUICK = {"Size": "96", "Method": "gram", "Iterations": "6", "Scales": "1"}  # a draft in two seconds


def go(page: Page, view: str) -> None:
    """To a view, by the navigation."""
    page.get_by_role("navigation", name="Studio").get_by_role("link", name=view, exact=True).click()


def wall(page: Page) -> Any:
    return page.get_by_role("group", name="Styles", exact=True)


def quality(page: Page, name: str) -> None:
    page.get_by_role("group", name="Quality").get_by_role("radio", name=name).check()


def change_settings(page: Page, **values: str) -> None:
    """In the drawer of all settings, by their names there."""
    search = page.get_by_role("searchbox", name="Search the settings")
    if not search.is_visible():
        page.get_by_text(re.compile("^All settings")).first.click()
    for name, value in values.items():
        search.fill(name.lower())
        field = page.get_by_label(name, exact=True)
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
            field.press("Enter")
    search.fill("")


def paint(page: Page) -> dict[str, Any]:
    """Press the main button; the job that the studio makes of it."""
    with page.expect_response(lambda answer: answer.url.endswith("/api/jobs") and answer.status == 201) as asked:
        page.get_by_role("button", name=re.compile("^Paint( this too)?( · about .*)?$")).click()
    job: dict[str, Any] = asked.value.json()
    return job


def finished(page: Page) -> Any:
    """The card of the picture on the stage, as soon as it is done."""
    card = page.get_by_role("region", name="The finished picture")
    card.get_by_role("heading", name="Your picture").wait_for(timeout=PAINTED)
    return card


def downloaded(page: Page, link: Any, to: Path) -> Path:
    """The file behind a link that saves one, in the folder `to` under the name that the studio gives it."""
    with page.expect_download() as found:
        link.click()
    path = to / str(found.value.suggested_filename)
    found.value.save_as(path)
    return path
