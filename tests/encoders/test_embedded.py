"""The embedded encoder: the shipped file, the register that guards it, and files that are not one."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from portrait_nst import encoders, resources
from portrait_nst.encoders import embedded
from portrait_nst.errors import ModelError, PortraitError

from .networks import EMBEDDED as WIDTHS
from .networks import caffe_state, embedded_arrays, torchvision_state, vgg, write_npz


def test_the_shipped_encoder() -> None:
    loaded = embedded.load()
    assert loaded.layers == ("relu1_1", "relu2_1", "relu3_1", "relu3_2", "relu3_4")
    assert set(loaded.style_layers) | set(loaded.content_layers) <= set(loaded.layers)
    assert [len(block) for block in vgg(loaded).widths] == [2, 2, 4]
    assert (
        loaded.sha256 == json.loads((resources.models_folder() / "models.json").read_text())["embedded.npz"]["sha256"]
    )
    assert not loaded.net.training and not any(p.requires_grad for p in loaded.net.parameters())
    with torch.no_grad():
        maps = loaded.features(torch.rand(1, 3, 37, 50), loaded.layers)
    for layer, found in maps.items():
        assert found.shape[2:] == (loaded.geometry(layer).cells(37), loaded.geometry(layer).cells(50))
        assert torch.isfinite(found).all() and found.std() > 0


def test_the_shipped_file_is_at_most_5_mb() -> None:
    assert (resources.models_folder() / embedded.FILE).stat().st_size <= 5_000_000


def test_lengths_in_a_basis_are_lengths_in_the_teachers_space() -> None:
    """||R D R^T|| = ||W D W^T|| for the map W that the file holds."""
    loaded = embedded.load()
    with np.load(resources.models_folder() / embedded.FILE) as archive:
        maps = {layer: archive[f"{layer}.map"].astype(np.float64) for layer in loaded.layers}
    for layer, matrix in maps.items():
        base = loaded.bases[layer].double().numpy()
        assert base.shape == (matrix.shape[1],) * 2
        np.testing.assert_array_equal(base, np.triu(base))
        difference = np.random.default_rng(0).normal(size=base.shape)
        difference += difference.T
        length = np.linalg.norm(base @ difference @ base.T)
        assert length == pytest.approx(np.linalg.norm(matrix @ difference @ matrix.T), rel=1e-5)


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "own.npz", embedded_arrays())
    loaded = encoders.get("embedded", path)
    assert loaded.net.widths == WIDTHS
    assert loaded.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    torch.testing.assert_close(loaded.bases["relu3_2"].abs(), torch.eye(2))


def test_layers_are_in_order_of_depth_whatever_the_files_order(tmp_path: Path) -> None:
    arrays = dict(reversed(embedded_arrays().items()))
    loaded = embedded.load(write_npz(tmp_path / "own.npz", arrays))
    assert loaded.layers == ("relu1_1", "relu2_1", "relu3_1", "relu3_2", "relu3_4")


def _as_pth(path: Path) -> None:
    torch.save(torchvision_state(WIDTHS), path)


def _half(path: Path) -> None:
    write_npz(path, embedded_arrays())
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _flipped(path: Path) -> None:
    write_npz(path, embedded_arrays())
    data = bytearray(path.read_bytes())
    data[150] ^= 255
    path.write_bytes(data)


def _without(name: str) -> Callable[[Path], Path]:
    return lambda path: write_npz(path, {k: v for k, v in embedded_arrays().items() if k != name})


WRONG: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("not weights"),
    "half": _half,
    "flipped": _flipped,
    "pth": _as_pth,
    "one array": lambda path: np.save(path.open("wb"), np.zeros(3)),
    "other arrays": lambda path: write_npz(path, {"a": np.zeros(3)}),
    "caffe": lambda path: write_npz(path, caffe_state(WIDTHS)),
    "no bias": _without("conv2_1.bias"),
    "no convolution": _without("conv3_2.weight"),
    "no map": _without("relu3_1.map"),
    "wrong shape": lambda path: write_npz(path, embedded_arrays(**{"conv2_1.weight": np.zeros((2, 5, 3, 3))})),
    "wrong map": lambda path: write_npz(path, embedded_arrays(**{"relu3_1.map": np.zeros((3, 5))})),
    "odd name": lambda path: write_npz(path, embedded_arrays(**{"convolution.weight": np.zeros((2, 2, 3, 3))})),
    "words": lambda path: write_npz(path, embedded_arrays(**{"conv1_1.bias": np.array(["a", "b"])})),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_file_that_is_no_embedded_encoder_is_one_clear_error(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.npz"
    WRONG[kind](path)
    with pytest.raises(ModelError) as error:
        encoders.get("embedded", path)
    message = str(error.value)
    assert "mine.npz" in message and "embedded" in message
    assert "\n" not in message


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the folder of models, in use."""
    folder = tmp_path / "_models"
    folder.mkdir()
    for name in ("models.json", embedded.FILE):
        shutil.copy(resources.models_folder() / name, folder)
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path)
    assert resources.models_folder() == folder
    return folder


def test_a_changed_byte_is_found(models: Path) -> None:
    data = bytearray((models / embedded.FILE).read_bytes())
    assert resources.model_bytes(embedded.FILE) == data
    data[len(data) // 2] ^= 1
    (models / embedded.FILE).write_bytes(data)
    with pytest.raises(ModelError, match=r"embedded\.npz is damaged.*Reinstall"):
        embedded.load()


def test_a_missing_file_is_said(models: Path) -> None:
    (models / embedded.FILE).unlink()
    with pytest.raises(ModelError, match=r"embedded\.npz cannot be read"):
        embedded.load()


def test_a_file_of_another_kind_is_told_without_advice_to_run_its_code(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"I am no weights")
    with pytest.raises(
        ModelError, match=r"photo\.jpg does not hold weights.*no \.npz file.*Leave --weights out"
    ) as error:
        embedded.load(tmp_path / "photo.jpg")
    assert "pickle" not in str(error.value)


def test_the_weights_of_another_encoder_are_told_without_pythons_insides(tmp_path: Path) -> None:
    torch.save({"features.0.weight": torch.zeros(2)}, tmp_path / "vgg16.pth")
    with pytest.raises(ModelError, match=r"it is no \.npz file") as error:
        embedded.load(tmp_path / "vgg16.pth")
    assert "astype" not in str(error.value)


def test_an_unregistered_file_is_not_read(models: Path) -> None:
    (models / "other.npz").write_bytes(b"")
    with pytest.raises(ModelError, match=r"'other\.npz' is registered.*embedded\.npz"):
        resources.model_bytes("other.npz")


def test_a_missing_folder_is_said(models: Path) -> None:
    (models / "models.json").unlink()
    with pytest.raises(PortraitError, match="reinstall"):
        embedded.load()
