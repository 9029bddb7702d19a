"""Examples in documentation run: those in docstrings, and README's blocks of Python."""

from __future__ import annotations

import doctest
import importlib
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from portrait_nst import clips, qualities, resources
from portrait_nst.clips.drawn import drawn, drawn_info
from portrait_nst.types import UInt8Array
from tests.pipeline.stand_in_learning import stand_in

ROOT = Path(__file__).resolve().parent.parent
SHOWING = sorted(path for path in (ROOT / "portrait_nst").rglob("*.py") if ">>> " in path.read_text(encoding="utf-8"))
BLOCKS = re.findall(
    r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)


@pytest.mark.parametrize("path", SHOWING, ids=lambda path: str(path.relative_to(ROOT)))
def test_examples_in_docstrings_give_what_they_say(path: Path) -> None:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    done = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert done.attempted > 0
    assert done.failed == 0


@pytest.mark.usefixtures("small_pop_art")
@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_the_readmes_python_runs(
    block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_portrait: Path, small_style: Path
) -> None:
    """With learning that takes no minutes, and two steps at each scale."""
    stand_in(monkeypatch)
    for method, presets in qualities.QUALITIES.items():
        quick = {name: replace(preset, iterations=(2,) * len(preset.scales)) for name, preset in presets.items()}
        monkeypatch.setitem(qualities.QUALITIES, method, quick)
    monkeypatch.setenv(resources.HOME, str(tmp_path / "home"))
    with Image.open(small_portrait) as image:
        image.thumbnail((64, 64))
        image.save(tmp_path / "me.jpg", quality=95)
        photo = np.asarray(image.convert("RGB"))
    with Image.open(small_style) as image:
        image.save(tmp_path / "painting.jpg", quality=95)
    if "dance.mp4" in block:
        _film(tmp_path / "dance.mp4", photo)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"photo_array": photo}
    exec(compile(block, "README.md", "exec"), names)
    assert len(names) > 2


def _film(path: Path, photo: UInt8Array) -> None:
    """A film of three frames of `photo`."""
    base = Fraction(1, 10)
    like = drawn_info((photo.shape[0], photo.shape[1]), 1 / base, base)
    with clips.ClipWriter(path, clips.choose(path, None, like), like) as writer:
        for number in range(3):
            writer.write(drawn(photo, number, number, base, 1))
