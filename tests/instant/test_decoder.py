"""The decoder: sizes, determinism, and the convolutions that its docstring states."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from portrait_nst.instant.decoder import FEATURES, Decoder, channels_last, count_weights
from tests.instant.networks import network


def maps(height: int, width: int) -> list[Tensor]:
    """Features of a padded picture at x1, x1/2 and x1/4, whose first level has these cells."""
    generator = torch.Generator().manual_seed(0)
    sizes = [(height, width), (height // 2, width // 2), (height // 4, width // 4)]
    return [torch.rand(1, FEATURES, *size, generator=generator) for size in sizes]


def reference(decoder: Decoder, found: list[Tensor]) -> Tensor:
    """The same picture by float64 convolutions, one by one."""
    weights = {name: value.double() for name, value in decoder.state_dict().items()}

    def convolved(x: Tensor, name: str) -> Tensor:
        return F.conv2d(F.pad(x, (1, 1, 1, 1)), weights[f"{name}.weight"], weights[f"{name}.bias"])

    def enlarged(x: Tensor, size: torch.Size) -> Tensor:
        return F.interpolate(x, size, mode="bilinear", align_corners=False)

    whole, half, quarter = (each.double() for each in found)
    quarter = convolved(convolved(quarter, "at_quarter.0").relu(), "at_quarter.1").relu()
    half = (convolved(half, "at_half.0") + enlarged(quarter, half.shape[-2:])).relu()
    half = convolved(convolved(half, "at_half.1").relu(), "at_half.2").relu()
    x = convolved(whole, "fine.0")
    x = (x + enlarged(convolved(half, "join"), x.shape[-2:])).relu()
    x = convolved(x, "fine.1").relu()
    x = convolved(enlarged(x, torch.Size(2 * n for n in x.shape[-2:])), "fine.2").relu()
    x = convolved(x, "fine.3").relu()
    x = convolved(enlarged(x, torch.Size(2 * n for n in x.shape[-2:])), "fine.4").relu()
    return convolved(x, "fine.5")


@pytest.mark.parametrize("size", [(4, 4), (12, 8), (5, 7), (9, 4)])
def test_a_picture_has_four_pixels_for_each_cell(size: tuple[int, int]) -> None:
    decoder = network().decoder
    found = maps(*size)
    picture = decoder(found)
    assert picture.shape == (1, 3, 4 * size[0], 4 * size[1])
    torch.testing.assert_close(picture.double(), reference(decoder, found), rtol=1e-4, atol=1e-4)


def test_it_is_the_same_every_time_in_either_layout_and_in_a_batch() -> None:
    decoder, found = network().decoder, maps(8, 8)
    first = decoder(found)
    assert torch.equal(first, decoder(found))
    both = decoder([torch.cat([each, each.flip(3)]) for each in found])
    torch.testing.assert_close(both[:1], first, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(channels_last(decoder)(found), first, rtol=1e-4, atol=1e-5)


def test_the_branch_has_no_say_at_first() -> None:
    torch.manual_seed(0)
    decoder, found = Decoder(), maps(8, 8)
    assert torch.equal(decoder(found), decoder([found[0], found[1] + 1, found[2] * 3]))
    assert count_weights(decoder) == 427_267


def test_the_branch_sees_farther_than_the_rest() -> None:
    decoder, found = network().decoder, maps(32, 32)
    before = decoder(found)
    found[2][..., 7, 7] += 1.0
    changed = (decoder(found) != before)[0, 0].nonzero()
    assert changed.min() < 128 - 4 * 8 and changed.numel()  # more than eight cells of the finest level away
