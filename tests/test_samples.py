"""The samples: every file is there, opens, has its licence stated, and can be drawn again."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

SAMPLES = Path(__file__).parent.parent / "samples"
ROW = re.compile(
    r"^\| `(?P<file>[^`]+\.(?:jpg|png))` \| (?P<size>\d+ x \d+) \| (?P<author>[^|]+) \| (?P<licence>[^|]+) \|$", re.M
)
ROWS = {row["file"]: row for row in ROW.finditer((SAMPLES / "README.md").read_text(encoding="utf-8"))}
STYLE_FILES = sorted(name for name in ROWS if name.startswith("styles/"))


@pytest.fixture
def draw_styles(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SAMPLES))
    return importlib.import_module("draw_styles")


def test_the_readme_lists_exactly_the_pictures_that_are_here() -> None:
    here = {p.relative_to(SAMPLES).as_posix() for p in SAMPLES.rglob("*") if p.suffix in {".jpg", ".png"}}
    assert here == set(ROWS)


@pytest.mark.parametrize("name", ROWS)
def test_a_sample_opens_and_states_author_licence_and_size(name: str) -> None:
    row = ROWS[name]
    assert row["author"].strip()
    assert re.search(r"Public domain|Apache-2\.0", row["licence"])
    with Image.open(SAMPLES / name) as image:
        image.load()
        assert image.mode == "RGB"
        assert row["size"] == f"{image.width} x {image.height}"


def test_the_folder_stays_small() -> None:
    sizes = {path: path.stat().st_size for path in SAMPLES.rglob("*") if path.suffix in {".jpg", ".png"}}
    assert max(sizes.values()) < 1_200_000
    assert sum(sizes.values()) < 16_000_000


@pytest.mark.parametrize("name", STYLE_FILES)
def test_a_style_reaches_from_dark_to_light_and_has_texture_everywhere(name: str) -> None:
    tones = np.asarray(Image.open(SAMPLES / name).convert("L"), np.float32)
    low, high = np.percentile(tones, [2, 98])
    assert low < 60
    assert high > 185
    tiles = [tones[y : y + 48, x : x + 48].std() for y in range(0, 528, 48) for x in range(0, 528, 48)]
    assert min(tiles) > 4


def test_every_style_has_its_picture(draw_styles: ModuleType) -> None:
    assert {f"styles/{style}.png" for style in draw_styles.STYLES} == set(STYLE_FILES)


def test_drawing_twice_gives_the_same_bytes_and_another_seed_others(draw_styles: ModuleType) -> None:
    first, again, other = (draw_styles.png(draw_styles.draw("mosaic", 48, seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_the_script_writes_what_is_asked_for_and_refuses_what_it_does_not_know(
    draw_styles: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw_styles.main(["cubist", "--size", "48", "--output", str(tmp_path)])
    assert [path.name for path in tmp_path.iterdir()] == ["cubist.png"]
    with pytest.raises(SystemExit):
        draw_styles.main(["fresco"])
    assert "fresco" in capsys.readouterr().err
