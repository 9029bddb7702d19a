"""Which files settings name, and what stands behind the person."""

from __future__ import annotations

from pathlib import Path

import pytest

from portrait_nst import InputError, Settings
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.settings import (
    INITS,
    STYLES,
    Blur,
    Colour,
    Keep,
    Picture,
    Transparent,
    base_name,
    files_of,
    given_files,
    parse_background,
    schema,
    without_folders,
)  # fmt: skip


def test_files_by_setting_in_the_order_that_digests_of_batches_have(library: Path) -> None:
    """The order is that of the manifests of earlier versions, which go on only where digests stay the same."""
    settings = Settings(
        weights="w.npz",
        background="Blue-Dots",
        style_region="m.png",
        coarse_style="red",
        init="i.png",
        identity_weights="f.npz",
    )
    assert list(files_of(settings).items()) == [
        ("weights", Path("w.npz")),
        ("coarse_style", library / "red.png"),
        ("identity_weights", Path("f.npz")),
        ("background", library / "blue_dots.png"),
        ("style_region", Path("m.png")),
        ("init", Path("i.png")),
    ]
    assert given_files(settings)["background"] == "Blue-Dots"
    assert settings.files == list(files_of(settings).values())
    assert PopartSettings(palette="teal").files == []


def test_words_colours_and_nothing_name_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, field in schema(Settings).items():
        for word in (*field.choices, "#102030"):
            Path(word).write_text(name)
    for word in INITS:
        assert files_of(Settings(init=word)) == {}
    for word in ("keep", "blur", "transparent", "#102030", "#123"):
        assert files_of(Settings(background=word)) == {}
    assert files_of(Settings(style_region="person", quality="draft")) == {}


def test_the_settings_that_may_be_a_style() -> None:
    assert set(STYLES) == {"background", "coarse_style"}


def test_a_background_is_parsed(library: Path) -> None:
    assert [parse_background(word) for word in ("keep", "blur", "transparent")] == [Keep(), Blur(), Transparent()]
    assert parse_background("#0a141e") == Colour(10, 20, 30) and parse_background("#fff") == Colour(255, 255, 255)
    assert parse_background("red") == Picture("red") and Picture("red").path == library / "red.png"
    assert parse_background(Settings(background="Keep").background) == Picture("Keep")
    for wrong in ("#12345", "#gggggg", "#"):
        with pytest.raises(InputError, match="'#rrggbb'"):
            parse_background(wrong)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("/home/anna/a b.png", "a b.png"),
        ("me.png", "me.png"),
        ("s3://key:secret@bucket/a/me.png", "me.png"),
        ("https://a.org/x/me.png?token=secret", "me.png"),
        ("what?.png", "what?.png"),
    ],
)
def test_what_is_told_of_a_file(name: str, told: str) -> None:
    assert base_name(name) == told


def test_settings_for_others_name_files_alone() -> None:
    settings = Settings(init="/home/anna/i.png", background="/home/anna/b.png", coarse_style="red", weights="a/w.npz")
    changed = {"init": "i.png", "background": "b.png", "weights": "w.npz"}
    assert without_folders(settings) == settings.as_dict() | changed
