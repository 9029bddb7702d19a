"""A portrait's whole way as a person walks it: a real server, a real desk and a real painter; nothing stands in."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from portrait_nst import imaging
from tests.studio.browser.conftest import ROOT, Page, Server
from tests.studio.browser.test_matte import drag, edit, save
from tests.studio.browser.test_photo import hand, people, shown
from tests.studio.browser.walking import (
    PAINTED,
    QUICK,
    change_settings,
    downloaded,
    finished,
    go,
    paint,
    quality,
    wall,
)

SEEN = """image => {
  const paper = new OffscreenCanvas(85, 100).getContext("2d");
  paper.drawImage(image, 0, 0, 85, 100);
  return [...paper.getImageData(0, 0, 85, 100).data];
}"""
Seen = np.ndarray[Any, np.dtype[np.float64]]


@pytest.fixture(scope="module")
def grace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portrait of 341 by 400 px, as its file's pixels exactly."""
    path = tmp_path_factory.mktemp("photos") / "Grace.png"
    with Image.open(ROOT / "samples" / "grace_hopper.jpg") as image:
        image.convert("RGB").resize((341, 400), Image.Resampling.LANCZOS).save(path)
    return path


@pytest.fixture(scope="module")
def waves(tmp_path_factory: pytest.TempPathFactory, small_style: Path) -> Path:
    """A picture of one's own that serves as a style."""
    path = tmp_path_factory.mktemp("styles") / "waves.png"
    path.write_bytes(small_style.read_bytes())
    return path


def previewed(page: Page, act: Callable[[], object]) -> Seen:
    """The preview that comes after `act`, as it is seen."""
    image = page.get_by_role("img", name=re.compile("^Quick preview"))
    old = image.get_attribute("src") if image.count() else ""
    act()
    new = image.and_(page.locator(f"img:not([src='{old}'])"))
    new.wait_for(timeout=PAINTED)
    return seen(new)


def seen(image: Any) -> Seen:
    """A picture of the page, in 85 by 100 px."""
    return np.asarray(image.evaluate(SEEN), float)


def pixels(path: Path) -> np.ndarray[Any, np.dtype[np.uint8]]:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_from_a_dropped_photo_to_the_file_and_through_the_history(
    desktop: Page, grace: Path, waves: Path, tmp_path: Path, allowed: list[str]
) -> None:
    allowed.append("404")  # of what was deleted
    page = desktop
    page.get_by_role("button", name="Choose a photo").wait_for()
    hand(page, grace, "drop")
    shown(page, grace).wait_for()
    people(page).get_by_role("radio", name="The person").wait_for(state="attached", timeout=PAINTED)
    # The mask is corrected: a corner is added to the person, and a part of the chest is taken away.
    dialog = edit(page)
    dialog.get_by_label("Hardness").fill("100")
    drag(page, dialog, (0.05, 0.1), (0.2, 0.1))
    dialog.get_by_role("radio", name="Remove").check(force=True)
    drag(page, dialog, (0.45, 0.8), (0.6, 0.8))
    _, mask = save(page, dialog)
    assert people(page).get_by_role("radio", name="Your mask").is_checked()
    photo = seen(shown(page, grace))
    # A style, and how much of it: each is seen before anything is painted.
    weak = previewed(page, lambda: wall(page).get_by_role("radio", name="Oil").check())
    strength = page.get_by_role("slider", name="Strength")
    strong = previewed(page, lambda: strength.fill("1"))
    faint = previewed(page, lambda: strength.fill("0.1"))
    away = [np.abs(one - photo).mean() for one in (faint, weak, strong)]
    assert away[0] < away[1] < away[2]
    strength.fill("0.7")
    # Painted: asked for, watched, done.
    quality(page, "Draft")
    change_settings(page, **QUICK | {"Iterations": "60"})
    page.get_by_role("button", name=re.compile(r"^Paint · about ")).wait_for()
    paint(page)
    work = page.get_by_role("group", name="The painting in work")
    work.get_by_role("progressbar").wait_for(timeout=PAINTED)
    page.get_by_role("img", name=re.compile("^Painting, ")).wait_for(timeout=PAINTED)
    card = finished(page)
    line = page.get_by_role("slider", name="Photo left, Painting right of the line")
    line.focus()
    page.keyboard.press("End")
    assert line.get_attribute("aria-valuetext") == "100 % Photo"
    file = downloaded(page, card.get_by_role("link", name="PNG with recipe"), tmp_path)
    result = pixels(file)
    assert np.array_equal(result[mask == 0], pixels(grace)[mask == 0]), "the place is not as the photo has it"
    assert np.abs(result.astype(float) - pixels(grace))[mask == 255].mean() > 5
    recipe = imaging.read_recipe(file)
    assert recipe["inputs"]["photo"]["file"] == "Grace.png" and "mask" in recipe["inputs"]
    assert (recipe["settings"]["strength"], recipe["settings"]["size"]) == (0.7, 96)
    # Kept: starred, and found in the history under a name of one's own.
    card.get_by_role("button", name=re.compile("^Star")).click()
    card.get_by_role("button", name=re.compile("^Star"), pressed=True).wait_for()
    go(page, "History")
    pictures = page.get_by_role("list", name="Pictures")
    pictures.get_by_role("link").first.click()
    title = page.get_by_role("textbox", name="Title")
    title.fill("Admiral Grace")
    title.press("Enter")
    page.get_by_role("heading", level=1, name="Admiral Grace").wait_for(state="attached")
    # Again, mixed with a style of one's own; stopped, and kept as far as it is.
    page.get_by_role("button", name="Again with").click()
    page.wait_for_url("**/#paint")
    people(page).get_by_role("radio", name="Your mask", checked=True).wait_for(state="attached")
    page.get_by_role("button", name="Mix", exact=True).click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add your own").click()
    chooser.value.set_files(waves)
    wall(page).get_by_role("checkbox", name="waves").wait_for(state="attached")
    shares = page.get_by_role("group", name="Shares of the mix")
    assert shares.get_by_text("50 %").count() == 2
    change_settings(page, Iterations="2000")
    paint(page)
    work.get_by_role("button", name="Stop and keep").click(timeout=PAINTED)
    assert finished(page).get_by_text("stopped early").is_visible()
    # The two side by side, and what differs.
    go(page, "History")
    page.get_by_role("button", name="Compare two").click()
    newest = pictures.get_by_role("button")
    newest.nth(1).click()
    newest.nth(0).click()
    page.get_by_role("heading", name="Two pictures").wait_for()
    table = page.get_by_role("region", name="The two recipes")
    assert set(table.get_by_role("row", name="Iterations").get_by_role("cell").all_inner_texts()) == {"60", "2000"}
    for one in page.get_by_role("group", name=re.compile("arrows move both")).get_by_role("img").all():
        one.evaluate("image => image.decode()")
    # The second is deleted: who leaves the page means it.
    page.get_by_role("figure").last.get_by_role("link").click()
    page.get_by_role("region", name="About the picture").get_by_text("It was stopped before it was finished").wait_for()
    gone = page.url
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("link", name="Admiral Grace").wait_for()
    page.reload()
    page.get_by_role("link", name="Admiral Grace").get_by_text("Starred").wait_for(state="attached")
    page.goto(gone)
    page.get_by_role("heading", name="Not in the history").wait_for()


