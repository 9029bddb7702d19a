"""Edges: matting against a known alpha, enlargement, holes and crumbs."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.segmentation.colour_prior import alpha_posterior
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


def uncertain_disc() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A disc of 128 pixels of which only the middle and the corners are certain: alpha, inside, outside."""
    return disc(128, 1), disc(128, 1, 0.2) == 1, disc(128, 1, 0.4) == 0


def test_clear_colours_overrule_the_model() -> None:
    truth, inside, outside = uncertain_disc()
    image, uncertain = scene(truth).astype(np.float32) / np.float32(255), ~(inside | outside)
    mean, variance = alpha_posterior(image, np.full((128, 128), 0.5, np.float32), inside, outside, 2)
    assert (mean[truth[uncertain] == 1] > 0.95).all()
    assert (mean[truth[uncertain] == 0] < 0.05).all()
    assert variance[(truth == 1)[uncertain]].max() < 0.02 < variance.max()
    assert np.abs(mean - truth[uncertain]).max() < 0.3  # mixed pixels are not forced to either side


def test_without_known_colours_the_prior_stays() -> None:
    truth, inside, outside = uncertain_disc()
    prior = np.full((128, 128), 0.5, np.float32)
    mean, _ = alpha_posterior(
        scene(truth).astype(np.float32) / np.float32(255), prior, np.zeros_like(inside), outside, 2
    )
    assert np.allclose(mean, 0.5)


def strands(size: int, loose: bool) -> np.ndarray:
    """A disc with strands of two pixels, which leave it or pass it by."""
    import cv2

    plane = np.zeros((4 * size, 4 * size), np.uint8)
    for turn in np.linspace(0, 2 * np.pi, 12, endpoint=False):
        way = np.array([np.cos(turn), np.sin(turn)])
        ends = [
            ((0.5 + share * way) * 4 * size).astype(int).tolist() for share in ((0.35, 0.37) if loose else (0.2, 0.33))
        ]
        cv2.line(plane, ends[0], ends[1], 255, 8, cv2.LINE_AA)
    return np.asarray(
        np.maximum(cv2.resize(plane, (size, size), interpolation=cv2.INTER_AREA) / np.float32(255), disc(size, 1))
    )


@pytest.fixture
def sightless() -> np.ndarray:
    """What the model sees of the strands: nothing."""
    import cv2

    return np.asarray(cv2.GaussianBlur(disc(512, 1), (0, 0), 3), np.float32)


def test_strands_that_the_model_left_out_are_found(sightless: np.ndarray) -> None:
    truth = strands(512, loose=False)
    alpha = refine(scene(truth), sightless)
    seen = (truth > 0.9) & (disc(512, 1) == 0)
    assert seen.sum() > 100
    assert alpha[seen].mean() > 0.8
    assert np.abs(alpha - truth).mean() < 0.002


def test_what_does_not_touch_the_person_is_left(sightless: np.ndarray) -> None:
    alpha = refine(scene(strands(512, loose=True)), sightless)
    assert (alpha[disc(512, 1, 0.34) == 0] == 0).all()


def test_gaps_between_strands_stay_open() -> None:
    import cv2

    truth = disc(512, 1)
    truth[150:180, 100:420] *= (np.arange(320) % 8 < 4).astype(np.float32)  # a comb: gaps of four pixels
    truth[:150] = 0
    coarse = np.asarray(cv2.GaussianBlur(disc(512, 1) * (np.arange(512) >= 150)[:, None], (0, 0), 3), np.float32)
    alpha = refine(scene(truth), coarse)
    assert alpha[153:158][truth[153:158] == 0].mean() < 0.25


def test_the_backgrounds_own_dark_bars_are_not_the_persons() -> None:
    import cv2

    truth = disc(512, 1, 0.2)
    bars = np.broadcast_to((np.arange(512) % 24 < 6)[:, None, None], (512, 512, 3))
    place = np.where(bars, np.array([52, 44, 40]), np.array([196, 190, 180])).astype(np.float32)
    person = np.broadcast_to(np.array([44, 36, 34], np.float32), place.shape)
    noise = np.random.default_rng(2).normal(0, 2, place.shape)
    photo = np.clip(truth[..., None] * person + (1 - truth[..., None]) * place + noise, 0, 255).astype(np.uint8)
    alpha = refine(photo, np.asarray(cv2.GaussianBlur(truth, (0, 0), 3), np.float32))
    assert np.abs(alpha - truth)[disc(512, 1, 0.22) == 0].mean() < 0.003


def test_noise_is_not_amplified(sightless: np.ndarray) -> None:
    photo = scene(strands(512, loose=False))
    noise = np.random.default_rng(4).normal(0, 2, photo.shape)
    noisy = np.clip(np.rint(photo + noise), 0, 255).astype(np.uint8)
    assert np.abs(refine(noisy, sightless) - refine(photo, sightless)).mean() < 0.002


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
