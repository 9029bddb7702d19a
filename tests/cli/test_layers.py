"""`portrait-nst layers`: what an encoder has, without its weights."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from portrait_nst import encoders
from portrait_nst.cli.main import app
from portrait_nst.errors import InputError


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a download was tried")

    monkeypatch.setattr("torch.hub.download_url_to_file", refuse)
    monkeypatch.setenv("PORTRAIT_NST_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize(
    "name", ["embedded", "vgg19", "vgg16_bn", "alexnet", "resnet50", "inception_v3", "efficientnet_b0"]
)
def test_json_lists_every_layer(name: str) -> None:
    done = CliRunner().invoke(app, ["layers", name, "--json"])
    assert done.exit_code == 0, done.output
    values = json.loads(done.stdout)
    found = encoders.blueprint(name)
    assert values["encoder"] == name
    assert [row["name"] for row in values["layers"]] == [layer.name for layer in found.described]
    assert [row["name"] for row in values["layers"] if row["style"]] == sorted(found.style_layers, key=_order(found))
    assert [row["name"] for row in values["layers"] if row["content"]] == list(found.content_layers)
    for row in values["layers"]:
        assert row["stride"] == found.geometry(row["name"]).jump and row["field"] == found.geometry(row["name"]).field
        assert row["channels"] > 0


def _order(found: encoders.Encoder) -> Callable[[str], int]:
    return [layer.name for layer in found.described].index


def test_the_table_says_what_a_user_needs() -> None:
    done = CliRunner().invoke(app, ["layers", "resnet50"])
    assert done.exit_code == 0
    line = next(line for line in done.stdout.splitlines() if "conv4_block1_2_bn" in line)
    assert "*" in line and "layer3.0.bn2" in line
    assert [cell.strip() for cell in line.strip("│ \n").split("│")][-3:] == ["256", "16", "107"]
    assert "conv5_block3_3_bn+" in done.stdout


def test_published_numbers() -> None:
    done = CliRunner().invoke(app, ["layers", "vgg19", "--json"])
    rows = {row["keras"]: row for row in json.loads(done.stdout)["layers"]}
    assert [(rows[f"block{n}_conv1"]["stride"], rows[f"block{n}_conv1"]["field"]) for n in range(1, 6)] == [
        *((1, 3), (2, 10), (4, 24), (8, 68), (16, 156)),
    ]


def test_an_unknown_encoder() -> None:
    done = CliRunner().invoke(app, ["layers", "vgg11"])
    assert isinstance(done.exception, InputError) and "resnet50" in str(done.exception)
