"""Weights of VGG-16 and VGG-19 from a file: every naming, every way to be wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from portrait_nst import encoders
from portrait_nst.encoders import pretrained
from portrait_nst.errors import ModelError

from .networks import caffe_state, convolution, names, parameters, torchvision_state, vgg, write_npz

SMALL = {
    "vgg16": ((4, 4), (4, 4), (4,) * 3, (4,) * 3, (4,) * 3),
    "vgg19": ((4, 4), (4, 4), (4,) * 4, (4,) * 4, (4,) * 4),
}


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both networks with four channels everywhere, so that files stay small."""
    monkeypatch.setattr(pretrained, "WIDTHS", SMALL)


def write(path: Path, state: dict[str, Tensor]) -> Path:
    torch.save(state, path)
    return path


@pytest.mark.parametrize("name", SMALL)
def test_a_state_dict_named_as_torchvisions(name: str, tmp_path: Path) -> None:
    state = torchvision_state(SMALL[name])
    loaded = encoders.get(name, write(tmp_path / "mine.pth", state))
    assert loaded.name == name and loaded.layers == names(SMALL[name])
    assert loaded.sha256 == hashlib.sha256((tmp_path / "mine.pth").read_bytes()).hexdigest()
    assert loaded.style_layers == ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
    assert loaded.content_layers == ("relu4_2",) and loaded.levels == 1
    theirs = [value for key, value in state.items() if key.startswith("features.")]
    for found, expected in zip(vgg(loaded).convolutions.parameters(), theirs, strict=True):
        assert torch.equal(found, expected)
    assert not loaded.net.training and not any(p.requires_grad for p in loaded.net.parameters())


@pytest.mark.parametrize(
    "wrap", [lambda s: {"state_dict": s, "epoch": 3}, lambda s: {f"module.{k}": v for k, v in s.items()}]
)
def test_wrappings_that_training_scripts_leave(
    wrap: Callable[[dict[str, Tensor]], dict[str, Any]], tmp_path: Path
) -> None:
    state = torchvision_state(SMALL["vgg19"])
    loaded = pretrained.load("vgg19", write(tmp_path / "mine.pt", wrap(state)))
    assert torch.equal(convolution(vgg(loaded), "conv5_4").weight, state["features.34.weight"])


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("suffix", [".npz", ".pth"])
def test_caffes_names(name: str, suffix: str, tmp_path: Path) -> None:
    arrays = {**caffe_state(SMALL[name]), "fc6.weight": np.zeros((2, 2), np.float32)}
    path = tmp_path / f"caffe{suffix}"
    if suffix == ".npz":
        write_npz(path, arrays)
    else:
        write(path, {key: torch.from_numpy(value) for key, value in arrays.items()})
    loaded = pretrained.load(name, path)
    assert loaded.net.bgr and loaded.layers == names(SMALL[name])
    for layer in vgg(loaded).convolutions:
        for kind, found in zip(("weight", "bias"), parameters(vgg(loaded), layer)):
            np.testing.assert_array_equal(found.numpy(), arrays[f"{layer}.{kind}"])


def test_half_precision_is_read(tmp_path: Path) -> None:
    state = {key: value.half() for key, value in torchvision_state(SMALL["vgg16"]).items()}
    loaded = pretrained.load("vgg16", write(tmp_path / "half.pth", state))
    assert convolution(vgg(loaded), "conv1_1").weight.dtype == torch.float32


@pytest.mark.parametrize(
    "last, style, content, levels",
    [
        ("conv4_2", ("relu1_1", "relu2_1", "relu3_1", "relu4_1"), "relu4_2", 1),
        ("conv4_1", ("relu1_1", "relu2_1", "relu3_1", "relu3_4"), "relu3_2", 3),
        ("conv3_4", ("relu1_1", "relu2_1", "relu3_1", "relu3_4"), "relu3_2", 3),
        ("conv3_1", ("relu1_1", "relu2_1", "relu3_1"), "relu3_1", 3),
        ("conv1_1", ("relu1_1",), "relu1_1", 3),
    ],
)
def test_a_file_that_ends_early_offers_what_it_has(
    last: str, style: tuple[str, ...], content: str, levels: int, tmp_path: Path
) -> None:
    full = caffe_state(SMALL["vgg19"])
    convolutions = names(SMALL["vgg19"], "conv")
    kept = convolutions[: convolutions.index(last) + 1]
    arrays = {key: value for key, value in full.items() if key.partition(".")[0] in kept}
    loaded = pretrained.load("vgg19", write_npz(tmp_path / "early.npz", arrays))
    assert loaded.layers == tuple(layer.replace("conv", "relu") for layer in kept)
    assert (loaded.style_layers, loaded.content_layers, loaded.levels) == (style, (content,), levels)
    with torch.no_grad():
        loaded.features(torch.rand(1, 3, 32, 32), {*loaded.style_layers, *loaded.content_layers})


