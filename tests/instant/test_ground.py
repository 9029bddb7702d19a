"""The ground that networks paint on, against plain float64 references."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from portrait_nst.instant import ground


def box(values: NDArray[np.float64], radius: int) -> NDArray[np.float64]:
    """Means over squares, with the edge mirrored."""
    around = np.pad(values, radius, mode="reflect")
    side = 2 * radius + 1
    return np.asarray(np.lib.stride_tricks.sliding_window_view(around, (side, side)).mean((2, 3)))


def guided_filter(lightness: NDArray[np.float64]) -> NDArray[np.float64]:
    """He, Sun & Tang's filter of a picture by itself, from its covariance's definition."""
    mean = box(lightness, ground.RADIUS)
    variance = box(lightness**2, ground.RADIUS) - mean**2
    slope = variance / (variance + ground.TEXTURE**2)
    return box(slope, ground.RADIUS) * lightness + box(mean * (1 - slope), ground.RADIUS)


@pytest.mark.parametrize("size", [(9, 14), (40, 31)])
def test_lightness_is_filtered_by_itself_and_colour_stays(size: tuple[int, int]) -> None:
    picture = np.random.default_rng(1).uniform(size=(3, *size))
    lightness = picture.mean(0)
    expected = picture + (guided_filter(lightness) - lightness)
    found = ground.calmed(torch.from_numpy(picture)[None])[0].numpy()
    assert np.abs(found - expected).max() < 1e-12


def test_texture_goes_and_an_edge_stays() -> None:
    picture = torch.zeros(1, 3, 32, 32) + 0.2
    picture[..., 16:] = 0.8
    picture[..., ::2, ::2] += 0.02
    calm = ground.calmed(picture)
    assert calm[..., 4:12, 4:10].std() < 0.25 * picture[..., 4:12, 4:10].std()
    assert (calm[..., 16:] - calm[..., :16]).mean() > 0.58


def test_in_faces_the_photo_stays_and_the_grain_is_faint() -> None:
    picture, faces = torch.rand(1, 3, 24, 24), torch.zeros(1, 1, 24, 24)
    faces[..., :12] = 2.0  # eyes have more than 1
    noise = torch.randn(1, 3, 24, 24)
    seen = ground.grounded(picture, 0.1, faces, noise)
    inside, outside = seen[..., :12] - picture[..., :12], seen[..., 12:] - ground.calmed(picture)[..., 12:]
    assert torch.allclose(inside, 0.1 * (1 - ground.FACES) * noise[..., :12], atol=1e-6)
    assert torch.allclose(outside, 0.1 * noise[..., 12:], atol=1e-6)
    assert ground.grounded(picture, 0.0, faces, noise) is picture


def test_a_window_has_the_grain_of_the_whole() -> None:
    whole = ground.grain_at((500, 420))
    assert torch.equal(whole[..., 100:180, 390:420], ground.grain_at((80, 30), (100, 390)))
    assert torch.equal(whole[..., ground.TILE :, :], whole[..., : 500 - ground.TILE, :])
    assert not torch.equal(whole, ground.grain_at((500, 420), seed=1))


def test_the_tiles_edges_fit_each_other() -> None:
    tile = ground.tile()
    inside = (tile[..., 1:] - tile[..., :-1]).square().mean()
    across = (tile[..., 0] - tile[..., -1]).square().mean()
    assert 0.6 < across / inside < 1.6
