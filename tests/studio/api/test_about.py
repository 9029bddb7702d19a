"""What the studio says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from portrait_nst import __version__
from portrait_nst.errors import InputError
from portrait_nst.presets import PRESETS
from portrait_nst.settings import Settings, describe
from portrait_nst.studio.api.app import make_app
from portrait_nst.studio.api.catalogue import catalogue
from portrait_nst.studio.api.page_words import for_page
from portrait_nst.studio.keeping.keeping import Keeping
from portrait_nst.studio.options import Options
from portrait_nst.studio.painter.words import REFUSED
from portrait_nst.studio.studio import Studio
from tests.studio.asgi import ask


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FastAPI]:
    options = Options(folder=tmp_path, upload=5, clip=6, pixels=7, quota=10**9)
    with Keeping.open(options.home, options.quota) as keeping:
        made: Any = None
        yield make_app(Studio(options, keeping, made, made, made))


def test_about_tells_version_limits_and_room(app: FastAPI) -> None:
    about = ask(app, "/api/about").json
    assert about["version"] == __version__
    assert about["limits"] == {"upload": 5, "clip": 6, "pixels": 7}
    assert about["qualities"] == ["instant", "draft", "standard", "fine"]
    assert (about["queue"], about["used"], about["quota"]) == (0, 0, 10**9)
    assert about["free"] > 0


def test_settings_are_those_of_the_library_but_for_the_machines(app: FastAPI) -> None:
    found = ask(app, "/api/settings").json
    assert found["settings"] == [for_page(entry) for entry in describe(Settings) if entry["name"] not in REFUSED]
    assert {entry["name"] for entry in found["popart"]} >= {"tones", "palette", "mode"}
    assert [preset["name"] for preset in found["presets"]] == list(PRESETS)
    assert found["presets"][0]["settings"]["encoder"] == "vgg19"
    fiesta = found["palettes"][0]
    assert (fiesta["name"], fiesta["colours"][0], fiesta["ground"]) == ("fiesta", "#2B0070", "#00A8E0")
    assert found["movements"] == []


def test_movements_come_from_the_library(tmp_path: Path) -> None:
    for name in ("Cubism/a.jpg", "Cubism/b.jpg", "Fauvism/c.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = catalogue(tmp_path).movements
    assert [(movement.name, movement.paintings) for movement in found] == [("Cubism", 2), ("Fauvism", 1)]
    with pytest.raises(InputError, match="library"):
        catalogue(tmp_path / "nowhere")


def test_help_speaks_of_what_a_page_has(app: FastAPI) -> None:
    found = ask(app, "/api/settings").json
    for setting in (*found["settings"], *found["popart"]):
        text = f"{setting['help']} {setting['more']}"
        assert not re.search(r"--|`|\bFILE\b|\bSTYLE\b|portrait-nst", text), f"{setting['name']}: {text}"
