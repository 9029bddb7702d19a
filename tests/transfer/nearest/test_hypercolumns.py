"""Hypercolumns: cells keep their place, maps are averaged and interpolated as said, and a metric is what float64 says it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from portrait_nst.encoders.encoder import Encoder
from portrait_nst.encoders.geometry import Geometry
from portrait_nst.encoders.vgg import Vgg
from portrait_nst.transfer.nearest import hypercolumns
from portrait_nst.transfer.nearest.hypercolumns import STRIDE, WIDTH, Key, Metric
from portrait_nst.transfer.nearest.matching import reach

from .scenes import KEYS, float_encoder, orders, tensor, texture


def geometry(jump: int) -> Geometry:
    found = Geometry()
    for _ in range(jump.bit_length() - 1):
        found = found.then(2, 2)
    assert found.jump == jump
    return found


def columns_of(encoder: Encoder, image: torch.Tensor) -> tuple[dict[Key, torch.Tensor], tuple[int, int]]:
    grid = hypercolumns.cells_of((image.shape[-2], image.shape[-1]))
    return hypercolumns.columns(encoder, hypercolumns.features(encoder, image, KEYS, False), KEYS, grid), grid


@pytest.mark.parametrize("size", [(184, 200), (187, 205)])
def test_a_window_that_begins_at_a_multiple_of_8_has_the_cells_of_the_whole(size: tuple[int, int]) -> None:
    encoder, image = float_encoder(), tensor(texture(*size))
    whole, grid = columns_of(encoder, image)
    far = reach(encoder, KEYS)
    for top, left, same in ((16, 24, True), (20, 24, False)):
        window = image[..., top : top + 160, left : left + 168]
        found, small = columns_of(encoder, window)
        core = np.s_[far // STRIDE : (160 - far) // STRIDE, far // STRIDE : (168 - far) // STRIDE]
        begin = np.s_[top // STRIDE : top // STRIDE + small[0], left // STRIDE : left // STRIDE + small[1]]
        for key in KEYS:
            mine = found[key].view(*small, -1)[core]
            theirs = whole[key].view(*grid, -1)[begin][core]
            assert mine.shape[0] >= 8 and mine.shape[1] >= 8
            apart = float((mine - theirs).abs().max() / theirs.std())
            in_step = same or encoder.geometry(key[1]).jump << key[0] <= STRIDE
            assert (apart < 1e-4) == in_step, (key, apart)  # 4 pixels on, the coarsest maps are others


@pytest.mark.parametrize("jump, level", [(1, 0), (2, 0), (1, 1)])
def test_finer_maps_are_averaged_over_each_cell(jump: int, level: int) -> None:
    side = STRIDE // (jump << level)
    maps = torch.randn(1, 3, 6 * side + side - 1, 5 * side)
    found = hypercolumns.on_grid(maps, geometry(jump), level, (6, 5))
    expected = maps[0, :, : 6 * side].double().numpy().reshape(3, 6, side, 5, side).mean((2, 4))
    np.testing.assert_allclose(found, expected.reshape(3, -1).T, rtol=0, atol=1e-6)


@pytest.mark.parametrize("jump, level", [(4, 0), (2, 1)])
def test_maps_of_the_grids_own_stride_are_left_as_they_are(jump: int, level: int) -> None:
    maps = torch.randn(1, 3, 6, 5)
    found = hypercolumns.on_grid(maps, geometry(jump), level, (6, 5))
    assert torch.equal(found, maps[0].flatten(1).T)
    more = F.pad(maps, (0, 1, 0, 2), value=9.0)  # as networks have that round sizes up
    assert torch.equal(hypercolumns.on_grid(more, geometry(jump), level, (6, 5)), found)


@pytest.mark.parametrize("jump, level", [(8, 0), (4, 1), (8, 1)])
def test_coarser_maps_are_interpolated_where_their_cells_are(jump: int, level: int) -> None:
    """The middle of cell i is at pixel 4 i + 2; that of a map's cell j at (j + 1/2) jump."""
    step = (jump << level) // STRIDE
    maps = torch.randn(1, 2, 4, 5)
    grid = (4 * step + 1, 5 * step)  # one row more than the map has
    found = hypercolumns.on_grid(maps, geometry(jump), level, grid).T.reshape(2, *grid).double().numpy()
    known = maps[0].double().numpy()
    at = [np.clip((np.arange(n) + 0.5) / step - 0.5, 0, m - 1) for n, m in zip(grid, (4, 5))]
    for i, y in enumerate(at[0]):
        for j, x in enumerate(at[1]):
            a, b = int(y), int(x)
            c, d = min(a + 1, 3), min(b + 1, 4)
            top = known[:, a, b] * (1 - x + b) + known[:, a, d] * (x - b)
            bottom = known[:, c, b] * (1 - x + b) + known[:, c, d] * (x - b)
            np.testing.assert_allclose(found[:, i, j], top * (1 - y + a) + bottom * (y - a), atol=1e-6)


