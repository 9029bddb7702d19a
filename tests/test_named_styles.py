"""Styles by name: which file a word means, that every place takes names, and that a recipe finds its picture again."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import portrait_nst
from portrait_nst import InputError, Settings, imaging, named_styles, pipeline, reconstruct, resources, stylize
from portrait_nst.recipe import read_job

QUICK: dict[str, Any] = {"method": "gram", "size": 64, "iterations": 1, "scales": (1.0,), "threads": 1, "device": "cpu"}


@pytest.fixture
def here(tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def photo() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 255, (64, 48, 3), np.uint8)


def picture(path: Path, level: int) -> Path:
    Image.fromarray(np.full((32, 32, 3), level, np.uint8)).save(path, "PNG")
    return path


def test_every_picture_of_the_package_is_described_in_one_short_line_and_the_other_way_round() -> None:
    folder = resources.styles_folder()
    told = json.loads((folder / "styles.json").read_text())
    assert set(told) == {path.stem for path in folder.glob("*.png")} == set(portrait_nst.styles())
    assert list(told) == portrait_nst.styles() == sorted(told)
    assert all(text and len(text) <= 62 and "\n" not in text for text in told.values())  # a row of 80 letters
    assert all(name == name.lower() and "-" not in name and named_styles.is_name(name) for name in told)


def test_the_pictures_travel_in_the_package() -> None:
    root = Path(__file__).resolve().parent.parent
    built = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]
    assert built["wheel"]["force-include"]["samples/styles"] == "portrait_nst/_styles"
    assert "samples/styles" in built["sdist"]["include"]  # of which a wheel is built too


def test_an_installed_package_goes_before_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "portrait_nst")
    assert resources.styles_folder() == tmp_path / "samples" / "styles"
    with pytest.raises(portrait_nst.ModelError, match="installation is damaged"):
        portrait_nst.styles()
    (tmp_path / "portrait_nst" / "_styles").mkdir(parents=True)
    assert resources.styles_folder() == tmp_path / "portrait_nst" / "_styles"


@pytest.mark.parametrize("word", ["blue_dots", "blue-dots", "Blue-Dots", "BLUE_DOTS", Path("blue-dots")])
def test_capital_letters_and_dashes_do_not_matter(word: str | Path, here: Path, library: Path) -> None:
    assert named_styles.style_file(word) == named_styles.path_of(word) == library / "blue_dots.png"


def test_a_file_of_that_name_goes_first_and_a_folder_too(here: Path, library: Path) -> None:
    assert pipeline.load_style("red").sha256 == hashlib.sha256((library / "red.png").read_bytes()).hexdigest()
    picture(here / "red", 77)
    assert (pipeline.load_style("red").rgb == 77).all()
    (here / "blue_dots").mkdir()
    with pytest.raises(InputError, match="blue_dots is a folder here.*" + str(library / "blue_dots.png")):
        pipeline.load_style("blue_dots")
    assert named_styles.path_of("blue_dots") == Path("blue_dots")


def test_a_photo_is_never_one_of_the_styles(here: Path) -> None:
    with pytest.raises(InputError, match="red does not exist"):
        pipeline.load("red")
    with pytest.raises(InputError, match="red does not exist"):
        stylize("red", "blue_dots", **QUICK)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("blue-dot", r"no style 'blue-dot'.* Did you mean blue_dots\?.*`portrait-nst styles` lists them"),
        ("zzz", r"no style 'zzz', and no file or folder of that name\. Give .*`portrait-nst styles` lists them"),
        ("red.png", r"^red\.png does not exist; check the name and the folder\.$"),
        ("./red", r"^red does not exist|^\./red does not exist"),
        ("in/red", r"^in/red does not exist; check the name and the folder\.$"),
        ("r\0ed", r"no style 'r\\x00ed'"),
        ("n" * 300, "no style 'nnn"),
    ],
)
def test_what_is_no_style_is_told(word: str, said: str, here: Path) -> None:
    with pytest.raises(InputError, match=said):
        pipeline.load_style(word)


def test_names_go_wherever_a_style_does(here: Path, library: Path, photo: np.ndarray) -> None:
    """Each is the same as with the file."""
    red, blue = library / "red.png", library / "blue_dots.png"
    imaging.save(
        portrait_nst.Photo(np.repeat(np.array([[[0] * 3], [[255] * 3]], np.uint8), 32, 0).repeat(48, 1)), "map.png"
    )
    whole: dict[str, Any] = {"region": "all", **QUICK}
    half = np.zeros((64, 48), np.float32)
    half[32:] = 1

    def same(named: portrait_nst.Result, by_file: portrait_nst.Result) -> None:
        assert np.array_equal(named.rgb, by_file.rgb)
        assert named.recipe == by_file.recipe

    same(stylize(photo, "red", **whole), stylize(photo, red, **whole))
    same(stylize(photo, ["RED", ("blue-dots", 0.5)], **whole), stylize(photo, [red, (blue, 0.5)], **whole))
    same(
        stylize(photo, "red", mask=half, background="Blue-dots", **QUICK),
        stylize(photo, red, mask=half, background=str(blue), **QUICK),
    )
    same(stylize(photo, "red", coarse_style="blue_dots", **whole), stylize(photo, red, coarse_style=str(blue), **whole))
    by_label = {"labels": "map.png", **QUICK}
    same(
        stylize(photo, region_styles={"255": "red", "0": "blue_dots"}, **by_label),
        stylize(photo, region_styles={"255": red, "0": blue}, **by_label),
    )
    same(reconstruct("style", "red", **QUICK), reconstruct("style", red, **QUICK))
    with pytest.raises(InputError, match="red does not exist"):
        reconstruct("content", "red", **QUICK)


def test_a_background_that_is_no_style_names_those_that_are_near(here: Path, photo: np.ndarray) -> None:
    with pytest.raises(
        InputError, match=r"background must be keep, .* 'blue_dot' is none of these\. Did you mean blue_do"
    ):
        stylize(photo, "red", background="blue_dot", **QUICK)


def test_the_files_of_settings_are_those_that_names_mean(here: Path, library: Path) -> None:
    named = Settings(background="Red", coarse_style="blue-dots").files
    assert set(named) == {library / "red.png", library / "blue_dots.png"}
    picture(here / "red", 1)
    assert Settings(background="red").files == [Path("red")]
    assert Settings(background="keep").files == []


@pytest.fixture
def painted(here: Path, library: Path, photo: np.ndarray) -> Path:
    """A picture that was painted in three styles by name."""
    imaging.save(portrait_nst.Photo(photo), "me.png")
    Image.fromarray(np.uint8(np.indices((64, 48))[0] > 20) * 255).save("mask.png")
    names: dict[str, Any] = {"background": "Blue-Dots", "coarse_style": "RED"}
    return stylize("me.png", ["Red", "blue_dots"], mask="mask.png", **names, **QUICK).save("out.png")


def test_a_recipe_keeps_names_and_sha256(painted: Path, library: Path) -> None:
    recipe = imaging.read_recipe(painted)
    digests = {
        name: hashlib.sha256((library / f"{name}.png").read_bytes()).hexdigest() for name in portrait_nst.styles()
    }
    entries = {name: {"name": name, "sha256": digest} for name, digest in digests.items()}
    red, blue = entries["red"], entries["blue_dots"]
    assert {role: recipe["inputs"][role] for role in recipe["inputs"] if role not in ("photo", "mask")} == {
        "style": red, "style 2": blue, "background": blue, "coarse_style": red,
    }  # fmt: skip
    assert (recipe["settings"]["background"], recipe["settings"]["coarse_style"]) == ("blue_dots", "red")
    assert [recipe["inputs"][role]["file"] for role in ("photo", "mask")] == ["me.png", "mask.png"]


def test_rerun_finds_the_pictures_in_the_package_wherever_it_lies(
    painted: Path, here: Path, library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for decoy in ("red", "blue_dots"):  # what has the name by now is not what was painted with
        picture(here / decoy, 200)
    moved = library.rename(tmp_path / "elsewhere")
    monkeypatch.setattr(resources, "styles_folder", lambda: moved)
    again = portrait_nst.rerun(painted).save("again.png")
    assert again.read_bytes() == painted.read_bytes()
    assert moved / "blue_dots.png" in read_job(painted).files


@pytest.mark.parametrize(("name", "role"), [("red", "coarse_style"), ("blue_dots", "background")])
def test_rerun_refuses_a_picture_that_another_version_has_changed(
    name: str, role: str, painted: Path, library: Path
) -> None:
    changed = picture(library / f"{name}.png", 5)
    with pytest.raises(
        InputError, match=f"The {role} {changed} is not the file that out.png was made from: its sha256"
    ):
        portrait_nst.rerun(painted)


def test_rerun_of_a_style_that_this_version_does_not_have(
    here: Path, library: Path, photo: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imaging.save(portrait_nst.Photo(photo), "me.png")
    painted = stylize("me.png", "red", region="all", **QUICK).save("out.png")
    fewer = tmp_path / "fewer"
    fewer.mkdir()
    (fewer / "blue_dots.png").write_bytes((library / "blue_dots.png").read_bytes())
    monkeypatch.setattr(resources, "styles_folder", lambda: fewer)
    with pytest.raises(InputError, match=r"The style of out\.png is 'red', a style that this version.*--style"):
        read_job(painted)
    assert read_job(painted, style=library / "red.png").style == [(library / "red.png", 1.0)]


def test_rerun_takes_a_name_for_a_style_that_is_gone(here: Path, library: Path, photo: np.ndarray) -> None:
    imaging.save(portrait_nst.Photo(photo), "me.png")
    Path("own.png").write_bytes((library / "red.png").read_bytes())
    painted = stylize("me.png", "own.png", region="all", **QUICK).save("out.png")
    Path("own.png").unlink()
    with pytest.raises(InputError, match=r"own\.png of the recipe in out\.png is not there any more.*--style FILE"):
        read_job(painted)
    assert read_job(painted, style="Red").style == [(library / "red.png", 1.0)]
    with pytest.raises(InputError, match="no style 'rod'"):
        read_job(painted, style="rod")


def test_a_recipe_of_before_there_were_names_is_painted_again(here: Path, library: Path, photo: np.ndarray) -> None:
    """It has the path of each input, and no name."""
    imaging.save(portrait_nst.Photo(photo), "me.png")
    result = stylize("me.png", "red", region="all", **QUICK)
    path = library / "red.png"
    old = {"path": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    recipe = {**result.recipe, "inputs": {"photo": result.recipe["inputs"]["photo"], "style": old}}
    imaging.save(portrait_nst.Photo(result.rgb), "old.png", recipe=recipe)
    assert np.array_equal(portrait_nst.rerun("old.png").rgb, result.rgb)


def test_a_comparison_takes_names_and_knows_when_their_pictures_change(
    here: Path, library: Path, photo: np.ndarray
) -> None:
    from portrait_nst.report import compare

    imaging.save(portrait_nst.Photo(photo), "me.png")
    Image.fromarray(np.uint8(np.indices((64, 48))[0] > 20) * 255).save("mask.png")
    vary = {"background": ["keep", "blue-dots"]}

    def painted() -> int:
        made = compare("me.png", "red", vary, Settings(**QUICK), "grid", mask="mask.png")
        assert not made.failed and len(made.runs) == 2
        return made.painted

    assert (painted(), painted()) == (2, 0)
    picture(library / "blue_dots.png", 90)
    assert painted() == 1


def test_a_path_is_one_word_of_a_shell_in_one_line() -> None:
    assert named_styles.quoted("my mask.png") == "'my mask.png'"
    assert named_styles.quoted(Path("-a.png")) == "./-a.png"
    odd = "-a\n'\\é\u2028.png"
    word = named_styles.quoted(odd)
    assert word.isprintable()
    if bash := shutil.which("bash"):
        done = subprocess.run(
            [bash, "-c", f"printf %s {word}"], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"}
        )
        assert done.stdout.decode() == f"./{odd}"
