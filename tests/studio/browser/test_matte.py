"""The mask is corrected by brush, by keys and by a file; what comes out is measured on the mask that the studio then has."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.studio.browser.conftest import Page, bring

MASK = re.compile(r"/api/photos/(\w+)/matte\?(?:.*&)?mask=(\w+)")
Grey = np.ndarray[Any, np.dtype[np.uint8]]


def edit(page: Page) -> Any:
    """Open the editor; its dialog."""
    page.get_by_role("button", name="Correct the mask").click()
    dialog = page.get_by_role("dialog", name="Correct the mask")
    dialog.get_by_role("application").wait_for()
    return dialog


def matte(page: Page, query: str) -> Grey:
    """The mask as the studio has it, at the photo's size."""
    answer = page.request.get(f"{page.url.split('#')[0]}api/photos/{query}")
    assert answer.ok, answer.text()
    return np.asarray(Image.open(io.BytesIO(answer.body())).convert("L"))


def save(page: Page, dialog: Any) -> tuple[Grey, Grey]:
    """Save; the mask that was found and the new one."""
    with page.expect_request(MASK) as asked:
        dialog.get_by_role("button", name="Save").click()
    dialog.wait_for(state="detached")
    photo, mask = ids(asked.value)
    return matte(page, f"{photo}/matte?person=all&longest=1600"), matte(page, f"{photo}/matte?mask={mask}&longest=1600")


def ids(asked: Any) -> tuple[str, str]:
    """The photo and the mask for which the page has asked."""
    found = MASK.search(asked.url)
    assert found
    return found[1], found[2]


def place(dialog: Any, x: float, y: float, size: tuple[int, int]) -> tuple[float, float]:
    """Where a point of the photo (fractions) is on the page, as long as the whole photo is in sight."""
    box = dialog.get_by_role("application").bounding_box()
    scale = min((box["width"] - 24) / size[0], (box["height"] - 24) / size[1])
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    return middle[0] + (x - 0.5) * size[0] * scale, middle[1] + (y - 0.5) * size[1] * scale


def drag(page: Page, dialog: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*place(dialog, *start, (341, 400)))
    page.mouse.down()
    page.mouse.move(*place(dialog, *end, (341, 400)), steps=4)
    page.mouse.up()


def test_brush_adds_and_removes_exactly_there(desktop: Page, portrait: Path, axe: Callable[[Page], None]) -> None:
    bring(desktop, portrait)
    dialog = edit(desktop)
    axe(desktop)
    dialog.get_by_label("Hardness").fill("100")
    drag(desktop, dialog, (0.05, 0.1), (0.2, 0.1))
    dialog.get_by_role("radio", name="Remove").check(force=True)
    drag(desktop, dialog, (0.45, 0.8), (0.6, 0.8))
    found, mask = save(desktop, dialog)
    assert mask.shape == (400, 341)
    assert found[40, 40] == 0 and mask[40, 40] == 255
    assert found[320, 180] == 255 and mask[320, 180] == 0
    touched = found != mask
    assert 0 < touched.sum() < 0.06 * touched.size
    assert not touched[60:280].any(), "what was not brushed over has changed"
    mine = desktop.get_by_role("radio", name="Your mask")
    mine.wait_for(state="attached")
    assert mine.is_checked()
    assert desktop.get_by_role("button", name="Correct the mask").evaluate("one => one === document.activeElement")


def test_soft_brush_keeps_values_in_between(desktop: Page, portrait: Path) -> None:
    bring(desktop, portrait)
    dialog = edit(desktop)
    dialog.get_by_label("Hardness").fill("0")
    desktop.mouse.click(*place(dialog, 0.12, 0.1, (341, 400)))
    found, mask = save(desktop, dialog)
    row = mask[40, 41:60].astype(int)
    assert found[40, 41:60].max() == 0 and row[0] > 240
    assert (np.diff(row) <= 0).all(), "the brush is not smooth"
    assert len(set(row.tolist())) > 6, "values in between are lost"


