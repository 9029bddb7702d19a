"""Where a recipe's inputs are found: by name, by contents, where the user says; and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from portrait_nst import InputError, Settings, imaging
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.recipe import read_job, search, with_popart
from portrait_nst.resources import file_digest
from portrait_nst.types import Photo


def recipe_of(photo: Path, *styles: Path) -> dict[str, Any]:
    """A recipe as a painting has it."""
    inputs = {"photo": {"file": photo.name, "sha256": file_digest(photo)}}
    for number, style in enumerate(styles, 1):
        inputs[f"style {number}" if number > 1 else "style"] = {"file": style.name, "sha256": file_digest(style)}
    blend = [{"role": role, "weight": 1.0} for role in inputs if role != "photo"]
    regions = [{"label": None, "blend": blend}]
    values = {"format": 2, "command": "stylize", "settings": Settings().as_dict(), "styles": regions}
    return values | {"inputs": inputs}


def write(path: Path, recipe: dict[str, Any]) -> Path:
    return imaging.save(Photo(np.zeros((16, 16, 3), np.uint8)), path, recipe=recipe, overwrite=True)


@pytest.fixture
def apart(small_portrait: Path, small_style: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a painting, out.png, and the folders "photos" and "styles", where its inputs have the names they had."""
    for name, file in (("photos", small_portrait), ("styles", small_style)):
        (tmp_path / name).mkdir()
        (tmp_path / name / file.name).write_bytes(file.read_bytes())
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    write(tmp_path / "out.png", recipe_of(small_portrait, small_style))
    return tmp_path


def test_inputs_are_found_beside_the_picture_here_and_where_one_says(apart: Path) -> None:
    out, photo, style = apart / "out.png", apart / "photos" / "grace.png", apart / "styles" / "waves.png"
    with pytest.raises(
        InputError, match=r"The photo grace\.png of .* no file beside the picture and in the current folder"
    ):
        read_job(out)
    for job in (
        read_job(out, photo=photo, style=style),
        read_job(out, inputs=[style, photo]),
        read_job(out, inputs=[apart / "photos", apart / "styles"]),
        read_job(out, photo=photo, inputs=style.parent),
    ):
        assert (job.photo, job.style) == (photo, [(style, 1.0)])
    photo = photo.rename(apart / "grace.png")
    style.rename(apart / "here" / "waves.png")
    job = read_job(out)
    assert job.photo == photo and [path.resolve() for path in job.files] == [photo, apart / "here" / "waves.png"]


def test_a_renamed_file_is_known_by_its_contents(apart: Path) -> None:
    photo = (apart / "photos" / "grace.png").rename(apart / "renamed.png")
    (apart / "grace.png").write_bytes(b"another file that took the name")
    for number in range(3):
        (apart / f"other-{number}.jpg").write_bytes(bytes([number]))
    assert read_job(apart / "out.png", inputs=apart / "styles").photo == photo
    photo.unlink()
    with pytest.raises(InputError, match=r"The photo .*grace\.png is not the file .* sha256 differs.*--photo FILE"):
        read_job(apart / "out.png", inputs=apart / "styles")


def test_files_that_are_given_must_be_inputs(apart: Path) -> None:
    style = apart / "styles" / "waves.png"
    with pytest.raises(InputError, match="is not a style that"):
        read_job(apart / "out.png", style="impasto")
    with pytest.raises(InputError, match="is not a file that"):
        read_job(apart / "out.png", inputs=[style, apart / "out.png"])
    with pytest.raises(InputError, match=r"--input .*none\.png is not there"):
        read_job(apart / "out.png", inputs=style.with_name("none.png"))


def test_a_recipe_with_paths_of_format_1_is_made_again(small_portrait: Path, small_style: Path, apart: Path) -> None:
    names = {"photo": apart / "photos" / "grace.png", "style": apart / "styles" / "waves.png"}
    inputs = {role: {"path": str(path), "sha256": file_digest(path)} for role, path in names.items()}
    old = write(apart / "old.png", recipe_of(small_portrait, small_style) | {"format": 1, "inputs": inputs})
    assert read_job(old).files == list(names.values())
    names["photo"].rename(apart / "grace.png")
    assert read_job(old).photo == apart / "grace.png"


def test_a_recipe_cannot_name_a_folder(small_portrait: Path, small_style: Path, apart: Path) -> None:
    """It is anybody's text: what it names is only ever taken out of the folders that are searched, and only if it is the same."""
    recipe = recipe_of(small_portrait, small_style)
    for name in ("photos/grace.png", "../out/photos/grace.png", "x" * 5000, "a\0b", "..", "/dev/zero"):
        photo = {"file": name, "sha256": "0" * 64}
        made = write(apart / "x.png", recipe | {"inputs": recipe["inputs"] | {"photo": photo}})
        with pytest.raises(InputError, match="is not there any more"):
            read_job(made, inputs=apart / "styles")


def test_of_a_crowded_folder_a_bounded_number_is_read(apart: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = (apart / "photos" / "grace.png").rename(apart / "photos" / "z.png")
    for number in range(4):
        (apart / "photos" / f"{number}.png").write_bytes(bytes([number]))
        (apart / "photos" / f"{number}.txt").write_bytes(photo.read_bytes())
    folders = [apart / "photos", apart / "styles"]
    assert read_job(apart / "out.png", inputs=folders).photo == photo
    monkeypatch.setattr(search, "HASHED", 4)
    with pytest.raises(InputError, match="is not there any more"):
        read_job(apart / "out.png", inputs=folders)


def test_several_styles_are_told_apart_by_their_contents(apart: Path, small_portrait: Path, small_style: Path) -> None:
    second = apart / "second.png"
    second.write_bytes(small_style.read_bytes() + b"more")
    made = write(apart / "two.png", recipe_of(small_portrait, small_style, second))
    away = second.rename(apart / "styles" / "renamed.png")
    job = read_job(made, photo=small_portrait, style=[away, small_style])
    assert job.style == [(small_style, 1.0), (away, 1.0)]


def test_a_palette_in_a_file_is_an_input(tmp_path: Path, small_portrait: Path, small_style: Path) -> None:
    palette = tmp_path / "bold colours.txt"
    palette.write_text("#2B0070\n#FF6B2C\n#EAFF70\n")
    recipe = with_popart(
        recipe_of(small_portrait, small_style), PopartSettings(mode="grid", palette=f"teal; {palette}")
    )
    assert recipe["popart"]["palette"] == "teal;bold colours.txt"
    assert recipe["inputs"]["palette 1"] == {"file": palette.name, "sha256": file_digest(palette)}
    assert str(tmp_path) not in str(recipe)
    job = read_job(write(tmp_path / "out.png", recipe), photo=small_portrait, style=small_style)
    assert job.popart is not None and job.popart.palette == f"teal;{palette}"
