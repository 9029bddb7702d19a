"""Painting with a network: the same however it is computed, for pictures of any size, and for regions."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from portrait_nst.encoders import Encoder
from portrait_nst.errors import InputError, ModelError, WeightsError
from portrait_nst.instant import Gaussian, Painter, Seen, store
from portrait_nst.instant.features import LAYER, padded
from portrait_nst.instant.gaussian import monge_map
from portrait_nst.instant.network import Network
from tests.instant.networks import convolution, encoder, network


def photo(height: int = 50, width: int = 41, seed: int = 0) -> Tensor:
    """Smooth blobs with some noise, (1, 3, H, W)."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, 6, 6, generator=generator)
    smooth = F.interpolate(coarse, (height, width), mode="bicubic")
    return (smooth + 0.05 * torch.randn(1, 3, height, width, generator=generator)).clamp(0, 1)


@pytest.fixture(scope="module")
def started() -> Network:
    """The universal start, aimed at a picture."""
    start = store.universal()
    return start.aimed_at([(Painter(encoder(), start).statistics(photo(64, 64, seed=5)), 1.0)])


@pytest.fixture(scope="module")
def painter(started: Network) -> Painter:
    return Painter(encoder(), started)


def by_hand(found: Encoder, learned: Network, picture: Tensor, guide: Tensor) -> Tensor:
    """A painting in float32 by plain steps, with gradients allowed and no format but float32."""
    here, around, mapped = padded(picture), padded(guide[None]), []
    for target in learned.targets:
        features = found.features(here, (LAYER,))[LAYER]
        weights = F.avg_pool2d(around, around.shape[-1] // features.shape[-1])[:, 0]
        carry = monge_map(Gaussian.of(features, weights), target)
        moved = F.conv2d(features, carry.matrix[:, :, None, None], carry.offset)
        mapped.append(moved.relu() / learned.scale)
        here, around = F.avg_pool2d(here, 2), F.avg_pool2d(around, 2)
    height, width = picture.shape[-2:]
    painted: Tensor = learned.decoder(mapped)[..., 16 : 16 + height, 16 : 16 + width].clamp(0, 1)
    return painted.detach()


def test_a_painting_is_what_its_parts_say(painter: Painter, started: Network) -> None:
    picture, guide = photo(), torch.rand(1, 50, 41)
    painted = painter.paint(picture, painter.maps(painter.statistics(picture, guide)))
    torch.testing.assert_close(painted, by_hand(encoder(), started, picture, guide), rtol=0, atol=1e-4)
    assert painted.shape == picture.shape and painted.dtype == torch.float32


def test_a_picture_seen_once_is_painted_as_one_seen_twice(painter: Painter, monkeypatch: pytest.MonkeyPatch) -> None:
    picture, guide = photo(), torch.rand(1, 50, 41)
    twice = painter.paint(picture, painter.maps(painter.statistics(picture, guide)))
    seen = painter.see(picture)
    assert isinstance(seen, Seen) and seen.size == (50, 41)
    monkeypatch.setattr(painter, "features", None)
    assert torch.equal(painter.paint(seen, painter.maps(painter.statistics(seen, guide))), twice)


def test_all_of_a_picture_is_a_guide_of_ones(painter: Painter) -> None:
    picture = photo()
    for one, other in zip(painter.statistics(picture), painter.statistics(picture, torch.ones(1, 50, 41))):
        assert torch.equal(one.mean, other.mean) and torch.equal(one.covariance, other.covariance)


def test_statistics_are_those_of_the_region_alone(painter: Painter) -> None:
    guide = torch.zeros(1, 96, 96)
    guide[:, :, :32] = 1
    picture = photo(96, 96)
    changed = picture.clone()
    changed[..., 80:] = 0  # farther away than anything in the region sees at x1
    one, other = painter.statistics(picture, guide)[0], painter.statistics(changed, guide)[0]
    torch.testing.assert_close(one.mean, other.mean, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(one.covariance, other.covariance, rtol=1e-3, atol=1e-5)


def test_bfloat16_is_near_float32(started: Network, painter: Painter) -> None:
    half = Painter(encoder(), started, dtype=torch.bfloat16)
    picture = photo(64, 64)
    full = painter.paint(picture, painter.maps(painter.statistics(picture)))
    near = half.paint(picture, half.maps(half.statistics(picture)))
    assert near.dtype == torch.float32 and all(level.dtype == torch.bfloat16 for level in half.see(picture).features)
    assert (full - near).abs().mean() < 1 / 255 and (full - near).abs().max() < 8 / 255


def test_an_autocast_around_it_changes_nothing(painter: Painter) -> None:
    picture = photo()
    plain = painter.see(picture)
    with torch.autocast("cpu", torch.bfloat16):
        assert all(torch.equal(a, b) for a, b in zip(plain.features, painter.see(picture).features))


def test_painting_leaves_the_encoder_fit_for_gradients(started: Network) -> None:
    found = encoder()
    found.net._packed.clear()  # type: ignore[operator, union-attr]
    Painter(found, started, dtype=torch.bfloat16).see(photo())
    Painter(found, started).see(photo())
    leaf = photo().requires_grad_(True)
    for dtype in (torch.float32, torch.bfloat16):
        with torch.autocast("cpu", dtype, enabled=dtype != torch.float32):
            found.features(leaf, (LAYER,))[LAYER].float().sum().backward()
    assert leaf.grad is not None and leaf.grad.abs().sum() > 0


def test_statistics_may_be_targets_to_learn_from(painter: Painter) -> None:
    found = painter.statistics(photo())
    assert not any(own.mean.is_inference() or own.covariance.is_inference() for own in found)


@pytest.mark.parametrize("size", [(1, 1), (1, 70), (33, 2), (16, 16), (31, 33)])
def test_small_and_narrow_pictures(painter: Painter, size: tuple[int, int]) -> None:
    picture = photo(40, 70)[..., : size[0], : size[1]]
    seen = painter.see(picture)
    painted = painter.paint(seen, painter.maps(painter.statistics(seen)))
    assert painted.shape == picture.shape and painted.isfinite().all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_a_picture_of_one_colour_is_painted_in_about_one(started: Network, value: float, dtype: torch.dtype) -> None:
    painter, picture = Painter(encoder(), started, dtype=dtype), torch.full((1, 3, 64, 64), value)
    painted = painter.paint(picture, painter.maps(painter.statistics(picture)))
    assert painted[..., 8:-8, 8:-8].std((2, 3)).max() < 0.1


def test_an_empty_guide_gives_a_painting_all_the_same(painter: Painter) -> None:
    picture = photo()
    maps = painter.maps(painter.statistics(picture, torch.zeros(1, 50, 41)))
    assert painter.paint(picture, maps).isfinite().all()


def test_a_share_is_a_number_or_a_map(painter: Painter) -> None:
    picture = photo(64, 64)
    seen = painter.see(picture)
    maps = painter.maps(painter.statistics(seen))
    for share in (0.0, 0.4, 1.0):
        even = painter.paint(seen, maps, torch.full((1, 1, 64, 64), share))
        torch.testing.assert_close(even, painter.paint(seen, maps, share), rtol=0, atol=1e-4)
    sides = torch.zeros(1, 1, 64, 64)
    sides[..., 32:] = 1
    mixed, none = painter.paint(seen, maps, sides), painter.paint(seen, maps, 0.0)
    rest, full = (mixed - none).abs(), (painter.paint(seen, maps) - none).abs()
    assert rest[..., :4].mean() < 0.1 * full[..., :4].mean()
    assert rest[..., -4:].mean() > 0.9 * full[..., -4:].mean()


def test_painting_is_deterministic_and_leaves_its_inputs(painter: Painter) -> None:
    picture = photo()
    before = picture.clone()
    one, other = (painter.paint(picture, painter.maps(painter.statistics(picture))) for _ in range(2))
    assert torch.equal(one, other) and torch.equal(picture, before)


def test_values_that_are_no_numbers_are_told(painter: Painter) -> None:
    picture = photo()
    picture[0, 1, 3, 3] = float("nan")
    with pytest.raises(InputError, match="no numbers"):
        painter.see(picture)
    broken = network()
    bias = convolution(broken, "fine.5").bias
    assert bias is not None
    bias[0] = float("inf")
    bad = Painter(encoder(), broken)
    with pytest.raises(ModelError, match="learn the painting again"):
        bad.paint(photo(), bad.maps(bad.statistics(photo())))


def test_a_network_of_another_encoder_is_refused() -> None:
    own = network()
    foreign = replace(own, about=replace(own.about, encoder_sha256="e" * 64))
    with pytest.raises(WeightsError, match=r"learned with the encoder eeeeeeeeeeee\.\.\., not with"):
        Painter(encoder(), foreign)
    Painter(encoder(), replace(own, about=replace(own.about, encoder_sha256="")))


def test_a_start_without_a_painting_cannot_map() -> None:
    bare = Painter(encoder(), store.universal())
    with pytest.raises(ValueError, match="aimed_at"):
        bare.maps(bare.statistics(photo()))


def test_a_blend_aims_at_the_mixture_of_its_paintings() -> None:
    own = network()
    one, other = network(seed=1).targets, network(seed=2).targets
    aimed = own.aimed_at([(one, 3.0), (other, 1.0)])
    for level, target in enumerate(aimed.targets):
        torch.testing.assert_close(target.mean, 0.75 * one[level].mean + 0.25 * other[level].mean)
    assert aimed.decoder is own.decoder and aimed.about == own.about
