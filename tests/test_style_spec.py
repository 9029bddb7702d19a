"""Styles as a user names them: weights, regions, and what an output is called after."""

from __future__ import annotations

from pathlib import Path

import pytest

from portrait_nst.cli.style_arguments import input_files, style_spec
from portrait_nst.errors import InputError
from portrait_nst.style_spec import Movement, StyleSpec, parse_regions, parse_weighted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.jpg", ("a.jpg", 1.0)),
        ("a.jpg:0.5", ("a.jpg", 0.5)),
        ("a:b.jpg", ("a:b.jpg", 1.0)),
        ("s3://bucket/a.jpg", ("s3://bucket/a.jpg", 1.0)),
        ("s3://bucket/a.jpg:2", ("s3://bucket/a.jpg", 2.0)),
        ("oil:1e-1", ("oil", 0.1)),
    ],
)
def test_weights(text: str, expected: tuple[str, float]) -> None:
    assert parse_weighted(text) == expected


def test_a_file_whose_own_name_ends_like_a_weight(tmp_path: Path) -> None:
    file = tmp_path / "a:2"
    try:
        file.touch()
    except OSError:
        pytest.skip("the file system allows no colon in a name")
    assert parse_weighted(str(file)) == (str(file), 1.0)
    assert parse_weighted("x" * 5000 + ":2") == ("x" * 5000, 2.0)  # no file can be called so


def test_regions() -> None:
    assert parse_regions(["255=a.jpg", " #ff0000 = oil:0.5 "]) == (("255", "a.jpg", 1.0), ("#ff0000", "oil", 0.5))
    for wrong in (["a.jpg"], ["=a.jpg"], ["255="]):
        with pytest.raises(InputError, match=r"LABEL=FILE, as in 128=starry\.png"):
            parse_regions(wrong)
    with pytest.raises(InputError, match="label 1 was given two styles"):
        parse_regions(["1=a.jpg", "1 =b.jpg"])


def test_names_and_files() -> None:
    blend = StyleSpec((("x/starry.png", 1.0), ("s3://bucket/oil.jpg", 0.5)))
    assert (blend.name, blend.main, blend.is_single) == ("starry+oil", "x/starry.png", False)
    assert blend.files == ["x/starry.png", "s3://bucket/oil.jpg"]
    regions = StyleSpec(labels="map.png", regions=(("0", "a.png", 1.0), ("1", "b.png", 1.0)))
    assert (regions.name, regions.main, regions.files) == ("regions", None, ["map.png", "a.png", "b.png"])
    assert StyleSpec((("oil", 1.0),)).is_single and not regions.is_single
    assert StyleSpec(movement=Movement("cubism", Path("library"))).name == "cubism"


def test_what_the_command_line_gives(tmp_path: Path) -> None:
    style, other = tmp_path / "a.png", tmp_path / "b.png"
    spec = style_spec(style, [f"{other}:0.5"])
    assert spec == StyleSpec(((str(style), 1.0), (str(other), 0.5))) and input_files(spec) == [style, other]
    spec = style_spec(None, labels=style, region_style=[f"1={other}"])
    assert spec == StyleSpec(labels=str(style), regions=(("1", str(other), 1.0),))
    painting = tmp_path / "library" / "cubism" / "one.png"
    painting.parent.mkdir(parents=True)
    painting.touch()
    spec = style_spec(None, movement="cubism", library=tmp_path / "library", pick="nearest", paintings=3)
    assert spec.movement == Movement("cubism", tmp_path / "library", "nearest", 3) and input_files(spec) == [painting]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "The style is missing"),
        ({"labels": Path("m.png")}, "--labels and --region-style go together"),
        ({"region_style": ["1=a.png"]}, "--labels and --region-style go together"),
        ({"style": Path("a.png"), "labels": Path("m.png"), "region_style": ["1=a.png"]}, "leave STYLE and --blend out"),
        ({"movement": "cubism"}, "--movement and --library go together"),
        ({"style": Path("a.png"), "pick": "nearest"}, "choose from a --movement"),
        ({"style": Path("a.png"), "movement": "cubism", "library": Path("l")}, "takes the place of STYLE"),
    ],
)
def test_options_that_do_not_go_together(options: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        style_spec(**{"style": None, **options})  # type: ignore[arg-type]