def test_undo_redo_and_reset(desktop: Page, portrait: Path) -> None:
    bring(desktop, portrait)
    dialog = edit(desktop)
    undo, redo = (dialog.get_by_role("button", name=name, exact=True) for name in ("Undo", "Redo"))
    assert undo.get_attribute("aria-disabled") == "true"
    drag(desktop, dialog, (0.05, 0.1), (0.2, 0.1))
    assert undo.get_attribute("aria-disabled") == "false"
    desktop.keyboard.press("Control+z")
    assert undo.get_attribute("aria-disabled") == "true" and redo.get_attribute("aria-disabled") == "false"
    redo.click()
    assert undo.get_attribute("aria-disabled") == "false"
    dialog.get_by_role("button", name="Reset").click()
    with pytest.raises(Exception, match="Timeout"), desktop.expect_request("**/api/masks?**", timeout=400):
        dialog.get_by_role("button", name="Save").click()  # nothing is left to save
    dialog.wait_for(state="detached")


def test_mask_is_painted_with_keys_alone(desktop: Page, portrait: Path) -> None:
    bring(desktop, portrait)
    desktop.get_by_role("button", name="Correct the mask").focus()
    desktop.keyboard.press("Enter")
    dialog = desktop.get_by_role("dialog", name="Correct the mask")
    dialog.get_by_role("application").wait_for()
    assert dialog.get_by_role("application").evaluate("one => one === document.activeElement")
    desktop.keyboard.press("r")
    for _ in range(6):
        desktop.keyboard.press("ArrowDown")
    desktop.keyboard.press("Enter")
    for _ in range(4):
        desktop.keyboard.press("ArrowDown")
    desktop.keyboard.press("Enter")
    dialog.get_by_role("status").filter(has_text="0 % painted").wait_for()
    found, mask = save(desktop, dialog)
    changed = np.argwhere(found != mask)
    assert len(changed) > 200 and abs(changed[:, 1].mean() - 170) < 2 and changed[:, 0].min() > 210


def test_finger_paints_and_two_fingers_zoom(phone: Page, portrait: Path, axe: Callable[[Page], None]) -> None:
    bring(phone, portrait)
    dialog = edit(phone)
    axe(phone)
    touch = phone.context.new_cdp_session(phone)

    def fingers(kind: str, *points: tuple[float, float]) -> None:
        spots = [{"x": x, "y": y, "id": index} for index, (x, y) in enumerate(points)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})

    x, y = place(dialog, 0.5, 0.5, (341, 400))
    fingers("touchStart", (x - 30, y))
    fingers("touchStart", (x - 30, y), (x + 30, y))
    for step in range(1, 6):
        fingers("touchMove", (x - 30 - 6 * step, y), (x + 30 + 6 * step, y))
    fingers("touchEnd")
    assert dialog.get_by_role("button", name="Undo").get_attribute("aria-disabled") == "true", "the pinch has painted"
    dialog.get_by_text("View and more").click()
    percent = dialog.get_by_role("button", name="Zoom", exact=False).filter(has_text="%")
    zoomed = int(percent.inner_text().rstrip(" %"))
    dialog.get_by_role("button", name="Fit").click()
    assert zoomed > 1.5 * int(percent.inner_text().rstrip(" %"))
    dialog.get_by_text("View and more").click()
    x, y = place(dialog, 0.12, 0.1, (341, 400))
    fingers("touchStart", (x, y))
    fingers("touchMove", (x + 10, y))
    fingers("touchEnd")
    found, mask = save(phone, dialog)
    assert found[40, 43] == 0 and mask[40, 43] == 255


def test_mask_is_uploaded(desktop: Page, portrait: Path, tmp_path: Path) -> None:
    bring(desktop, portrait)
    half = np.zeros((400, 341), np.uint8)
    half[:, :170] = 255
    Image.fromarray(half).save(tmp_path / "half.png")
    dialog = edit(desktop)
    with desktop.expect_request(MASK) as asked:
        dialog.get_by_label("Mask file").set_input_files(tmp_path / "half.png")
    photo, mask = ids(asked.value)
    dialog.get_by_role("status").filter(has_text="half.png is the mask now").wait_for()
    dialog.get_by_role("button", name="Save").click()
    dialog.wait_for(state="detached")
    assert np.array_equal(matte(desktop, f"{photo}/matte?mask={mask}&longest=1600"), half)
    desktop.get_by_role("radio", name="Your mask").wait_for(state="attached")


