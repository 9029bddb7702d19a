"""The note on a preview names the command that learns the style."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from portrait_nst.pipeline.instant.preview import learn_command, not_learned
from portrait_nst.pipeline.styles import load_blend
from portrait_nst.types import Photo


def test_the_command_is_complete(small_style: Path) -> None:
    blend = load_blend([(small_style, 2.0), ("impasto", 1.0)])
    command = f"portrait-nst learn {small_style} --blend impasto:0.5 --style-region 'my mask.png'"
    assert learn_command(blend, "my mask.png") == command
    note = not_learned(blend, "person")
    assert note.startswith("waves.png and impasto are not learned yet") and note.endswith("--style-region person")


def test_files_without_a_suffix_are_named_one_by_one(small_style: Path, tmp_path: Path) -> None:
    first = tmp_path / "file"
    first.write_bytes(small_style.read_bytes())
    assert learn_command(load_blend([first, "impasto"])) == f"portrait-nst learn {first} --blend impasto"


def test_a_movement_is_learned_by_its_folder(tmp_path: Path) -> None:
    from PIL import Image

    for i in range(5):
        pixels = np.random.default_rng(i).integers(0, 255, (40, 40, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{i}.png")
    blend = load_blend([(tmp_path / f"{i}.png", 1.0) for i in range(5)])
    assert not_learned(blend).startswith("5 paintings are not learned yet")
    assert learn_command(blend) == f"portrait-nst learn {tmp_path}"


def test_nothing_is_promised_that_cannot_be(small_style: Path) -> None:
    flat = load_blend(Photo(np.full((40, 40, 3), 90, np.uint8)))
    assert "stays one: The painting is of one colour" in not_learned(flat)
    array = load_blend(Photo(load_blend(small_style)[0][0].rgb))
    assert learn_command(array) == "" and "portrait-nst learn FILE" in not_learned(array)