def test_on_a_phone_from_the_photo_to_the_file(phone: Page, portrait: Path, tmp_path: Path) -> None:
    page = phone
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a photo").tap()
    chooser.value.set_files(portrait)
    people(page).get_by_role("radio", name="The person").wait_for(state="attached", timeout=PAINTED)
    dialog = edit(page)
    dialog.get_by_role("application").tap(position={"x": 40, "y": 40})
    dialog.get_by_role("button", name="Save").tap()
    dialog.wait_for(state="detached")
    previewed(page, lambda: wall(page).get_by_role("radio", name="Impasto").check())
    quality(page, "Instant")
    paint(page)
    card = finished(page)
    file = downloaded(page, card.get_by_role("link", name="JPEG"), tmp_path)
    recipe = imaging.read_recipe(file)
    assert recipe["inputs"]["photo"]["file"] == "grace.jpg" and recipe["settings"]["quality"] == "instant"
    go(page, "History")
    page.get_by_role("list", name="Pictures").get_by_role("link").first.tap()
    page.get_by_role("slider", name="Photo left, Painting right of the line").wait_for()


def test_a_killed_studio_goes_on_where_it_was(
    desktop: Page, portrait: Path, server: Server, allowed: list[str]
) -> None:
    allowed += [
        "ERR_CONNECTION_REFUSED",
        "ERR_INCOMPLETE_CHUNKED_ENCODING",
        "ERR_CONNECTION_RESET",
        "ERR_EMPTY_RESPONSE",
    ]
    page = desktop
    page.get_by_label("Photo file").set_input_files(portrait)
    people(page).get_by_role("radio").first.wait_for(state="attached", timeout=PAINTED)
    wall(page).get_by_role("radio", name="Mosaic").check()
    quality(page, "Draft")
    change_settings(page, **QUICK | {"Iterations": "120"})
    job = paint(page)
    page.get_by_role("img", name=re.compile("^Painting, ")).wait_for(timeout=PAINTED)
    # The page is closed in the middle, and opened again.
    page.reload()
    page.get_by_role("img", name=re.compile("^Painting, ")).wait_for(timeout=PAINTED)
    work = page.get_by_role("group", name="The painting in work")
    work.wait_for()
    server.kill()
    assert work.is_visible(), "it was done before the studio was killed"
    server.start()
    # Nobody touches the page: it finds the studio again, which paints what was in work.
    finished(page)
    answer = page.request.get(f"{server.url}/api/jobs/{job['id']}").json()
    assert answer["state"] == "done" and not answer["result"]["interrupted"]
    go(page, "History")
    page.get_by_role("list", name="Pictures").get_by_role("link").first.wait_for()
