"""Weights of torchvision's other networks: downloads from a server of the test's own, files, and what does not fit."""

from __future__ import annotations

import hashlib
import io
import socket
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
import torchvision.models
from torch import Tensor

from portrait_nst import encoders
from portrait_nst.encoders import pretrained
from portrait_nst.encoders.architectures import ARCHITECTURES
from portrait_nst.errors import ModelError

from .networks import model, network, torchvision_state
from .test_download import Server, digest, files, home, offer, server

__all__ = ["home", "server"]  # fixtures


@cache
def state(name: str) -> dict[str, Tensor]:
    """What torchvision's file of weights holds, but for the greatest part of AlexNet's classifier."""
    options = {"aux_logits": True} if name == "inception_v3" else {}
    found = model(name, **options).state_dict()
    return {key: value for key, value in found.items() if value.numel() < 10_000_000}


def write(path: Path, tensors: dict[str, Any]) -> Path:
    torch.save(tensors, path)
    return path


@pytest.fixture
def alexnet(server: Server, home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """AlexNet's weights on the server; gives the file's name."""
    buffer = io.BytesIO()
    torch.save(state("alexnet"), buffer)
    server.body = buffer.getvalue()
    return offer(monkeypatch, server.server_port, digest(server.body), "alexnet")


def test_weights_are_fetched_once_and_only_what_maps_need_is_kept(
    server: Server, home: Path, alexnet: str, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = encoders.get("alexnet"), encoders.get("alexnet", pooling="max")
    assert server.requests == 1
    kept = home / f"{alexnet.removesuffix('.pth')}-features.pth"
    assert files(home) == [kept.name]
    assert set(torch.load(kept, weights_only=True)) == {key for key in state("alexnet") if key.startswith("features.")}
    assert first.sha256 == second.sha256 == digest(kept.read_bytes())
    picture = torch.rand(1, 3, 64, 64)
    assert torch.equal(first.features(picture, ["conv1"])["conv1"], second.features(picture, ["conv1"])["conv1"])
    assert capsys.readouterr().out == ""


def failing(home: Path) -> str:
    with pytest.raises(ModelError) as error:
        encoders.get("alexnet")
    message = str(error.value)
    assert "alexnet" in message and "--weights FILE" in message and "--encoder embedded" in message
    assert "\n" not in message
    assert not home.exists() or files(home) == []
    return message


def test_a_wrong_hash(server: Server, home: Path, monkeypatch: pytest.MonkeyPatch, alexnet: str) -> None:
    server.body += b" "
    assert "hash" in failing(home)


@pytest.mark.parametrize("sent", [0, 5000])
def test_a_cut_connection(server: Server, home: Path, alexnet: str, sent: int) -> None:
    server.sent = sent
    failing(home)
    server.sent = None
    assert encoders.get("alexnet").name == "alexnet"


def test_no_network(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        offer(monkeypatch, closed.getsockname()[1], digest(b""), "alexnet")
        assert "refused" in failing(home)


def test_a_server_with_other_weights(server: Server, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = io.BytesIO()
    torch.save(torchvision_state(((4, 4), (4, 4))), buffer)
    server.body = buffer.getvalue()
    offer(monkeypatch, server.server_port, digest(server.body), "alexnet")
    with pytest.raises(ModelError, match="does not fit alexnet"):
        encoders.get("alexnet")


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_torchvisions_names_carry_the_hash_that_is_checked(name: str) -> None:
    url = torchvision.models.get_model_weights(name)["IMAGENET1K_V1"].url
    assert torch.hub.HASH_REGEX.search(url.rsplit("/", 1)[1])


@pytest.mark.parametrize("name", ["alexnet", "resnet50", "inception_v3", "efficientnet_b0"])
def test_a_file(name: str, tmp_path: Path) -> None:
    half = {f"module.{key}": value.half() if value.is_floating_point() else value for key, value in state(name).items()}
    path = write(tmp_path / "mine.pth", {"state_dict": half, "epoch": 3})
    loaded = encoders.get(name, path)
    assert loaded.name == name and loaded.levels == 1
    assert loaded.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    ours = network(loaded).body.state_dict()
    assert {value.dtype for value in ours.values()} <= {torch.float32, torch.int64}
    for key in ours:
        if not key.endswith("num_batches_tracked"):
            torch.testing.assert_close(ours[key], state(name)[key], rtol=1e-3, atol=1e-4)


def _less(name: str, *prefixes: str) -> dict[str, Tensor]:
    return {key: value for key, value in state(name).items() if not key.startswith(prefixes)}


WRONG: dict[str, tuple[Callable[[], dict[str, Tensor]], str]] = {
    "empty": (lambda: {}, r"holds no weights of resnet50: expected tensors called conv1\.weight \.\.\., found none"),
    "foreign": (lambda: torchvision_state(((4, 4), (4, 4))), r"holds no weights of resnet50.*found classifier\.0"),
    "missing": (lambda: _less("resnet50", "layer3.2.conv2."), r"layer3\.2\.conv2\.weight is missing"),
    "deeper": (
        lambda: {**state("resnet50"), "layer3.6.conv1.weight": torch.zeros(2)},
        r"has no layer3\.6\.conv1\.weight",
    ),
    "other shape": (
        lambda: {**state("resnet50"), "layer4.0.bn2.bias": torch.zeros(3)},
        r"layer4\.0\.bn2\.bias has the shape \(3,\), expected \(512,\)",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_file_that_does_not_fit_is_one_clear_error(case: str, tmp_path: Path) -> None:
    made, expected = WRONG[case]
    path = write(tmp_path / "wrong.pth", made())
    with pytest.raises(ModelError, match=expected) as error:
        encoders.get("resnet50", path)
    assert "wrong.pth" in str(error.value) and "\n" not in str(error.value) and len(str(error.value)) < 300


def test_a_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "text.pth").write_text("<html>404 Not Found</html>")
    with pytest.raises(ModelError, match=r"text\.pth cannot be read"):
        encoders.get("efficientnet_b0", tmp_path / "text.pth")


def test_a_relative_is_not_taken_for_the_network(tmp_path: Path) -> None:
    """EfficientNet-B1 begins with the tensors of B0 and has more of them."""
    path = write(tmp_path / "b1.pth", model("efficientnet_b1").state_dict())
    with pytest.raises(ModelError, match=r"does not fit efficientnet_b0.*--encoder"):
        encoders.get("efficientnet_b0", path)


def test_loading_leaves_nothing_without_a_value(tmp_path: Path) -> None:
    loaded = encoders.get("alexnet", write(tmp_path / "mine.pth", state("alexnet")))
    assert not any(tensor.is_meta for tensor in loaded.net.state_dict().values())
    assert loaded.to(torch.device("cpu")) is loaded
    assert pretrained.read_state(tmp_path / "mine.pth").keys() == state("alexnet").keys()
