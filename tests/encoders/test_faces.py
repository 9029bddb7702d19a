"""Weights of networks that recognise faces: each layout is known, and leads to the same network."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models.resnet import ResNet

from portrait_nst import encoders
from portrait_nst.encoders import pretrained
from portrait_nst.encoders.vgg_layout import VGG16
from portrait_nst.transfer.functional import MODES, propagate_guide

from .networks import caffe_state, model, torchvision_state

NARROW = tuple((4,) * len(block) for block in VGG16)
MEAN = torch.tensor([129.186279296875, 104.76238250732422, 93.59396362304688]).view(1, 3, 1, 1)
MEAN2 = torch.tensor([131.0912, 103.8827, 91.4953]).view(1, 3, 1, 1)


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        pretrained, "WIDTHS", {"vgg19": ((4, 4), (4, 4), (4,) * 4, (4,) * 4, (4,) * 4), "vgg16": NARROW}
    )


def write(path: Path, tensors: dict[str, Tensor]) -> Path:
    torch.save(tensors, path)
    return path


def dag(people: int | None) -> dict[str, Tensor]:
    state = {key: torch.from_numpy(value) for key, value in caffe_state(NARROW).items()}
    return {**state, **({"fc8.weight": torch.zeros(people, 2)} if people else {})}


def underlined(people: int | None) -> dict[str, Tensor]:
    return {key.replace("conv", "conv_") if key.startswith("conv") else key: v for key, v in dag(people).items()}


def features(people: int | None) -> dict[str, Tensor]:
    state = {key: value for key, value in torchvision_state(NARROW).items() if key.startswith("features.")}
    return {**state, **({"classifier.6.weight": torch.zeros(people, 2)} if people else {})}


@pytest.mark.parametrize(
    "state, file, bgr",
    [
        (underlined(2622), "a.pth", True),
        (underlined(None), "a.pth", True),
        (dag(2622), "a.pth", False),
        (dag(None), "vgg_face_dag.pth", False),
        (features(2622), "a.pth", False),
        (features(None), "VGGFace.pth", False),
    ],
    ids=["conv_1_1", "conv_1_1, headless", "conv1_1", "conv1_1, headless", "features", "features, headless"],
)
def test_vgg_face_in_every_layout(state: dict[str, Tensor], file: str, bgr: bool, tmp_path: Path) -> None:
    loaded = encoders.get("vgg16", write(tmp_path / file, state))
    assert loaded.input_scale == pytest.approx(255)
    assert loaded.content_layers == ("relu4_2",) and len(loaded.layers) == 13
    picture = torch.rand(1, 3, 20, 24)
    fed = picture * 255 - MEAN
    first = dag(None)
    expected = F.conv2d(fed.flip(1) if bgr else fed, first["conv1_1.weight"], first["conv1_1.bias"], padding=1)
    torch.testing.assert_close(loaded.features(picture, ["conv1_1"])["conv1_1"], expected, rtol=1e-4, atol=1e-2)


@pytest.mark.parametrize("state, file, scale", [(dag(1000), "face.pth", 255), (features(1000), "face.pth", 4.42)])
def test_imagenets_weights_are_not_taken_for_faces(
    state: dict[str, Tensor], file: str, scale: float, tmp_path: Path
) -> None:
    loaded = encoders.get("vgg16", write(tmp_path / file, state))
    assert loaded.input_scale == pytest.approx(scale, rel=1e-2)
    assert not torch.allclose(loaded.net.mean, MEAN / 255)


@cache
def resnet() -> ResNet:
    """ResNet-50 as Caffe builds it, written down anew."""
    made = model("resnet50", num_classes=7)
    assert isinstance(made, ResNet)
    for block in (made.layer2[0], made.layer3[0], made.layer4[0]):
        block.conv1.stride, block.conv2.stride = (2, 2), (1, 1)
    made.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=0, ceil_mode=True)
    return made


def oxford() -> dict[str, Tensor]:
    """Its weights under Oxford's names."""
    parts = {"conv1": "1x1_reduce", "conv2": "3x3", "conv3": "1x1_increase", "downsample.0": "1x1_proj"}
    parts |= {"bn1": "1x1_reduce_bn", "bn2": "3x3_bn", "bn3": "1x1_increase_bn", "downsample.1": "1x1_proj_bn"}
    found = {}
    for key, value in resnet().state_dict().items():
        path, _, kind = key.rpartition(".")
        if path.startswith("layer"):
            stage, block, part = path.removeprefix("layer").split(".", 2)
            path = f"conv{int(stage) + 1}_{int(block) + 1}_{parts[part]}"
        elif path in ("conv1", "bn1"):
            path = "conv1_7x7_s2" + ("_bn" if path == "bn1" else "")
        else:
            path = "classifier"
        found[f"{path}.{kind}"] = value
    return found


def caffe(people: int | None) -> dict[str, Tensor]:
    state = {key: value for key, value in resnet().state_dict().items() if not key.startswith("fc.")}
    return {**state, **({"fc.weight": torch.zeros(people, 2)} if people else {})}


def theirs(picture: Tensor, bgr: bool) -> tuple[Tensor, Tensor]:
    """Maps after the second and the last stage."""
    x = picture * 255 - (MEAN2.flip(1) if bgr else MEAN2)
    made = resnet()
    with torch.no_grad():
        x = made.maxpool(made.relu(made.bn1(made.conv1(x))))
        middle = made.layer2(made.layer1(x))
        return middle, made.layer4(made.layer3(middle))


@pytest.mark.parametrize(
    "made, file, bgr",
    [(oxford, "a.pth", False), (lambda: caffe(8631), "a.pth", True), (lambda: caffe(None), "resnet50_face.pth", True)],
    ids=["Oxford's names", "torchvision's names", "torchvision's names, headless"],
)
@pytest.mark.parametrize("size", [(64, 95), (99, 77)])
def test_vggface2_in_every_layout(
    made: Callable[[], dict[str, Tensor]], file: str, bgr: bool, size: tuple[int, int], tmp_path: Path
) -> None:
    """Maps are those of the network as it was trained, at even and odd sizes, less a cell that looks past the border."""
    loaded = encoders.get("resnet50", write(tmp_path / file, made()))
    assert loaded.input_scale == pytest.approx(255)
    picture = torch.rand(1, 3, *size)
    layers = ("conv3_block4_out", "conv5_block3_out")
    found = loaded.features(picture, layers)
    for layer, expected in zip(layers, theirs(picture.flip(1) if bgr else picture, bgr)):
        height, width = (loaded.geometry(layer).cells(side) for side in size)
        assert found[layer].shape[-2:] == (height, width)
        assert 0 <= expected.shape[-2] - height <= 1 and 0 <= expected.shape[-1] - width <= 1
        cropped = expected[..., :height, :width]
        torch.testing.assert_close(found[layer], cropped, rtol=1e-3, atol=1e-4 * float(expected.abs().max()))
        for mode in MODES:
            assert propagate_guide(torch.ones(1, *size), loaded.geometry(layer), mode).shape == (1, height, width)


def test_imagenets_resnet_is_not_taken_for_faces(tmp_path: Path) -> None:
    loaded = encoders.get("resnet50", write(tmp_path / "face.pth", caffe(1000)))
    assert loaded.input_scale == pytest.approx(4.42, rel=1e-2)
    assert loaded.geometry("conv2_block1_0_conv").start == -5, "torchvision's pooling pads"
