"""Convolutions of a picture of twice the size, at the size before."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from portrait_nst.instant.prepared import EDGE, Prepared
from portrait_nst.instant.subpixel import enlarging, joined, of_phases
from tests.instant.networks import network
from tests.instant.test_decoder import maps, reference


def drawn(*size: int) -> Tensor:
    return torch.randn(*size, dtype=torch.float64, generator=torch.Generator().manual_seed(sum(size)))


def phases(x: Tensor) -> Tensor:
    """(N, 4 C, h, w): the pixels of even and odd rows and columns of (N, C, 2 h, 2 w), picked out one by one."""
    return torch.cat([x[..., row::2, column::2] for row in (0, 1) for column in (0, 1)], 1)


def test_phases_are_joined_to_what_they_were_picked_from() -> None:
    x = drawn(2, 3, 10, 6)
    assert torch.equal(joined(phases(x)), x)
    assert torch.equal(joined(phases(x).contiguous(memory_format=torch.channels_last)), x)


def test_an_enlargement_and_a_convolution_are_one() -> None:
    x, weight = drawn(2, 4, 7, 9), drawn(5, 4, 3, 3)
    expected = F.conv2d(F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False), weight, padding=1)
    found = joined(F.conv2d(x, enlarging(weight), padding=1))
    torch.testing.assert_close(found[..., 2:-2, 2:-2], expected[..., 2:-2, 2:-2], rtol=0, atol=1e-12)


def test_a_convolution_of_phases_is_that_of_the_picture() -> None:
    x, weight = drawn(1, 4, 12, 8), drawn(3, 4, 3, 3)
    expected = F.conv2d(x, weight, padding=1)
    torch.testing.assert_close(joined(F.conv2d(phases(x), of_phases(weight), padding=1)), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
def test_a_prepared_decoder_gives_the_decoders_picture_but_for_its_edge(dtype: torch.dtype) -> None:
    learned, scale = network(), 0.5
    found = maps(16, 20)
    expected = reference(learned.decoder, found)
    prepared = Prepared(learned.decoder, scale, torch.device("cpu"), dtype)
    for inference in (False, True):
        with torch.inference_mode(inference):
            picture = prepared(*((scale * each.double()).to(dtype) for each in found))
        assert picture.dtype == torch.float32 and picture.shape == expected.shape
        error = (picture.double() - expected).abs()[..., EDGE:-EDGE, EDGE:-EDGE]
        assert float(error.max()) < (1e-6 if dtype != torch.bfloat16 else 0.02 * float(expected.std()) + 0.01)
