"""What a newcomer stumbles over: mistakes on the command line, odd names, files that must survive, Ctrl-C."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from portrait_nst.cli import main

from .test_commands import QUICK, files, run

Capture = pytest.CaptureFixture[str]


def ends(arguments: list[object], monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> tuple[object, str]:
    """Exit status and standard error of a command run here, as the entry point runs it."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys, "argv", ["portrait-nst", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        main.run()
    return stop.value.code, capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["stylize", "a.jpg", "b.jpg", "--strength", "much"], "--strength"),
        (["stylize", "a.jpg", "b.jpg", "--strength", "much"], "--strength must be a number from 0 to 1."),
        (["stylize", "a.jpg", "b.jpg", "--scale", "0.5,1"], "--scale must be a number from 0.01 to 1."),
        (["popart", "a.jpg", "--detail", "abc"], "--detail must be a number from 0 to 1."),
        (["stylize", "a.jpg", "b.jpg", "--preview-every", "-1"], "--preview-every"),
        (["stylize", "a.jpg", "b.jpg", "--strenght", "1"], "--strength"),
        (["mask"], "photo"),
        (["paint"], "paint"),
    ],
)
def test_a_mistake_on_the_command_line_ends_in_one_line(
    arguments: list[object], said: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    status, err = ends(arguments, monkeypatch, capsys)
    assert status == 2
    assert err.startswith("Error: ") and err.count("\n") == 1, err
    assert said in err and "--help" in err


def test_without_a_command_there_is_help(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr(sys, "argv", ["portrait-nst"])
    with pytest.raises(SystemExit) as stop:
        main.run()
    out, err = capsys.readouterr()
    assert stop.value.code == 2 and "stylize" in out + err and "Error" not in out + err


def test_a_name_with_a_line_break_and_a_terminal_code_stays_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    status, err = ends(["mask", "no\nsuch\x1b[31m.jpg"], monkeypatch, capsys)
    assert status == 2
    assert err == "Error: no\\nsuch\\x1b[31m.jpg does not exist; check the name and the folder.\n"


def test_ctrl_c_before_there_is_a_picture_is_said(
    small_portrait: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    from portrait_nst import pipeline

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "matte", interrupted)
    status, err = ends(["mask", small_portrait, "-o", tmp_path / "m.png"], monkeypatch, capsys)
    assert (status, err) == (130, "Error: Interrupted; nothing was written.\n")
    assert not files(tmp_path)


def test_a_preview_overwrites_neither_an_input_nor_a_file_that_is_there(
    small_portrait: Path, small_style: Path, tmp_path: Path
) -> None:
    photo = tmp_path / "a-preview.png"
    photo.write_bytes(small_portrait.read_bytes())
    (tmp_path / "b-preview.png").write_bytes(b"precious")
    before = files(tmp_path)
    preview = ["--preview-every", 1, *QUICK]
    over_input = run("stylize", photo, small_style, "-o", "a.png", "--force", *preview, cwd=tmp_path)
    over_file = run("stylize", photo, small_style, "-o", "b.png", *preview, cwd=tmp_path)
    assert (over_input.returncode, over_file.returncode) == (2, 2)
    assert "one of the inputs" in over_input.stderr and "--force" in over_file.stderr
    assert files(tmp_path) == before


def test_a_wrong_style_region_is_told_before_the_work(
    small_portrait: Path, small_style: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    from portrait_nst.pipeline import api

    monkeypatch.setattr(api, "prepare", None)
    status, err = ends(["stylize", small_portrait, small_style, "--style-region", "sitter"], monkeypatch, capsys)
    assert status == 2
    assert (
        err
        == "Error: style-region must be whole, person, or a mask for the style picture; 'sitter' is none of these.\n"
    )


@pytest.mark.parametrize("option", ["--init", "--coarse-style", "--background", "--style-region"])
def test_a_picture_that_a_setting_names_is_never_overwritten(
    option: str,
    small_portrait: Path,
    small_style: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> None:
    from portrait_nst import pipeline

    monkeypatch.setattr(pipeline, "stylize", None)
    named = tmp_path / "named.png"
    named.write_bytes(small_style.read_bytes())
    arguments = ["stylize", small_portrait, small_style, option, named, "-o", named, "--force"]
    status, err = ends(arguments, monkeypatch, capsys)
    assert status == 2 and "one of the inputs" in err, err
    monkeypatch.setattr(pipeline, "reconstruct", None)
    status, err = ends(["reconstruct", "style", small_portrait, *arguments[3:]], monkeypatch, capsys)
    assert status == 2 and "one of the inputs" in err, err


@pytest.mark.parametrize("plot", ["a.png", "a-preview.png"])
def test_a_plot_and_a_painting_of_one_name_are_refused_before_the_work(
    plot: str,
    small_portrait: Path,
    small_style: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> None:
    from portrait_nst import pipeline

    monkeypatch.setattr(pipeline, "stylize", None)
    monkeypatch.chdir(tmp_path)
    arguments = [
        "stylize",
        small_portrait,
        small_style,
        "-o",
        "a.png",
        "--plot",
        plot,
        "--preview-every",
        "1",
        "--force",
    ]
    status, err = ends(arguments, monkeypatch, capsys)
    assert status == 2 and err == f"Error: {plot} is the name of two outputs; give each its own.\n"


def test_a_painting_of_the_library_is_never_overwritten(
    small_portrait: Path, small_style: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    painting = tmp_path / "library" / "cubism" / "one.png"
    painting.parent.mkdir(parents=True)
    painting.write_bytes(small_style.read_bytes())
    given = ["--movement", "cubism", "--library", tmp_path / "library", "-o", painting, "--force"]
    status, err = ends(["stylize", small_portrait, *given], monkeypatch, capsys)
    assert status == 2 and "one of the inputs" in err, err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["style.png", "--paintings", "3"], "--movement"),
        (["style.png", "--pick", "nearest"], "--movement"),
        (["--labels", "map.png", "--region-style", "1=a.png", "--region-style", "1=b.png"], "two styles"),
    ],
)
def test_what_would_silently_be_left_aside_is_refused(
    given: list[object], said: str, small_portrait: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    status, err = ends(["stylize", small_portrait, *given], monkeypatch, capsys)
    assert status == 2 and said in err and err.count("\n") == 1, err


def test_a_reconstruction_says_that_rerun_does_not_make_it_again(
    small_style: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    from portrait_nst import imaging

    made = tmp_path / "texture.png"
    imaging.save(imaging.load(small_style), made, recipe={"command": "reconstruct style", "format": 1})
    status, err = ends(["rerun", made, "-o", tmp_path / "again.png"], monkeypatch, capsys)
    assert status == 2 and "give that command again" in err and "version" not in err


@pytest.mark.parametrize("weight", ["abc", ""])
def test_a_weight_of_a_blend_that_is_no_number_is_said_to_be_none(
    weight: str, small_portrait: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    status, err = ends(["stylize", small_portrait, "mosaic", "--blend", f"impasto:{weight}"], monkeypatch, capsys)
    assert status == 2
    assert err == f"Error: The weight of impasto must be a number, as in impasto:0.5, not {weight!r}.\n"


@pytest.mark.parametrize("name", ["C:\\pictures\\a", "s3://bucket/a", "b:a.png"])
def test_a_colon_in_a_path_begins_no_weight(name: str) -> None:
    from portrait_nst.style_spec import parse_weighted

    assert parse_weighted(name) == (name, 1.0) and parse_weighted(f"{name}:2") == (name, 2.0)


@pytest.mark.parametrize(
    ("given", "noted"),
    [
        (["--method", "gram", "--brushwork", "0.5"], True),
        (["--style-loss", "wasserstein", "--brushwork", "1"], True),
        (["--method", "gram", "--brushwork", "0"], False),
        (["--method", "gram", "--brushwork", "0.5", "--quiet"], False),
        (["--method", "gram"], False),
        (["--brushwork", "0.5"], False),
    ],
)
def test_brushwork_without_effect_is_noted(
    given: list[object], noted: bool, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    status, err = ends(["stylize", "no.jpg", "mosaic", *given], monkeypatch, capsys)
    assert status == 2 and err.splitlines()[-1].startswith("Error: no.jpg does not exist")
    assert ("note: --brushwork is for method painterly" in err) == noted


@pytest.mark.parametrize(
    ("given", "note"),
    [
        (["--content-layer", "relu2_1"], "--content-layer is for method gram"),
        (["--content-layer", "relu2_1", "--method", "gram"], ""),
        (["--learning-rate", "0.1"], "--learning-rate is for adam"),
        (["--decay", "constant"], "--decay is for adam"),
        (["--learning-rate", "0.1", "--optimizer", "adam"], ""),
        (["--decay-steps", "3", "--optimizer", "adam"], "--decay-steps is for --decay exponential"),
        (["--decay-steps", "3", "--optimizer", "adam", "--decay", "exponential"], ""),
        (["--tv-exponent", "1.25"], "--tv-exponent has no effect"),
        (["--tv-exponent", "1.25", "--tv-weight", "1"], ""),
        (["--recolour", "0.5", "--colours", "luminance"], "--recolour is for --colours style"),
    ],
)
def test_every_option_without_effect_is_noted(
    given: list[object], note: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    _, err = ends(["stylize", "no.jpg", "mosaic", *given], monkeypatch, capsys)
    notes = [line for line in err.splitlines() if line.startswith("note: ")]
    assert len(notes) == bool(note) and all(line.startswith(f"note: {note}") for line in notes)


def test_a_file_with_the_name_of_an_option_is_explained(small_portrait: Path, tmp_path: Path) -> None:
    (tmp_path / "-dash.png").write_bytes(small_portrait.read_bytes())
    refused = run("mask", "-dash.png", cwd=tmp_path)
    assert refused.returncode == 2 and "(for the file of that name write ./-dash.png)" in refused.stderr
    assert run("mask", "./-dash.png", "-q", cwd=tmp_path).stdout == "-dash-mask.png\n"
