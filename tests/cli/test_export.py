"""`portrait-nst export`: a model that is written only if it paints the same."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import onnx
import pytest
from typer.testing import CliRunner

from portrait_nst.cli.main import app
from portrait_nst.errors import InputError, PortraitError, ResourceError
from portrait_nst.instant import Network, Painter, files, store
from portrait_nst.instant.network import Painting
from portrait_nst.instant.onnx_export import proof


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("PORTRAIT_NST_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def learned(name: str = "waves.png", sha256: str = "ab" * 32) -> Network:
    """A network that says of itself that it was learned."""
    from portrait_nst import encoders

    start = replace(store.universal(), grain=0.03)
    picture = proof.sample((64, 64), seed=2).photo
    aimed = start.aimed_at([(Painter(encoders.get("embedded"), start).statistics(picture), 1.0)])
    return replace(aimed, about=replace(aimed.about, steps=600, paintings=(Painting(name, sha256),)))


def test_a_learned_file(tmp_path: Path) -> None:
    files.save(learned(), tmp_path / "waves.safetensors")
    done = CliRunner().invoke(app, ["export", "waves.safetensors"])
    assert done.exit_code == 0, done.output
    assert done.stdout.strip() == "waves.onnx" and "equal to within 0." in done.stderr and "note" not in done.stderr
    assert "waves.png" in onnx.load("waves.onnx").doc_string
    assert sorted(path.name for path in tmp_path.iterdir()) == ["waves.onnx", "waves.safetensors"]


def test_a_picture_that_was_learned_is_found_by_its_bytes(small_style: Path) -> None:
    from portrait_nst import resources

    assert store.keep(learned(sha256=resources.file_digest(small_style)))
    done = CliRunner().invoke(app, ["export", str(small_style), "-o", "x.onnx", "--json"])
    values = json.loads(done.stdout)
    assert values["learned"] and values["steps"] == 600 and values["notes"] == []
    assert values["bytes"] == Path("x.onnx").stat().st_size and values["levels"] < 2


def test_a_picture_that_was_not_learned_gives_a_preview_and_a_note(small_style: Path) -> None:
    done = CliRunner().invoke(app, ["export", str(small_style), "-o", "-"])
    assert done.exit_code == 0, done.stderr
    assert "waves.png is not learned yet, so this is only a preview" in done.stderr
    assert f"portrait-nst learn {small_style}" in done.stderr
    about = {p.key: p.value for p in onnx.load_from_string(done.stdout_bytes).metadata_props}
    assert json.loads(about["portrait_nst"])["paintings"][0]["name"] == "waves.png"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["impasto", "-o", "net.pt"], r"exported as \.onnx, not as \.pt: -o net\.onnx"),
        (["impasto", "-o", "net"], r"not as a file without suffix: -o net\.onnx"),
        (["impasto", "-o", "there.onnx"], "exists already"),
        (["impasto", "-o", "no/net.onnx"], r"The folder \S*no does not exist"),
        (["-", "-o", "net.onnx"], "does not read the painting from a pipe"),
        (["impasto", "-o", "-", "--json"], "--json prints on standard output, where the model goes"),
        (["impastto"], "Did you mean impasto"),
        (["missing.safetensors", "-o", "net.onnx"], r"missing\.safetensors"),
        (["there.onnx", "-o", "net.onnx"], "not a picture that can be read"),
        (["universal.safetensors", "-o", "net.onnx"], "was learned for no painting"),
    ],
)
def test_errors_are_one_line_and_nothing_is_written(arguments: list[str], message: str, tmp_path: Path) -> None:
    Path("there.onnx").write_text("kept")
    files.save(store.universal(), "universal.safetensors")
    done = CliRunner().invoke(app, ["export", *arguments])
    assert isinstance(done.exception, InputError)
    with pytest.raises(PortraitError, match=message):
        raise done.exception
    assert sorted(path.name for path in tmp_path.iterdir()) == ["there.onnx", "universal.safetensors"]
    assert Path("there.onnx").read_text() == "kept"


def test_a_model_that_would_paint_otherwise_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files.save(learned(), "waves.safetensors")
    monkeypatch.setattr(proof, "difference", lambda *args: 3 / 255)
    done = CliRunner().invoke(app, ["export", "waves.safetensors", "-o", "net.onnx"])
    assert isinstance(done.exception, ResourceError) and "3.0/255 (at most 2/255)" in str(done.exception)
    assert not Path("net.onnx").exists()


def test_without_the_extra_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    done = CliRunner().invoke(app, ["export", "impasto", "-o", "net.onnx"])
    assert isinstance(done.exception, ResourceError) and "pip install 'portrait-nst[onnx]'" in str(done.exception)
