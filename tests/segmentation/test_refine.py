"""Edges: matting against a known alpha, enlargement, holes and crumbs."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.segmentation.colour_prior import colour_prior
from portrait_nst.segmentation.refine import enlarge, refine

PERSON, PLACE = np.array([200, 60, 50], np.float32), np.array([40, 90, 190], np.float32)


def disc(size: int, soft: float, radius: float = 0.3) -> np.ndarray:
    """A disc that fades out over `soft` pixels, (size, size) float32."""
    y, x = np.mgrid[:size, :size] + 0.5 - size / 2
    return np.asarray(np.clip((radius * size - np.hypot(x, y)) / soft + 0.5, 0, 1), np.float32)


def scene(alpha: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(1).normal(0, 2, (*alpha.shape, 3))
    return np.clip(alpha[..., None] * PERSON + (1 - alpha[..., None]) * PLACE + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("soft", "most"), [(1.0, 0.1), (3.0, 0.1), (6.0, 0.2)])
def test_the_true_alpha_comes_back(soft: float, most: float) -> None:
    import cv2

    truth = disc(512, soft)
    # What a model with cells of two pixels makes of it, its edge two pixels off.
    coarse = np.asarray(np.roll(cv2.GaussianBlur(truth, (0, 0), 3), (1, 2), axis=(0, 1)), np.float32)
    alpha = refine(scene(truth), coarse)
    assert np.abs(alpha - truth).mean() < 0.5 * np.abs(coarse - truth).mean()
    edge = (truth > 0.05) & (truth < 0.95)
    assert np.abs(alpha - truth)[edge].mean() < most
    assert (alpha[disc(512, 1, 0.27) == 1] == 1).all()
    assert (alpha[disc(512, 1, 0.34) == 0] == 0).all()


def test_up_to_the_border() -> None:
    import cv2

    truth = np.zeros((200, 160), np.float32)
    truth[80:, 50:] = 1
    coarse = np.asarray(cv2.GaussianBlur(truth, (0, 0), 4, borderType=cv2.BORDER_REPLICATE), np.float32)
    alpha = refine(scene(truth), coarse)
    assert (alpha[90:, 60:] == 1).all()
    assert (alpha[:70] == 0).all()
    assert (alpha[:, :40] == 0).all()


def test_holes_close_and_crumbs_go() -> None:
    truth = disc(256, 1)
    coarse = truth.copy()
    coarse[120:124, 130:134] = 0.2
    coarse[8:12, 8:12] = 0.9
    alpha = refine(scene(truth), coarse)
    assert (alpha[110:140, 120:145] == 1).all()
    assert (alpha[:30, :30] == 0).all()


def test_clear_colours_overrule_the_model() -> None:
    truth = disc(128, 1)
    image = scene(truth).astype(np.float32) / np.float32(255)
    inside, outside = disc(128, 1, 0.2) == 1, disc(128, 1, 0.4) == 0
    prior = np.full((128, 128), 0.5, np.float32)
    found = colour_prior(image, prior, inside, outside, 24)
    assert (found[truth == 1] > 0.9).all()
    assert (found[(truth == 0) & (disc(128, 1, 0.45) == 1)] < 0.1).all()
    nothing = colour_prior(image, prior, np.zeros_like(inside), outside, 24)
    assert np.allclose(nothing, 0.5)


def test_enlarging_follows_the_large_picture() -> None:
    import cv2

    truth = disc(600, 1)
    rgb = scene(truth)
    small_rgb = np.asarray(cv2.resize(rgb, (151, 149), interpolation=cv2.INTER_AREA), np.uint8)
    small = np.asarray(cv2.resize(truth, (151, 149), interpolation=cv2.INTER_AREA), np.float32)
    alpha = enlarge(rgb, small_rgb, small)
    assert alpha.shape == truth.shape
    plain = cv2.resize(small, (600, 600), interpolation=cv2.INTER_LINEAR)
    assert np.abs(alpha - truth).mean() < 0.5 * np.abs(plain - truth).mean()
    assert (alpha[disc(600, 1, 0.27) == 1] == 1).all()
    assert (alpha[disc(600, 1, 0.33) == 0] == 0).all()


def test_enlarging_in_strips_leaves_no_seams() -> None:
    rgb = np.full((40, 70_000, 3), 90, np.uint8)
    small = np.tile(np.linspace(0, 1, 10, dtype=np.float32)[:, None], (1, 17_500))
    alpha = enlarge(rgb, np.full((10, 17_500, 3), 90, np.uint8), small)
    assert (np.diff(alpha[:, 35_000]) > -1e-3).all()
    assert np.diff(alpha[:, 35_000]).max() < 0.08


def test_nothing_to_enlarge() -> None:
    small = disc(32, 2)
    assert enlarge(scene(small), scene(small), small) is small
