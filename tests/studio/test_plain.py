"""What the library says, as somebody at the page reads it."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

import portrait_nst
from portrait_nst.errors import InputError
from portrait_nst.imaging.decoding.limits import size_check
from portrait_nst.pipeline.instant.preview import not_learned
from portrait_nst.studio.options import Options
from portrait_nst.studio.plain import plain, plainly
from portrait_nst.types import Photo

FOLDER = Path(portrait_nst.__file__).parent
ROOMS = ("pipeline", "segmentation", "transfer", "encoders", "pop_art", "video", "planning", "imaging", "clips")


def photo(path: str | None) -> Photo:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    return Photo(pixels, path=None if path is None else Path(path))


@pytest.mark.parametrize("path", ["/mnt/my disk/studio/things/0123456789abcdef/file", "/home/me/blue cat.png", None])
@pytest.mark.parametrize("count", [1, 2])
def test_what_was_not_learned_names_a_button_and_no_command(path: str | None, count: int) -> None:
    note = not_learned(tuple((photo(path), 1.0 / (i + 1)) for i in range(count)), "person")
    said = plain(note)
    assert said.endswith("Learn it, beside the preview") and "not learned yet" in said
    assert not [part for part in ("portrait-nst", "--", "`", "/", "0123456789abcdef") if part in said]


@pytest.mark.parametrize("folder", ["/data/studio", "/mnt/my disk/studio", "C:\\My Studio"])
def test_folders_of_the_studio_are_never_told(folder: str) -> None:
    slash = "\\" if "\\" in folder else "/"
    path = slash.join((folder, "things", "0123456789abcdef", "file"))
    for text in (f"{path} is damaged", f"cannot read '{path}'.", f"[Errno 5] Error: '{path}'", f"see ({path})"):
        said = plain(text)
        assert "studio" not in said.lower() and "0123456789abcdef" not in said and "file" in said


def test_no_message_keeps_an_option_or_a_command() -> None:
    found = 0
    for room in ROOMS:
        for path in (FOLDER / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and "--" in node.value:
                    found += 1
                    assert "--" not in plain(node.value), node.value
    assert found > 40


def test_what_is_said_twice_is_said_once_and_other_words_stay() -> None:
    assert plainly(["of 3 people", "of 3 people", "and/or 1/2 of it"]) == ["of 3 people", "and/or 1/2 of it"]
    said = plain("2 faces were found: `--frame photo` shows all, `--person 2` (counted from the left) another one")
    assert said == "2 faces were found: the frame Whole photo shows all, choose another one"
    nobody = "Paint with a mask of your own (`--mask FILE`, in Python mask=FILE) or the whole picture (`--region all`, "
    nobody += "region='all'), or try another `--segmenter`."
    assert plain(nobody) == "Paint with a mask of your own or the whole picture."


@pytest.mark.parametrize("folder", ["/data/studio/", "f1/", "../my-studio/", "", "tm/f/"])
def test_a_file_of_ours_goes_by_the_name_of_the_users_also_from_a_folder_that_is_relative(folder: str) -> None:
    text = f"The mask {folder}things/0123456789abcdef/file is 512x512"
    assert plain(text, {"0123456789abcdef": "me.png"}.get) == "The mask me.png is 512x512"  # type: ignore[arg-type]
    assert plain(text) == "The mask the file is 512x512"


def test_the_studios_folder_is_known_from_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Options(folder=Path("f")).home == tmp_path / "f"
    assert "tm" not in plain(f"The disk of {Options(folder=Path('tm/f')).home} is full")


@pytest.mark.parametrize(("size", "length"), [((40_000, 40_000), None), ((12_000, 12_000), 100)])
def test_a_bomb_is_told_without_a_variable_that_the_page_does_not_have(
    size: tuple[int, int], length: int | None
) -> None:
    with pytest.raises(InputError) as error:
        size_check("me.jpg", None, 1, length)(*size)
    said = plain(str(error.value))
    assert "PORTRAIT_NST" in str(error.value) and "PORTRAIT_NST" not in said and "environment" not in said
    assert said.endswith(". Bring a smaller copy of it, saved anew.")
