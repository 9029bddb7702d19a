"""All settings, found and changed, and presets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portrait_nst.presets import PRESETS
from portrait_nst.settings import Settings, describe
from tests.studio.browser.conftest import Page, bring
from tests.studio.browser.stand_in import PRESET, Painter, painted_by
from tests.studio.browser.test_styles import wait_for, wall

pytestmark = pytest.mark.slow  # the whole way is walked by the others; here the page alone is tried at length

ON_THE_STAGE = {"person", "region"}


@pytest.fixture
def drawer(open_page: Callable[..., Page], portrait: Path) -> tuple[Page, Painter]:
    """The Paint view with a photo, a style and the drawer open, and who paints."""
    return _drawer(open_page, portrait)


def _drawer(open_page: Callable[..., Page], portrait: Path, size: str = "desktop") -> tuple[Page, Painter]:
    page, painter = painted_by(open_page, size)
    bring(page, portrait)
    wall(page).get_by_role("radio", name="Mosaic").check()
    page.get_by_text("All settings", exact=True).click()
    return page, painter


def find(page: Page, words: str) -> None:
    page.get_by_role("searchbox", name="Search the settings").fill(words)


def field(page: Page, name: str) -> Any:
    return page.get_by_label(name, exact=True)


def test_drawer_has_every_setting_of_the_server(desktop: Page) -> None:
    desktop.get_by_text("All settings", exact=True).click()
    served = {
        one["name"] for one in desktop.evaluate("fetch('/api/settings').then((answer) => answer.json())")["settings"]
    }
    assert served <= {one["name"] for one in describe(Settings)}
    desktop.get_by_text(f"{len(served - ON_THE_STAGE)} settings").wait_for()
    find(desktop, "optimizer")
    choices = desktop.get_by_role("combobox", name="Optimizer").get_by_role("option").all_inner_texts()
    assert choices == ["lbfgs", "adam", "nadam", "rmsprop", "sgd"]


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_search_finds_by_name_and_by_help(
    open_page: Callable[..., Page], portrait: Path, axe: Callable[[Page], None], size: str
) -> None:
    page, _ = _drawer(open_page, portrait, size)
    find(page, "random")
    field(page, "Seed").wait_for()
    assert not field(page, "Brushwork").is_visible()
    find(page, "no such thing")
    page.get_by_text("No setting speaks of that.").wait_for()
    find(page, "")
    field(page, "Brushwork").wait_for()
    axe(page)


def test_changed_setting_is_marked_counted_sent_and_reset(drawer: tuple[Page, Painter]) -> None:
    page, painter = drawer
    find(page, "brushwork")
    field(page, "Brushwork").fill("0.25")
    field(page, "Brushwork").press("Enter")
    page.get_by_text("1 changed").wait_for()
    wait_for(page, lambda: painter.previews and painter.previews[-1]["settings"] == {"brushwork": 0.25})
    page.get_by_role("button", name="Reset Brushwork").click()
    wait_for(page, lambda: painter.previews[-1]["settings"] == {})
    assert field(page, "Brushwork").input_value() == "1"
    assert not page.get_by_text("1 changed").is_visible()


def test_lists_words_and_booleans(drawer: tuple[Page, Painter]) -> None:
    page, painter = drawer
    find(page, "scales")
    field(page, "Scales").fill("0.25, 0.5, 1")
    field(page, "Scales").press("Enter")
    find(page, "size")
    field(page, "Size").fill("full")
    field(page, "Size").press("Enter")
    find(page, "gain maps")
    field(page, "Gain maps").check()
    wanted = {"scales": [0.25, 0.5, 1], "size": "full", "gain_maps": True}
    wait_for(page, lambda: painter.previews and painter.previews[-1]["settings"] == wanted)
    page.get_by_role("button", name="Reset all").click()
    wait_for(page, lambda: painter.previews[-1]["settings"] == {})


def test_refused_setting_is_told_at_its_field(drawer: tuple[Page, Painter], allowed: list[str]) -> None:
    allowed.append("422")
    page, painter = drawer
    page.get_by_text("All settings", exact=True).click()
    painter.problem = {"error": "tv_weight is too large: give at most 10.", "field": "tv_weight"}
    page.get_by_role("button", name="Paint · about 40 s").click()
    bad = field(page, "Tv weight")
    bad.wait_for()
    assert bad.get_attribute("aria-invalid") == "true"
    assert page.get_by_role("alert").filter(has_text="give at most 10").count() == 2  # at the field, and at the button
    bad.fill("3")
    bad.press("Enter")
    page.get_by_role("alert").filter(has_text="give at most 10").first.wait_for(state="hidden")


def test_refused_preset_is_told_where_it_was_chosen(drawer: tuple[Page, Painter], allowed: list[str]) -> None:
    allowed.append("422")
    page, painter = drawer
    painter.problem = {"error": "The weights of vgg19 are not on this machine.", "field": "encoder"}
    chosen = page.get_by_role("combobox", name="Preset")
    chosen.select_option(PRESET)
    page.get_by_role("button", name="Paint · about 40 s").click()
    preset = page.get_by_role("region", name="Presets and all settings").get_by_role("alert")
    preset.filter(has_text="The weights of vgg19 are not on this machine.").first.wait_for()
    chosen.select_option("")
    preset.filter(has_text="The weights of vgg19").first.wait_for(state="hidden")


def test_preset_says_what_it_changes(drawer: tuple[Page, Painter]) -> None:
    page, painter = drawer
    page.get_by_role("combobox", name="Preset").select_option(PRESET)
    changes = PRESETS[PRESET].changes
    assert page.get_by_text(PRESETS[PRESET].source[:60]).is_visible()
    page.get_by_text(f"What it changes: {len(changes)} settings").click()
    assert page.get_by_role("definition").count() == len(changes)
    find(page, "learning rate")
    assert field(page, "Learning rate").input_value() == "5"
    wait_for(page, lambda: painter.previews and painter.previews[-1].get("preset") == PRESET)
    assert painter.previews[-1]["settings"] == {}
    # A change of a setting of the preset is a change; its own value is none.
    field(page, "Learning rate").fill("2")
    field(page, "Learning rate").press("Enter")
    wait_for(page, lambda: painter.previews[-1]["settings"] == {"learning_rate": 2})
    field(page, "Learning rate").fill("5")
    field(page, "Learning rate").press("Enter")
    wait_for(page, lambda: painter.previews[-1]["settings"] == {})
