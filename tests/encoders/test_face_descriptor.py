"""The network that describes a face: a block of it against numpy, its size and weights, upright views of any size and turn."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from portrait_nst import encoders, resources
from portrait_nst.encoders.face_descriptor import BLOCKS, FILE, SIDE, FaceDescriptor

Array = NDArray[np.float64]


@pytest.fixture(scope="module")
def net() -> FaceDescriptor:
    return encoders.load_face_descriptor()


@pytest.fixture(scope="module")
def stored() -> dict[str, Array]:
    """The weights of the file in float64, as their names and `ranges` say."""
    with np.load(io.BytesIO(resources.model_bytes(FILE))) as archive:
        names = [name for name in archive.files if name != "ranges"]
        return {name: archive[name] * scale + least for name, (scale, least) in zip(names, archive["ranges"])}


def convolved(x: Array, weights: dict[str, Array], layer: str, stride: int, padding: int) -> Array:
    """A convolution and the scale after it, (c, h, w) to (d, h', w')."""
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    filters, bias = weights[f"{layer}/conv/filters"], weights[f"{layer}/conv/bias"]
    seen = sliding_window_view(x, filters.shape[2:], (1, 2))[:, ::stride, ::stride]
    y = np.einsum("chwij,dcij->dhw", seen, filters) + bias[:, None, None]
    return np.asarray(
        y * weights[f"{layer}/scale/weights"][:, None, None] + weights[f"{layer}/scale/biases"][:, None, None]
    )


@pytest.mark.parametrize("name", ["conv32_2", "conv64_down"])
@pytest.mark.parametrize("side", [9, 12])
def test_a_block_is_that_of_numpy(net: FaceDescriptor, stored: dict[str, Array], name: str, side: int) -> None:
    x = np.random.default_rng(0).random((32, side, side))
    down = name.endswith("down")
    y = np.maximum(convolved(x, stored, f"{name}/conv1", 2 if down else 1, 0 if down else 1), 0)
    y = convolved(y, stored, f"{name}/conv2", 1, 1)
    if down:  # dlib fills with zeros what one branch lacks, in cells and in channels
        half = side // 2
        grown = np.zeros((64, half, half))
        grown[:, : y.shape[1], : y.shape[2]] = y
        grown[:32] += x[:, : 2 * half, : 2 * half].reshape(32, half, 2, half, 2).mean((2, 4))
        y = grown
    else:
        y = y + x
    with torch.no_grad():
        found = net._block(torch.from_numpy(x[None]).float(), name)[0].numpy()
    assert found.shape == y.shape
    assert np.allclose(found, np.maximum(y, 0), atol=1e-4)


def test_it_has_the_layers_of_the_paper(net: FaceDescriptor, stored: dict[str, Array]) -> None:
    assert len(BLOCKS) == 14, "29 convolutions: two in each block, and the first"
    assert {name.split("/")[0] for name in stored} == {"conv32_down", "fc", *BLOCKS}
    faces = torch.rand(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0)).requires_grad_(True)
    found = net(faces)
    assert found.shape == (2, 128) and found.dtype == torch.float32 and not net.training
    torch.autograd.backward((found[0] - found[1]).norm())
    assert faces.grad is not None and bool(torch.isfinite(faces.grad).all()) and float(faces.grad.abs().sum()) > 0
    assert not any(parameter.requires_grad for parameter in net.parameters())


def ramp(height: int, width: int) -> torch.Tensor:
    """x and y of each pixel's middle as fractions, and a constant: (1, 3, height, width)."""
    y, x = torch.meshgrid((torch.arange(height) + 0.5) / height, (torch.arange(width) + 0.5) / width, indexing="ij")
    return torch.stack([x, y, torch.full_like(x, 0.5)])[None]


@pytest.mark.parametrize("scale", [0.5, 1, 3, 4.4])
def test_a_view_shows_what_lies_there_at_any_size(scale: float) -> None:
    height, width = round(200 * scale), round(300 * scale)
    turn, shift = complex(90, 30) * scale, complex(120, 20) * scale
    views = encoders.upright_views(ramp(height, width), [(turn, shift), (turn * 0.5, shift)], side=20)
    assert views.shape == (2, 3, 20, 20)
    steps = (np.arange(20) + 0.5) / 20
    places = turn * (steps[None, :] + 1j * steps[:, None]) + shift
    assert np.allclose(views[0, 0], places.real / width, atol=1e-5)
    assert np.allclose(views[0, 1], places.imag / height, atol=1e-5)


def test_fine_texture_is_averaged() -> None:
    checks = torch.zeros(1, 3, 400, 400)
    checks[..., ::2, ::2] = checks[..., 1::2, 1::2] = 1
    view = encoders.upright_views(checks, [(complex(300, 0), complex(40, 40))], side=50)
    assert float((view - 0.5).abs().max()) < 0.15
