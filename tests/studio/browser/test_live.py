"""The camera painted in the page, pictures taken of it, and what is said when there is no camera."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.studio.browser.conftest import Page

PAINTED = "The camera's picture, painted"
JOB = {
    **{
        "id": "0123456789abcdef",
        "kind": "stylize",
        "state": "waiting",
        "title": "",
        "batch": "",
        "place": 1,
        "made": 0.0,
    },
    **{"began": 0.0, "ended": 0.0, "progress": None, "forecast": None, "error": "", "result": None, "starred": False},
}
WITHOUT = """name => {
  if (name) navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", name));
  else Object.defineProperty(navigator, "mediaDevices", { value: undefined });
}"""
FACE, CORNER = (0.30, 0.15, 0.45, 0.35), (0.80, 0.55, 0.95, 0.95)  # left, top, right, bottom, as shares


def start(page: Page) -> None:
    page.get_by_role("radio", name="Impasto").check(force=True)
    page.get_by_role("button", name="Start the camera").click()
    page.get_by_role("img", name=PAINTED).wait_for(timeout=60_000)


def seen(page: Page, part: tuple[float, float, float, float]) -> np.ndarray[Any, Any]:
    """A part of the picture as it is on the screen, in floats."""
    box = page.get_by_role("region", name="Picture").bounding_box()
    left, top, right, bottom = part
    clip = {
        **{"x": box["x"] + left * box["width"], "y": box["y"] + top * box["height"]},
        **{"width": (right - left) * box["width"], "height": (bottom - top) * box["height"]},
    }
    return np.asarray(Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB"), float)


def differ(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> float:
    return float(np.abs(a - b).mean())


def comes(page: Page, is_so: Callable[[], bool]) -> bool:
    """Whether it is so within a while: what was chosen is painted some frames later."""
    for _ in range(120):
        if is_so():
            return True
        page.wait_for_timeout(250)
    return False


def test_the_person_is_painted_in_the_style_that_is_chosen(
    open_page: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    page = open_page("desktop", "#live")
    start(page)
    page.get_by_text(re.compile(r"\d+ pictures a second")).wait_for()
    face, corner = seen(page, FACE), seen(page, CORNER)
    axe(page)

    page.get_by_role("button", name="Unpainted").click()
    camera = seen(page, FACE)
    assert differ(face, camera) > 8
    assert differ(corner, seen(page, CORNER)) < 4  # the place is as the camera saw it
    page.get_by_role("button", name="Unpainted").click()

    page.get_by_role("radio", name="Mosaic").check(force=True)
    assert comes(page, lambda: differ(face, seen(page, FACE)) > 8)
    page.get_by_role("slider", name="Strength").fill("0")
    assert comes(page, lambda: differ(seen(page, FACE), camera) < 8)
    page.get_by_role("slider", name="Strength").fill("0.5")
    page.get_by_role("radio", name="Everything").check(force=True)
    assert comes(page, lambda: differ(seen(page, CORNER), corner) > 8)

    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped.").first.wait_for()
    assert page.get_by_role("img", name=PAINTED).count() == 0
    page.get_by_role("button", name="Start the camera").click()
    page.get_by_role("img", name=PAINTED).wait_for(timeout=60_000)


def test_a_picture_that_was_taken_becomes_a_job_or_the_photo_of_the_view_paint(open_page: Callable[..., Page]) -> None:
    page = open_page("phone", "#live")
    jobs: list[dict[str, Any]] = []

    def answer(route: Any) -> None:
        if route.request.method == "POST":
            jobs.append(json.loads(route.request.post_data))
            route.fulfill(status=201, json={**JOB, "request": jobs[-1]})
        else:
            route.fallback()

    page.route("**/api/jobs", answer)  # nothing is to be painted for minutes
    start(page)
    page.get_by_role("button", name="Take a picture").click()
    with page.expect_response(re.compile("/api/photos")) as uploaded:
        page.get_by_role("button", name="Paint it properly").click()
    photo = uploaded.value.json()
    assert (photo["width"], photo["height"]) == (640, 480)
    assert photo["name"].startswith("camera ")
    page.get_by_text("Your picture is being painted").wait_for()
    assert jobs == [
        {
            "kind": "stylize",
            "photo": photo["id"],
            "style": [{"style": "impasto", "share": 1}],
            "settings": {"quality": "standard", "strength": 0.5},
        }
    ]

    page.get_by_role("button", name="Take a picture").click()
    page.get_by_role("button", name="Open in Paint").click()
    page.get_by_role("img", name=re.compile("Your photo camera ")).wait_for()


@pytest.mark.slow  # two windows and a camera at once leave two cores no time for a third
def test_one_window_at_a_time_and_none_that_is_hidden(open_page: Callable[..., Page]) -> None:
    first = open_page("desktop", "#live")
    start(first)
    second = open_page("desktop", "#live")
    second.get_by_role("button", name="Start the camera").click()
    second.get_by_text("already running in another window").first.wait_for()
    second.get_by_role("button", name="Go on here").click()
    first.get_by_text("Live painting goes on in another window").first.wait_for()
    second.get_by_role("img", name=PAINTED).wait_for(timeout=60_000)

    second.evaluate(
        "Object.defineProperty(document, 'visibilityState', { value: 'hidden' });"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    second.get_by_text("It stopped while this page was not in view.").first.wait_for()
    assert second.get_by_role("button", name="Go on").is_visible()


def test_without_a_camera_it_says_why(open_page: Callable[..., Page]) -> None:
    page = open_page("phone", "#live")
    for name, words in (
        ("NotAllowedError", "may not use the camera"),
        ("NotFoundError", "There is no camera"),
        ("NotReadableError", "another program"),
        ("", "only to pages from this machine or by HTTPS"),
    ):
        page.evaluate(WITHOUT, name)
        page.get_by_role("button", name="Start the camera").click()
        page.get_by_text(words).first.wait_for()
        assert page.get_by_role("button", name="Start the camera").is_enabled()


def test_a_photo_is_taken_with_the_camera(
    open_page: Callable[..., Page], axe: Callable[[Page], None], studio_url: str
) -> None:
    page = open_page("phone")
    page.get_by_role("button", name="Take one").click()
    dialog = page.get_by_role("dialog", name="Take a photo")
    shutter = dialog.get_by_role("button", name="Take the photo")
    shutter.wait_for()
    page.wait_for_function("() => !document.activeElement.disabled && document.activeElement.type === 'button'")
    axe(page)
    assert dialog.get_by_label("Show me as in a mirror").is_checked()
    dialog.get_by_label("Wait 3 seconds").check()
    shutter.click()
    dialog.get_by_text("2", exact=True).wait_for()
    dialog.get_by_role("img", name="The photo you took").wait_for()
    dialog.get_by_role("button", name="Take another").click()
    dialog.get_by_label("Wait 3 seconds").uncheck()
    shutter.click()
    with page.expect_response(re.compile("/api/photos")) as uploaded:
        dialog.get_by_role("button", name="Use this photo").click()
    there = page.request.get(f"{studio_url}/api/photos/{uploaded.value.json()['id']}/view")
    with Image.open(io.BytesIO(there.body())) as photo:
        assert photo.size == (640, 480)
        left = np.asarray(photo.convert("RGB"), float)[200:300, 20:140].mean((0, 1))
    assert (
        np.abs(left - (96, 110, 120)).max() < 12
    )  # the wall is on the left, as in the room; a mirror has it on the right
    assert dialog.count() == 0


def test_the_dialog_says_what_is_wrong_and_closes_without_a_photo(open_page: Callable[..., Page]) -> None:
    page = open_page("desktop")
    page.evaluate(WITHOUT, "NotReadableError")
    page.get_by_role("button", name="Take one").click()
    dialog = page.get_by_role("dialog", name="Take a photo")
    dialog.get_by_text("another program").wait_for()
    assert dialog.get_by_role("button", name="Take the photo").is_disabled()
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