def test_mask_is_drawn_where_nobody_was_found(phone: Page, nobody: Path) -> None:
    page = phone
    bring(page, nobody)
    page.get_by_role("button", name="Draw the mask by hand").click()
    dialog = page.get_by_role("dialog", name="Correct the mask")
    dialog.get_by_role("application").wait_for()
    x, y = place(dialog, 0.5, 0.5, (400, 300))
    page.mouse.click(x, y)
    with page.expect_request(MASK) as asked:
        dialog.get_by_role("button", name="Save").click()
    photo, made = ids(asked.value)
    mask = matte(page, f"{photo}/matte?mask={made}&longest=1600")
    assert mask[150, 200] == 255 and mask[10, 10] == 0


def test_changes_are_not_thrown_away_unasked(desktop: Page, portrait: Path) -> None:
    bring(desktop, portrait)
    dialog = edit(desktop)
    drag(desktop, dialog, (0.05, 0.1), (0.2, 0.1))
    desktop.keyboard.press("Escape")
    ask = desktop.get_by_role("dialog", name="Throw the changes away?")
    ask.get_by_role("button", name="Keep editing").click()
    assert dialog.is_visible()
    desktop.keyboard.press("Escape")
    ask.get_by_role("button", name="Throw away").click()
    dialog.wait_for(state="detached")
    assert desktop.get_by_role("radio", name="Your mask").count() == 0


def test_wheel_zooms_at_the_pointer_and_space_moves_the_picture(desktop: Page, portrait: Path) -> None:
    bring(desktop, portrait)
    dialog = edit(desktop)
    percent = dialog.get_by_role("button", name=re.compile(r"^Zoom \d+ %"))
    before = percent.inner_text()
    desktop.mouse.move(*place(dialog, 0.2, 0.2, (341, 400)))
    desktop.mouse.wheel(0, -400)
    assert int(percent.inner_text().rstrip(" %")) > 1.5 * int(before.rstrip(" %"))
    desktop.keyboard.down("Space")
    desktop.mouse.down()
    desktop.mouse.move(700, 600, steps=3)
    desktop.mouse.up()
    desktop.keyboard.up("Space")
    undo = dialog.get_by_role("button", name="Undo")
    assert undo.get_attribute("aria-disabled") == "true", "moving the picture has painted"
    desktop.keyboard.press("0")
    assert percent.inner_text() == before
    desktop.keyboard.press("1")
    assert percent.inner_text() == "100 %"


def test_file_of_a_correction_holds_its_values_exactly(desktop: Page) -> None:
    """Colours multiplied by their alpha, as a canvas keeps them, would lose nearly all of value 200 at alpha 3."""
    rng = np.random.default_rng(0)
    wanted = rng.integers(0, 256, (9, 13, 4), dtype=np.uint8)
    wanted[0, :, 3] = 3
    made = desktop.evaluate(
        """async ([bytes, width, height]) => {
          const { png } = await import("/static/js/matte/png.js");
          return [...new Uint8Array(await (await png(Uint8Array.from(bytes), width, height, 4)).arrayBuffer())];
        }""",
        [wanted.ravel().tolist(), 13, 9],
    )
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(bytes(made)))), wanted)


def test_outline_goes_around_the_mask_and_its_holes(desktop: Page) -> None:
    rings = desktop.evaluate(
        """async () => {
          const { contours } = await import("/static/js/matte/outline.js");
          const away = (x, y) => Math.hypot(x + 0.5 - 50, y + 0.5 - 50);
          return contours((x, y) => 255 * Math.min(1, Math.max(0, Math.min(30.5 - away(x, y), away(x, y) - 9.5))), 100, 100);
        }"""
    )
    areas = []
    for ring in rings:
        x, y = np.asarray(ring).T * 100
        areas.append(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2)
        assert np.allclose(np.hypot(x - 50, y - 50), (areas[-1] / np.pi) ** 0.5, atol=0.5)
    assert sorted(areas) == pytest.approx([np.pi * 10**2, np.pi * 30**2], rel=0.02)
