"""Whether what the studio needs is installed; without it, this is the only one of its tests, which skips."""

from __future__ import annotations

import importlib.util
import tomllib
from pathlib import Path

import pytest

from tests.studio.conftest import MISSING


def test_the_extra_names_what_the_studio_needs() -> None:
    if MISSING:
        pytest.skip(f"{', '.join(MISSING)} not installed: pip install 'portrait-nst[studio]'")
    project = tomllib.loads((Path(__file__).resolve().parents[2] / "pyproject.toml").read_text())["project"]
    named = {requirement.split(">")[0] for requirement in project["optional-dependencies"]["studio"]}
    assert named == {"fastapi", "starlette", "uvicorn", "websockets"}
    assert all(importlib.util.find_spec(name) for name in named)
