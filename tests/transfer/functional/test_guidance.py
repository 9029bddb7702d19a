"""Masks down the network, against what a network of ones shows of every cell, in float64."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from portrait_nst.encoders import Geometry
from portrait_nst.encoders.geometry import vgg_geometry
from portrait_nst.encoders.vgg_layout import VGG16, VGG19
from portrait_nst.transfer import functional
from portrait_nst.transfer.functional import MODES, presence

from .single import single

propagate = single(functional.propagate_guide)


def propagate_or_soft(mask: torch.Tensor, geometry: Geometry, mode: str, offset: int) -> tuple[torch.Tensor, bool]:
    guide, fell_back = functional.propagate_or_soft(mask[None], geometry, mode, offset)
    return guide[0], fell_back


WIDTHS = {"embedded": ((48, 32), (96, 64), (160, 128, 128, 128)), "vgg16": VGG16, "vgg19": VGG19}
VGG = {
    f"{name} {block}_{index}": vgg_geometry(f"relu{block}_{index}", widths)
    for name, widths in WIDTHS.items()
    for block, block_widths in enumerate(widths, 1)
    for index in range(1, len(block_widths) + 1)
}
OTHERS = {
    "picture": Geometry(),
    "resnet stem": Geometry().then(7, 2, 3),
    "resnet": Geometry().then(7, 2, 3).then(3, 2, 1).then(3, 1, 1).then(1, 2).then(3, 1, 1),
    "inception stem": Geometry().then(3, 2),
    "inception": Geometry().then(3, 2).then(3, 1).then(3, 1, 1).then(3, 2).then(5, 1, 2),
    "alexnet stem": Geometry().then(11, 4, 2),
    "alexnet": Geometry().then(11, 4, 2).then(3, 2).then(5, 1, 2).then(3, 2).then(3, 1, 1),
    "even kernels": Geometry().then(2, 1).then(4, 1, 1).then(2, 2).then(4, 2, 1),
    "wide padding": Geometry().then(3, 1, 2).then(2, 1, 1).then(2, 2).then(3, 1, 1),
}
ALL = {**VGG, **OTHERS}
SIZES = [(33, 47), (64, 65), (100, 37), (96, 128), (71, 71)]


@cache
def seen(geometry: Geometry, pixels: int) -> tuple[NDArray[Any], ...]:
    """Per cell along one axis the pixels it depends on: where the gradient of a network of ones is not zero."""
    line = torch.ones(1, 1, pixels, dtype=torch.float64, requires_grad=True)
    x = line
    for w in geometry.windows:
        x = F.conv1d(x, torch.ones(1, 1, w.kernel, dtype=torch.float64), stride=w.stride, padding=w.padding)
    gradients = (torch.autograd.grad(cell, line, retain_graph=True)[0] for cell in x[0, 0])
    return tuple(gradient[0, 0].nonzero().flatten().numpy() for gradient in gradients)


def brute_force(mask: NDArray[Any], geometry: Geometry, reduce: Callable[..., Any]) -> NDArray[Any]:
    rows, columns = (seen(geometry, pixels) for pixels in mask.shape)
    return np.array([[reduce(mask[r[0] : r[-1] + 1, c[0] : c[-1] + 1]) for c in columns] for r in rows])


@cache
def averages(geometry: Geometry, pixels: int) -> NDArray[Any]:
    """The matrix (cells, pixels) that averages along one axis window by window, leaving out what is padding.

    A window without stride gathers nothing: its cell stays at its middle (between the two middle ones of an even kernel).
    """
    matrix = np.eye(pixels)
    for w in geometry.windows:
        count = (len(matrix) + 2 * w.padding - w.kernel) // w.stride + 1
        rows = np.zeros((count, len(matrix)))
        for cell in range(count):
            window = range(cell * w.stride - w.padding, cell * w.stride - w.padding + w.kernel)
            if w.stride > 1:
                for place in set(window) & set(range(len(matrix))):
                    rows[cell, place] = 1
            else:
                for place in (window[(w.kernel - 1) // 2], window[w.kernel // 2]):
                    rows[cell, min(max(place, 0), len(matrix) - 1)] += 1
        matrix = (rows / rows.sum(1, keepdims=True)) @ matrix
    return matrix


def a_mask(height: int, width: int, seed: int = 0) -> NDArray[Any]:
    """Soft, hard and noisy parts, and a last row and column that stand out from the rest."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    mask = np.clip(1.5 - np.hypot(y - 0.45 * height, x - 0.6 * width) / (0.22 * min(height, width)), 0, 1)
    mask[: height // 3, : width // 4] = rng.random((height // 3, width // 4))
    mask[-1], mask[:, -1] = 0.9, 0.8
    mask[: height // 2, -2:] = [0.3, 0]
    return np.asarray(mask.astype(np.float32), np.float64)


def run(mask: NDArray[Any], geometry: Geometry, mode: str = "soft", offset: int = 0) -> NDArray[Any]:
    return propagate(torch.from_numpy(mask.astype(np.float32)), geometry, mode, offset).double().numpy()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ALL)
def test_every_mode_in_every_cell(name: str, size: tuple[int, int]) -> None:
    geometry, mask = ALL[name], a_mask(*size)
    soft = averages(geometry, size[0]) @ mask @ averages(geometry, size[1]).T
    np.testing.assert_allclose(run(mask, geometry), soft, rtol=0, atol=2e-6)
    np.testing.assert_array_equal(run(mask, geometry, "inside"), brute_force(mask, geometry, np.min))
    np.testing.assert_array_equal(run(mask, geometry, "all"), brute_force(mask, geometry, np.max))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", VGG)
def test_soft_is_the_mean_over_the_pixels_that_a_vggs_poolings_gather(name: str, size: tuple[int, int]) -> None:
    """Said once more without windows: a cell owns a square of jump x jump pixels."""
    jump, mask = VGG[name].jump, a_mask(*size)
    rows, columns = size[0] // jump, size[1] // jump
    squares = mask[: rows * jump, : columns * jump].reshape(rows, jump, columns, jump).mean((1, 3))
    np.testing.assert_allclose(run(mask, VGG[name]), squares, rtol=0, atol=2e-6)


@pytest.mark.parametrize("name", ALL)
def test_soft_is_centred_on_the_receptive_field(name: str) -> None:
    """A mask that rises with x takes, away from the border, the value at the field's centre."""
    geometry, width = ALL[name], 900
    ramp = np.tile(np.arange(width) / 1024, (64, 1))
    guide = run(ramp, geometry)[geometry.cells(len(ramp)) // 2]
    centres = geometry.start + np.arange(len(guide)) * geometry.jump + (geometry.field - 1) / 2
    inner = (centres > geometry.field) & (centres < width - geometry.field)
    assert inner.sum() >= 5
    np.testing.assert_allclose(guide[inner] * 1024, centres[inner], rtol=0, atol=2e-3)


@pytest.mark.parametrize("name", OTHERS)
def test_the_shape_is_that_of_the_feature_map(name: str) -> None:
    for height, width in [(61, 64), (97, 130), (78, 83)]:
        x = torch.zeros(1, 1, height, width)
        for w in OTHERS[name].windows:
            x = F.conv2d(x, torch.ones(1, 1, w.kernel, w.kernel), stride=w.stride, padding=w.padding)
        for mode in MODES:
            assert run(np.ones((height, width)), OTHERS[name], mode).shape == x.shape[2:]


@pytest.mark.parametrize("name", ["embedded 3_4", "vgg19 5_1", *OTHERS])
def test_a_partition_of_unity_stays_one(name: str) -> None:
    parts = np.random.default_rng(3).dirichlet([0.3, 0.3, 0.3], (71, 97)).transpose(2, 0, 1)
    total = sum(run(part, ALL[name]) for part in parts)
    np.testing.assert_allclose(total, 1, rtol=0, atol=3e-6)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["embedded 3_4", "vgg19 4_1", *OTHERS])
def test_a_full_and_an_empty_mask_stay_what_they_are(name: str, mode: str) -> None:
    """Padding neither excludes nor includes a cell."""
    np.testing.assert_allclose(run(np.ones((71, 98)), ALL[name], mode), 1, atol=1e-6)
    np.testing.assert_array_equal(run(np.zeros((71, 98)), ALL[name], mode), 0)


@pytest.mark.parametrize("mode", MODES)
def test_offsets_grow_and_shrink_by_cells(mode: str) -> None:
    geometry, mask = VGG["embedded 2_1"], a_mask(64, 75)
    plain = run(mask, geometry, mode)
    height, width = plain.shape
    for k in (1, 2, 5):
        grown, shrunk = run(mask, geometry, mode, k), run(mask, geometry, mode, -k)
        for i in range(height):
            for j in range(width):
                near = plain[max(0, i - k) : i + k + 1, max(0, j - k) : j + k + 1]
                assert grown[i, j] == near.max() and shrunk[i, j] == near.min()


def test_a_region_that_inside_empties_falls_back_to_soft() -> None:
    mask = torch.zeros(64, 64)
    mask[20:40, 20:40] = 1
    small, large = VGG["embedded 1_1"], VGG["vgg19 4_1"]
    guide, fell_back = propagate_or_soft(mask, small, "inside", 0)
    assert not fell_back and guide.sum() == 18 * 18
    guide, fell_back = propagate_or_soft(mask, large, "inside", 0)
    assert fell_back
    assert torch.equal(guide, propagate(mask, large, "soft")) and guide.sum() > 0
    guide, fell_back = propagate_or_soft(mask, small, "soft", -12)
    assert fell_back and torch.equal(guide, mask)
    assert propagate_or_soft(mask, small, "soft", -9)[1] is False


@pytest.mark.parametrize("mode", MODES)
def test_an_empty_region_needs_no_fallback(mode: str) -> None:
    guide, fell_back = propagate_or_soft(torch.zeros(64, 64), VGG["vgg19 4_1"], mode, 0)
    assert not fell_back and guide.sum() == 0


@pytest.mark.parametrize("cells, expected", [(0, 0), (4, 0.25), (12, 0.75), (16, 1), (400, 1)])
def test_a_region_under_16_cells_fades_out(cells: int, expected: float) -> None:
    guide = torch.zeros(20, 20)
    guide.view(-1)[: 2 * cells] = 0.5
    if cells == 400:
        guide[:] = 1
    assert presence(guide) == pytest.approx(expected)


def test_an_unknown_mode_lists_those_there_are() -> None:
    with pytest.raises(ValueError, match="soft, inside, all"):
        propagate(torch.ones(9, 9), Geometry(), "hard")
