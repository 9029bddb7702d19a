"""Brush work, small enough to be done by hand: which patches are taken, how they are put together and laid over."""

from __future__ import annotations

import importlib
from dataclasses import replace

import numpy as np
import pytest
import torch

from portrait_nst.transfer import colour, overlay_detail
from portrait_nst.transfer.nearest.codebook import GridIndex
from portrait_nst.transfer.patches import BELL, PATCH, STEP, Patches, continued

module = importlib.import_module("portrait_nst.transfer.patches")  # whose name its function has


def index_of(*shapes: tuple[int, int]) -> GridIndex:
    lengths = [high * wide for high, wide in shapes]
    starts = np.cumsum([0, *lengths[:-1]])
    return GridIndex(*(torch.tensor(np.array(each)) for each in (starts, *zip(*shapes))))


def known(index: GridIndex, columns: torch.Tensor) -> Patches:
    """Patches of which only what they look like counts, and of which all are allowed."""
    nothing = torch.zeros(0)
    return Patches(index, nothing, nothing, columns, nothing, torch.ones(len(columns), dtype=torch.bool), 1.0)


@pytest.mark.parametrize("turn", [0, 1, 2, 3])
def test_a_picture_that_is_turned_is_read_by_its_strides(turn: int) -> None:
    picture = np.arange(7 * 5).reshape(7, 5)
    turned, (first, down, across) = np.rot90(picture, turn), module._strides(100, 7, 5, turn)
    rows, columns = np.indices(turned.shape)
    assert np.array_equal(turned, first + rows * down + columns * across - 100)


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.25])
@pytest.mark.parametrize("size", [(18, 24), (33, 21)])
def test_votes_are_those_of_a_loop(scale: float, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each patch counts by a Gaussian around its middle, and contrast that is lost is given back, up to a bound."""
    monkeypatch.setattr(module, "BAND", 3)  # which must not be seen
    monkeypatch.setattr(module, "MOST_GAIN", 1.25)
    rng = np.random.default_rng(3)
    grid = (-(-(size[0] // 2) // 2), -(-(size[1] // 2) // 2))
    sides = [[round(2 * h * scale), round(2 * w * scale)] for h, w in ((11, 9), (8, 14))]
    pictures = [rng.normal(0, 0.1, (3, *each)).astype(np.float32) for each in sides]
    around = round(PATCH * scale)
    bordered = [np.pad(each, ((0, 0), (around, around), (around, around)), "edge") for each in pictures]
    begins, turns = (0, bordered[0][0].size), ((0, 0), (0, 1), (1, 3), (1, 2))  # of which picture, by how many quarters
    strides = [module._strides(begins[one], *bordered[one].shape[1:], turn) for one, turn in turns]
    shapes, views = [(11, 9), (9, 11), (14, 8), (8, 14)], [np.rot90(pictures[one], turn, (1, 2)) for one, turn in turns]
    firsts, cells = (0, 99, 198, 310, 422), grid[0] * grid[1]
    found, there = torch.from_numpy(rng.integers(0, 422, cells)), torch.from_numpy(rng.random(cells) > 0.3)
    there.view(grid)[:4, :4] = False  # a corner for which nobody votes
    pixels = torch.from_numpy(np.concatenate([each.reshape(3, -1) for each in bordered], 1))
    plain = known(index_of(*shapes), torch.zeros(422, 1))
    patches = replace(plain, pixels=pixels, strides=torch.tensor(strides), scale=scale)
    got = module._put_together(patches, found, grid, there, size)

    side, high, wide = round(PATCH * scale), round(size[0] * scale), round(size[1] * scale)
    bell = np.exp(-((((np.arange(side) - (side - 1) / 2) / (side * BELL)) ** 2) / 2))
    sums = np.zeros((high, wide, 5))
    for cell, (entry, good) in enumerate(zip(found.tolist(), there.tolist())):
        if not good:
            continue
        number = max(i for i in range(4) if firsts[i] <= entry)
        row, column = divmod(entry - firsts[number], shapes[number][1])
        middle = (2 * row + 1) * scale, (2 * column + 1) * scale  # of the patch in its view; then of its place
        goal = (STEP * (cell // grid[1]) + 1) * scale, (STEP * (cell % grid[1]) + 1) * scale
        corner, onto = ([round(each - side / 2) for each in both] for both in (middle, goal))
        view = views[number]
        for a in range(side):
            for b in range(side):
                y, x = onto[0] + a, onto[1] + b
                if not (0 <= y < high and 0 <= x < wide):
                    continue
                p, q = (min(max(corner[i] + (a, b)[i], 0), view.shape[1 + i] - 1) for i in (0, 1))
                colours = view[:, p, q].astype(np.float64)
                sums[y, x] += bell[a] * bell[b] * np.array([*colours, colours @ colours, 1])
    mean, square = (part / np.maximum(sums[..., 4:], 1e-6) for part in (sums[..., :3], sums[..., 3:4]))
    had, wanted = (colour.blur(np.asarray(each), 3 * scale) for each in (np.square(mean).sum(2), square[..., 0]))
    gain = np.clip(np.sqrt(wanted / (had + 1e-6)), 1, 1.25)
    assert got.dtype == np.float32 and gain.min() < 1.25 == gain.max() and (sums[..., 4] == 0).any()
    np.testing.assert_allclose(got, mean * gain[..., None], rtol=0, atol=2e-6)


@pytest.mark.parametrize("beside, taken", [(10.0, True), (11.4, True), (8.6, True), (11.5, False), (8.5, False)])
def test_what_goes_on_from_a_neighbour_is_taken_if_it_costs_less_than_twice(beside: float, taken: bool) -> None:
    """Of two cells the first has its patch; the second a patch of another picture, 1 from it, unless what lies beside is near."""
    columns = torch.tensor([0.0, 70.0, beside, 80.0, 90.0, 9.0])[:, None]
    index = index_of((1, 5), (1, 1))
    allowed = torch.ones(6, dtype=torch.bool)
    asked, both = torch.tensor([[0.0], [10.0]]), torch.ones(2, dtype=torch.bool)
    patches = known(index, columns)
    assert continued(patches, asked, (1, 2), both).tolist() == [0, 2 if taken else 5]
    allowed[2] = False
    hidden = replace(patches, allowed=allowed)
    assert continued(hidden, asked, (1, 2), both).tolist() == [0, 5], "what is masked is proposed in vain"
    alone = continued(patches, asked, (1, 2), torch.tensor([False, True]))
    assert int(alone[1]) == (2 if abs(beside - 10) < 1 else 5), "of a cell that nobody asks for nothing goes on"


def test_patches_go_on_as_they_lie_in_the_style(monkeypatch: pytest.MonkeyPatch) -> None:
    """A painting that is a piece of the style finds that piece, cell after cell, though hardly any patch is searched."""
    rng = np.random.default_rng(1)
    columns = torch.from_numpy(rng.normal(size=(40 * 50, 6)).astype(np.float32))
    patches = known(index_of((40, 50)), columns)
    place = torch.arange(2000).view(40, 50)[4:24:2, 7:37:2].reshape(-1)
    asked = columns[place] + 0.05 * torch.from_numpy(rng.normal(size=(150, 6)).astype(np.float32))
    there = torch.ones(150, dtype=torch.bool)
    assert torch.equal(continued(patches, asked, (10, 15), there), place)
    monkeypatch.setattr(module, "SEARCHED", 270)  # every seventh
    assert torch.equal(continued(patches, asked, (10, 15), there), place)


@pytest.mark.parametrize("size", [(20, 30), (45, 61)])
def test_laid_over_by_its_share(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(5)
    picture = rng.integers(0, 256, (*size, 3), np.uint8)
    low, detail = rng.random((20, 30, 3)).astype(np.float32), rng.normal(0, 0.3, (20, 30, 3)).astype(np.float32)
    before = picture.copy()
    nothing, all_over = np.zeros(size, np.float32), np.ones(size, np.float32)
    assert np.array_equal(overlay_detail(picture, low, detail, nothing), picture)
    full = np.clip(colour.resize(low, size).astype(np.float64) + colour.resize(detail, size), 0, 1) * 255
    found = overlay_detail(picture, low, detail, all_over)
    assert found.dtype == np.uint8 and np.abs(found - full).max() <= 0.501 and (full == 0).any() and (full == 255).any()
    some = rng.random(size).astype(np.float32)
    mixed = picture + some[..., None].astype(np.float64) * (full - picture)
    assert np.abs(overlay_detail(picture, low, detail, some) - mixed).max() <= 0.501
    assert np.array_equal(picture, before)