@pytest.mark.parametrize("size", [(32, 32), (33, 47), (67, 66), (70, 131), (20, 90), (3, 50)])
def test_odd_sizes_have_all_cells(size: tuple[int, int]) -> None:
    grid = hypercolumns.cells_of(size)
    assert grid == (max(1, size[0] // 4), size[1] // 4)
    if min(size) < 16:
        assert hypercolumns.to_cells(torch.rand(size), grid).shape == (grid[0] * grid[1],)
        return
    found, _ = columns_of(float_encoder(), tensor(texture(*size)))
    assert set(found) == {key for key in KEYS if key[0] == 0 or min(size) >= 32}
    for key, values in found.items():
        assert values.shape[0] == grid[0] * grid[1] and bool(values.isfinite().all()), key


def test_what_counts_as_hypercolumn() -> None:
    encoder = float_encoder()
    assert hypercolumns.keys_for(encoder, orders((64, 64))) == KEYS
    assert KEYS[:5] == tuple((0, name) for name in ("relu1_1", "relu2_1", "relu3_1", "relu3_2", "relu3_4"))
    assert (1, "relu1_1") not in KEYS and len(KEYS) == 9
    assert hypercolumns.deep_keys(encoder, KEYS) == tuple(key for key in KEYS if key[1].startswith("relu3"))
    assert hypercolumns.deep_keys(encoder, KEYS[:2]) == KEYS[1:2]


def test_a_mask_is_averaged_over_cells() -> None:
    mask = torch.rand(18, 15)
    expected = mask[:16, :12].double().numpy().reshape(4, 4, 3, 4).mean((1, 3)).ravel()
    np.testing.assert_allclose(hypercolumns.to_cells(mask, (4, 3)), expected, atol=1e-6)


def measured(width: int, base: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor, np.ndarray, np.ndarray]:
    """Projected values, their weights, and in float64 the values around their mean in the base, and their share."""
    net = Vgg(((width, width),)).requires_grad_(False)
    encoder = Encoder("one", net, ("relu1_1",), ("relu1_1",), ("relu1_1",), 1, "")
    if base is not None:
        encoder.bases = {"relu1_1": base}
    values = torch.randn(9000, width) @ torch.randn(width, width) + 3
    weights = torch.rand(9000)
    weights[weights < 0.3] = 0
    centre, turn = hypercolumns.measure(encoder, "relu1_1", values, weights)
    found = Metric({(0, "relu1_1"): centre}, {(0, "relu1_1"): turn}).project({(0, "relu1_1"): values})
    share = weights.double().numpy() / weights.double().numpy().sum()
    known = values.double().numpy()
    known = known - share @ known
    if base is not None:
        known = known @ base.double().numpy().T
    return found, weights, known / np.sqrt(share @ (known**2).sum(1)), share


@pytest.mark.parametrize("based", [False, True])
def test_a_layer_varies_by_1_around_0_in_the_teachers_metric(based: Any) -> None:
    found, _, known, share = measured(12, torch.randn(12, 12).triu() if based else None)
    np.testing.assert_allclose(found, known, atol=2e-4)
    np.testing.assert_allclose(share @ found.double().numpy(), 0, atol=1e-5)
    assert share @ (found.double().numpy() ** 2).sum(1) == pytest.approx(1, abs=1e-4)


def test_of_more_channels_the_principal_directions_are_taken() -> None:
    found, _, known, share = measured(WIDTH + 20, torch.randn(WIDTH + 20, WIDTH + 20).triu())
    spectrum = np.linalg.eigvalsh((known * share[:, None]).T @ known)[::-1]
    assert found.shape[1] == WIDTH and spectrum[:WIDTH].sum() < 1
    each = share @ (found.double().numpy() ** 2)
    np.testing.assert_allclose(each, spectrum[:WIDTH], rtol=1e-3, atol=1e-7)  # the greatest first


def test_principal_directions_have_fixed_signs() -> None:
    values = torch.randn(400, 9, dtype=torch.float64) * torch.arange(1, 10)
    covariance = values.T @ values
    found = hypercolumns.principal(covariance, 4)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found.T @ found, torch.eye(4), rtol=0, atol=1e-6)
    greatest = found.gather(0, found.abs().argmax(0)[None])
    assert bool((greatest > 0).all())
    along = (found.double().T @ covariance @ found.double()).diagonal()
    torch.testing.assert_close(along, torch.linalg.eigvalsh(covariance).flip(0)[:4], rtol=1e-5, atol=0)
    order = torch.arange(8, -1, -1)  # another order of the same channels gives the same directions, not their opposites
    torch.testing.assert_close(
        hypercolumns.principal(covariance[order][:, order], 4), found[order], rtol=1e-4, atol=1e-5
    )


def test_a_projection_around_another_centre_and_bfloat16_stay_what_they_are() -> None:
    values, centre, other, base = torch.randn(50, 6), torch.randn(6), torch.randn(6), torch.randn(6, 4)
    metric = Metric({(0, "a"): centre, (1, "a"): centre}, {(0, "a"): base, (1, "a"): base})
    found = metric.project({(0, "a"): values, (1, "a"): 2 * values}, {(0, "a"): other, (1, "a"): centre})
    expected = torch.cat([(values - other) @ base, (2 * values - centre) @ base], 1)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)
    assert metric.widths == [4, 4] and metric.keys == ((0, "a"), (1, "a"))
    assert hypercolumns.project(values.bfloat16(), centre, base).dtype == torch.bfloat16


