"""What is learned of a painting, and of several."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from portrait_nst import encoders
from portrait_nst.encoders import Encoder
from portrait_nst.errors import MaskError
from portrait_nst.instant.gaussian import mixture
from portrait_nst.instant.learning import recipe
from portrait_nst.instant.learning.paintings import LearnPainting
from portrait_nst.instant.learning.targets import Targets, make_targets
from portrait_nst.types import UInt8Array

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return encoders.get("embedded")


def texture(seed: int, side: int = 96) -> UInt8Array:
    rng = np.random.default_rng(seed)
    wave = np.sin(np.arange(side)[:, None] / (2 + seed) + np.arange(side) / 9)[..., None] * rng.uniform(30, 90, 3)
    return np.clip(wave + rng.uniform(60, 190, 3) + rng.normal(0, 9, (side, side, 3)), 0, 255).astype(np.uint8)


def targets(encoder: Encoder, *paintings: LearnPainting, size: int = 96) -> Targets:
    return make_targets(paintings, encoder, size, CPU, torch.float32)


@pytest.fixture(scope="module")
def one(encoder: Encoder) -> Targets:
    return targets(encoder, LearnPainting(texture(1)))


@pytest.fixture(scope="module")
def other(encoder: Encoder) -> Targets:
    return targets(encoder, LearnPainting(texture(2)))


def test_the_colour_of_a_painting_is_that_of_its_pixels(one: Targets) -> None:
    pixels = texture(1).reshape(-1, 3) / 255
    assert one.colour.mean.numpy() == pytest.approx(pixels.mean(0), abs=1e-5)
    assert one.colour.covariance.numpy() == pytest.approx(np.cov(pixels.T, bias=True), abs=1e-5)


def test_columns_of_the_painting_are_centred_and_each_layer_counts_alike(encoder: Encoder, one: Targets) -> None:
    picture, _ = LearnPainting(texture(1)).tensors(96)
    found = one.levels[0].columns(encoder.features(picture, recipe.COLUMN_LAYERS))
    assert found.shape[-2:] == (24, 24)
    deep = found[0, -recipe.WIDTH :].flatten(1)  # relu3_4, which is not averaged over cells
    assert deep.mean(1).abs().max() < 1e-3
    assert 0.85 < float(deep.var(1, correction=0).sum()) <= 1.001  # what the principal directions hold of it


def test_a_book_has_columns_of_length_one_of_all_turns(one: Targets) -> None:
    for level in one.levels:
        cells = level.book
        assert cells.norm(dim=1).numpy() == pytest.approx(1, abs=1e-5)
    assert len(one.levels[0].book) == 4 * 24 * 24  # all, where there are fewer than the book may have


def test_several_paintings_are_the_mixture_of_their_statistics(encoder: Encoder, one: Targets, other: Targets) -> None:
    both = targets(encoder, LearnPainting(texture(1), weight=3), LearnPainting(texture(2), weight=1))
    for own, a, b in zip(both.gaussians, one.gaussians, other.gaussians):
        expected = mixture([(a, 3.0), (b, 1.0)])
        assert torch.allclose(own.mean, expected.mean) and torch.allclose(own.covariance, expected.covariance)
    assert torch.allclose(both.colour.mean, (3 * one.colour.mean + other.colour.mean) / 4)


def test_paintings_have_cells_in_the_book_by_their_weights(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "BOOK", 400)
    both = targets(encoder, LearnPainting(texture(1), weight=3), LearnPainting(texture(2), weight=1))
    assert len(both.levels[0].book) == 400
    many = targets(encoder, *(LearnPainting(texture(seed)) for seed in range(5)))
    assert len(many.levels[0].book) == 400


def test_what_the_mask_leaves_out_does_not_count(encoder: Encoder) -> None:
    near = np.concatenate([texture(1), texture(1)[:, :-65:-1]], 1)  # goes on as far as the deepest layer sees
    mask = np.zeros((96, 192), np.float32)
    mask[:, :96] = 1
    pictures = [np.concatenate([near, np.full((96, 32, 3), value, np.uint8)], 1) for value in (0, 255)]
    black, white = (targets(encoder, LearnPainting(picture, mask), size=192) for picture in pictures)
    assert torch.allclose(black.colour.mean, white.colour.mean, atol=1e-6)
    assert torch.allclose(black.gaussians[0].covariance, white.gaussians[0].covariance, atol=1e-5)
    assert torch.allclose(black.levels[0].layers["relu3_4"].mean, white.levels[0].layers["relu3_4"].mean, atol=1e-5)
    assert len(black.levels[0].book) == len(white.levels[0].book) == 4 * 24 * 24


def test_an_empty_mask_is_told_of_in_a_line(encoder: Encoder) -> None:
    with pytest.raises(MaskError, match=r"Nothing of the painting a\.png counts"):
        targets(encoder, LearnPainting(texture(1), np.zeros((96, 96), np.float32), name="a.png"))


@pytest.mark.parametrize("value", [0, 90, 255])
def test_a_painting_of_one_colour_has_finite_targets(encoder: Encoder, value: int) -> None:
    found = targets(encoder, LearnPainting(np.full((40, 40, 3), value, np.uint8)))
    for level in found.levels:
        assert torch.isfinite(level.book).all()
        assert all(torch.isfinite(layer.correlation).all() for layer in level.layers.values())
    assert all(torch.isfinite(root).all() for root in found.roots)
