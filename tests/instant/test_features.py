"""Padding, the three levels, and guides down the layers."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from portrait_nst.instant.features import LAYER, PAD, STEP, guides, padded, pyramid, unpadded
from portrait_nst.transfer.functional import propagate_guide
from tests.instant.networks import encoder

SIZES = [(1, 1), (1, 50), (16, 16), (32, 33), (33, 47), (48, 64)]


@pytest.mark.parametrize("size", SIZES)
def test_padding_is_taken_away_again(size: tuple[int, int]) -> None:
    picture = torch.rand(2, 3, *size)
    wide = padded(picture)
    assert torch.equal(unpadded(wide, size), picture)
    assert all(side % STEP == 0 and side >= own + 2 * PAD for side, own in zip(wide.shape[-2:], size))
    assert all(side < own + 2 * PAD + STEP for side, own in zip(wide.shape[-2:], size))
    assert wide.unique().numel() <= picture.unique().numel()  # continued by its own pixels


def test_a_picture_is_continued_by_its_mirror_image() -> None:
    picture = torch.rand(1, 1, 40, 48)
    wide = padded(picture)
    assert torch.equal(wide[..., PAD:-24, :PAD], picture[..., 1 : PAD + 1].flip(-1))
    assert torch.equal(wide[..., :PAD, PAD:-PAD], picture[..., 1 : PAD + 1, :].flip(-2))


@pytest.mark.parametrize("size", SIZES)
def test_levels_and_guides_have_the_same_cells(size: tuple[int, int]) -> None:
    found = pyramid(encoder(), torch.rand(1, 3, *size))
    side = [n // 4 for n in padded(torch.zeros(1, 1, *size)).shape[-2:]]
    assert [list(level.shape[-2:]) for level in found] == [[n // 2**k for n in side] for k in range(3)]
    assert [tuple(own.shape) for own in guides(encoder(), torch.rand(1, *size))] == [
        (1, *level.shape[-2:]) for level in found
    ]


def test_levels_are_the_encoder_s_maps_of_the_shrunk_picture() -> None:
    picture = torch.rand(1, 3, 35, 52)
    here = padded(picture)
    for level in pyramid(encoder(), picture):
        torch.testing.assert_close(level, encoder().features(here, (LAYER,))[LAYER], rtol=1e-5, atol=1e-6)
        here = here.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).mean((3, 5))


def test_a_guide_goes_down_as_the_mean_of_the_pixels_of_a_cell() -> None:
    guide = torch.rand(1, 48, 64)
    for level, own in enumerate(guides(encoder(), guide)):
        side = 4 * 2**level
        expected = padded(guide[None])[0].double().unflatten(2, (-1, side)).unflatten(1, (-1, side)).mean((2, 4))
        torch.testing.assert_close(own.double(), expected, rtol=0, atol=1e-6)
    wide = padded(guide[None])[0]
    assert torch.equal(guides(encoder(), guide)[0], propagate_guide(wide, encoder().geometry(LAYER)))


def test_a_guide_of_all_is_one_everywhere() -> None:
    for own in guides(encoder(), torch.ones(1, 37, 21)):
        assert torch.equal(own, torch.ones_like(own))


def test_shapes_of_a_guide_are_those_of_a_matte() -> None:
    matte = torch.zeros(1, 64, 64)
    matte[:, :, 32:] = 1
    own = guides(encoder(), matte)[0][0]
    assert own[:, :12].max() == 0 and own[:, 12:24].min() == 1  # 16 pixels of padding are four cells
    assert F.l1_loss(own[:, -4:], own[:, 16:20]) == 0