def _without(state: dict[str, Tensor], *prefixes: str) -> dict[str, Tensor]:
    return {key: value for key, value in state.items() if not key.startswith(prefixes)}


def _truncated(path: Path, state: dict[str, Tensor]) -> None:
    write(path, state)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])


class _Harmful:
    def __reduce__(self) -> tuple[Any, ...]:
        return (print, ("code in the file was run",))


VGG16, VGG19 = torchvision_state(SMALL["vgg16"]), torchvision_state(SMALL["vgg19"])
WRONG: dict[str, Callable[[Path], object]] = {
    "empty.pth": lambda path: path.write_bytes(b""),
    "text.pth": lambda path: path.write_text("<html>404 Not Found</html>"),
    "garbage.pth": lambda path: path.write_bytes(np.random.default_rng(0).bytes(5000)),
    "truncated.pth": lambda path: _truncated(path, VGG19),
    "zip.pth": lambda path: write_npz(path.with_suffix(".npz"), {}).rename(path),
    "list.pth": lambda path: torch.save([torch.zeros(3)], path),
    "wrapped_list.pth": lambda path: torch.save({"state_dict": [torch.zeros(3)]}, path),
    "code.pth": lambda path: torch.save({"features.0.weight": _Harmful()}, path),
    "empty.npz": lambda path: path.write_bytes(b""),
    "text.npz": lambda path: path.write_text("no archive"),
    "words.npz": lambda path: write_npz(path, {"conv1_1.weight": np.array(["a"])}),
    "objects.npz": lambda path: write_npz(path, {"conv1_1.weight": np.array([{}], dtype=object)}),
    "nothing.npz": lambda path: write_npz(path, {}),
    "resnet.pth": lambda path: write(path, {"conv1.weight": torch.zeros(4, 3, 7, 7), "fc.weight": torch.zeros(2, 2)}),
    "vgg16.pth": lambda path: write(path, VGG16),
    "vgg16.npz": lambda path: write_npz(path, caffe_state(SMALL["vgg16"])),
    "batch_norm.pth": lambda path: write(path, torchvision_state(SMALL["vgg19"], batch_norm=True)),
    "wide.pth": lambda path: write(path, torchvision_state(((8, 8), (8, 8)))),
    "no_bias.pth": lambda path: write(path, _without(VGG19, "features.5.bias")),
    "gap.pth": lambda path: write(path, _without(VGG19, "features.5.")),
    "headless.pth": lambda path: write(path, _without(VGG19, "features.0.")),
}


@pytest.mark.parametrize("file", WRONG)
def test_a_file_that_cannot_serve_is_one_clear_error(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / file
    WRONG[file](path)
    with pytest.raises(ModelError) as error:
        encoders.get("vgg19", path)
    message = str(error.value)
    assert file in message and "\n" not in message and len(message) < 400
    assert not any(jargon in message for jargon in ("miniz", "pickle", "zip archive")), message
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("kind", ["torchvision", "caffe"])
def test_a_deeper_network_is_not_taken_for_one_that_ends_early(kind: str, tmp_path: Path) -> None:
    """VGG-19's first seven convolutions fit VGG-16; its eighth does not."""
    if kind == "caffe":
        path = write_npz(tmp_path / "other.npz", caffe_state(SMALL["vgg19"]))
    else:
        path = write(tmp_path / "other.pth", VGG19)
    with pytest.raises(ModelError, match=r"does not fit vgg16: besides .* it holds (conv3_4|conv4_2).*vgg19"):
        pretrained.load("vgg16", path)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"conv2_1\.bias is missing"):
        pretrained.load("vgg19", write(tmp_path / "mine.pth", _without(VGG19, "features.5.bias")))
    with pytest.raises(ModelError, match=r"expected tensors called features\.0\.weight"):
        pretrained.load("vgg19", write(tmp_path / "mine.pth", {"a": torch.zeros(2)}))
