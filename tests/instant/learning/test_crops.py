"""Crops of the material."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from portrait_nst.instant.learning import recipe
from portrait_nst.instant.learning.crops import Crops
from portrait_nst.instant.learning.material import SIDE, Material

CPU = torch.device("cpu")


def material(faces: int = 0) -> Material:
    """Squares whose red is the column and whose green is the row; a face is a disc at (190, 60), there the blue is 255."""
    at = np.arange(SIDE, dtype=np.uint8)
    square = np.stack(np.broadcast_arrays(at[None], at[:, None], np.zeros((1, 1), np.uint8)), -1)[None]
    disc = (at[None].astype(int) - 190) ** 2 + (at[:, None].astype(int) - 60) ** 2 < 30**2
    face = square.copy()
    face[0, ..., 2] = 255 * disc
    return Material(square, np.repeat(face, faces, 0), np.repeat((150 * disc[None]).astype(np.uint8), faces, 0), "test")


def test_crops_are_squares_at_the_scales_of_the_recipe() -> None:
    crops, faces = Crops(material(), CPU).draw(40, 64, np.random.default_rng(0))
    assert crops.shape == (40, 3, 64, 64) and faces.shape == (40, 1, 64, 64) and not faces.any()
    slope = (crops[:, 0, 30, 40] - crops[:, 0, 30, 30]).numpy() * 255 / 10  # pixels of the square for one of the crop
    assert set(np.sign(slope)) == {-1, 1}  # half of them are mirrored
    least, greatest = 1 / np.array(recipe.SCALES[::-1])
    assert least <= np.abs(slope).min() < np.abs(slope).max() <= greatest
    down = (crops[:, 1, 40, 30] - crops[:, 1, 30, 30]).numpy() * 255 / 10
    assert down == pytest.approx(np.abs(slope), abs=1e-3)


def test_face_maps_lie_where_the_faces_are() -> None:
    crops, faces = Crops(material(faces=3), CPU).draw(40, 64, np.random.default_rng(1))
    there = faces.amax((1, 2, 3)) > 0
    assert 0.5 < float(there.float().mean()) < 1
    assert torch.allclose(faces[:, 0] / 1.5, crops[:, 2], atol=1e-4)


def test_the_same_generator_draws_the_same_crops() -> None:
    own = Crops(material(faces=1), CPU)
    first, again, other = (own.draw(6, 48, np.random.default_rng(seed))[0] for seed in (3, 3, 4))
    assert torch.equal(first, again) and not torch.equal(first, other)
