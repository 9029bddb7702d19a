"""Seeing and painting by windows gives what doing it in one piece gives."""

from __future__ import annotations

import functools

import pytest
import torch
from torch import Tensor

from portrait_nst.errors import ModelError
from portrait_nst.instant import Painter, windows
from portrait_nst.instant.features import padded, padded_part, padded_size
from portrait_nst.instant.painter import Maps
from portrait_nst.transfer.rect import Rect
from tests.instant.networks import encoder, network

SMALL = 60_000  # pixels of a window in these tests: several for each picture


@functools.cache
def painter(dtype: torch.dtype = torch.float32) -> Painter:
    return Painter(encoder(), network(), dtype=dtype)


def picture(height: int, width: int, seed: int = 0, channels: int = 3) -> Tensor:
    """Noise of several sizes, (1, channels, height, width) in [0, 1]."""
    generator = torch.Generator().manual_seed(seed)
    total = torch.zeros(1, channels, height, width)
    for step in (1, 4, 16):
        coarse = torch.rand(1, channels, -(-height // step), -(-width // step), generator=generator)
        total += torch.nn.functional.interpolate(coarse, (height, width), mode="bilinear") / 3
    return total


def some_maps(found: Tensor) -> Maps:
    return painter().maps(painter().statistics(found))


@pytest.mark.parametrize("size", [(301, 447), (333, 131)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_windows_paint_what_the_whole_is(size: tuple[int, int], dtype: torch.dtype) -> None:
    own, found, share = painter(dtype), picture(*size), picture(*size, seed=1, channels=1)
    maps = some_maps(found)
    whole = own.paint(found, maps, share)
    assert float(whole.std()) > 0.05
    assert len(windows.windows(padded_size(found), 48, largest=SMALL)) > 3
    seen = windows.see(own, found, largest=SMALL)
    painted = windows.paint(own, seen, maps, found.clone(), share=share, largest=SMALL)
    torch.testing.assert_close(painted, whole, atol=1e-5 if dtype == torch.float32 else 0.02, rtol=0)


def test_only_what_is_guided_is_seen_and_painted_and_that_exactly() -> None:
    found, guide = picture(401, 703), torch.zeros(1, 401, 703)
    guide[:, 30:170, 300:420] = picture(140, 120, seed=2, channels=1)[0]
    statistics = painter().statistics(found, guide)
    maps = painter().maps(statistics)
    seen = windows.see(painter(), found, guide, largest=SMALL)
    assert float((seen.features[0] == 0).all(1).float().mean()) > 0.3  # a part that is far from the guide is left out
    for one, other in zip(windows.statistics(painter(), seen, guide), statistics):
        torch.testing.assert_close(one.mean, other.mean, atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(one.covariance, other.covariance, atol=1e-5, rtol=1e-4)
    painted = windows.paint(painter(), seen, maps, found.clone(), guide, largest=SMALL)
    error = (painted - painter().paint(found, maps)).abs() * (guide > 0)
    assert float(error.max()) < 1e-5
    assert torch.equal(painted[..., 600:], found[..., 600:])


def test_an_empty_guide_leaves_the_picture_and_gives_the_statistics_of_all_of_it() -> None:
    found, guide = picture(64, 80), torch.zeros(1, 64, 80)
    seen = windows.see(painter(), found, guide)
    assert torch.equal(windows.paint(painter(), seen, some_maps(found), found.clone(), guide), found)
    one, other = (windows.statistics(painter(), seen, given)[0].mean for given in (guide, None))
    assert torch.equal(one, other)


@pytest.mark.parametrize("size", [(40, 47), (7, 90), (64, 33)])
def test_parts_of_the_padded_picture_are_padded_alike(size: tuple[int, int]) -> None:
    found = picture(*size)
    whole = padded(found)
    assert whole.shape[-2:] == padded_size(found)
    height, width = padded_size(found)
    assert torch.equal(padded_part(found, (0, 0, height, width)), whole)
    if min(size) > 32:
        assert torch.equal(padded_part(found, (16, 0, height, width)), whole[..., 16:, :])


def test_windows_cover_the_box_once_with_bounded_size() -> None:
    box = Rect(32, 64, 1008, 800)
    count = torch.zeros(1024, 1504)
    for window in windows.windows((1024, 1504), 48, box, 90_000):
        count[window.core.slices] += 1
        assert window.around.shape[0] * window.around.shape[1] <= 1.1 * 90_000
        assert not any(edge % 16 for edge in (window.core.top, window.core.left, *window.around.shape))
    assert count.sum() == count[box.slices].sum() == box.shape[0] * box.shape[1]
    assert int(count.max()) == 1


def test_a_damaged_network_is_told_in_one_line() -> None:
    broken = network()
    with torch.no_grad():
        next(iter(broken.decoder.parameters())).fill_(float("nan"))
    damaged = Painter(encoder(), broken)
    found = picture(64, 64)
    with pytest.raises(ModelError, match="learn the painting again"):
        windows.paint(damaged, windows.see(damaged, found), some_maps(found), found)