def test_a_mean_counts_by_its_weights() -> None:
    values, weights = torch.randn(40, 5), torch.rand(40)
    found = hypercolumns.mean({(0, "a"): values}, weights)[0, "a"]
    np.testing.assert_allclose(
        found, np.average(values.double().numpy(), 0, weights.double().numpy()), rtol=0, atol=1e-6
    )


@pytest.mark.parametrize("size", [(24, 36), (17, 30), (4, 9)])
def test_tones_are_the_mean_colours_around_each_cell(size: tuple[int, int]) -> None:
    """Of the cells within the grid: at its border of those there are."""
    image = torch.rand(1, 3, *size)
    grid = hypercolumns.cells_of(size)
    cells = image[0, :, : 4 * grid[0], : 4 * grid[1]].double().numpy().reshape(3, grid[0], 4, grid[1], 4).mean((2, 4))
    expected = np.empty_like(cells)
    for row, column in np.ndindex(grid):
        near = cells[:, max(0, row - 1) : row + 2, max(0, column - 1) : column + 2]
        expected[:, row, column] = near.mean((1, 2))
    np.testing.assert_allclose(hypercolumns.tones(image, grid), expected, atol=1e-6)


def test_tones_of_what_is_smaller_than_a_cell_are_its_mean() -> None:
    image = torch.rand(1, 3, 3, 12)
    grid = hypercolumns.cells_of((3, 12))
    found = hypercolumns.tones(image, grid)
    assert found.shape == (3, *grid)
    expected = image.mean((2, 3)).view(3, 1, 1).expand_as(found)
    torch.testing.assert_close(found, expected)
