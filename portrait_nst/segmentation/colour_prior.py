"""A prior for an uncertain pixel from the colours of the certain pixels near it.

The model's cells are coarse, so its edge misses the true one by a few pixels; but beside that band it is
certain. As in Bayesian matting (Chuang et al., CVPR 2001) the certain colours around a pixel are summed
up by one Gaussian for the person and one for the background. Opposed to the paper we do not solve for
alpha with them: they only move the prior that closed-form matting starts from.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from portrait_nst.segmentation.covariance import inverse_covariance
from portrait_nst.types import FloatArray

EPS = 3e-4  # least variance of a colour: noise of about 2 %
OUTLIERS = 0.1  # density of colours that neither side has; keeps a white hair on either side from counting
TEMPER = 0.7  # the factor on the evidence, because neighbouring pixels are not independent
LEAST = 0.1  # a prior stays between this and 1 - this, so that clear colours can overrule the model
SHRINK = 2  # the Gaussians are fitted at half size


def colour_prior(
    image: FloatArray, prior: FloatArray, inside: NDArray[np.bool_], outside: NDArray[np.bool_], radius: int
) -> FloatArray:
    """The probability of the person, given the model's `prior` and the colours around each pixel.

    image:   (H, W, 3) float32 in [0, 1].
    prior:   (H, W) float32 in [0, 1].
    inside, outside: (H, W) bool, where the person and the background are certain.
    radius:  how far colours are gathered, in pixels.
    Returns (H, W) float32 in [0, 1]. Where either side has no certain pixel nearby, the prior stays.
    """
    person, seen_in = _log_likelihood(image, inside, radius)
    place, seen_out = _log_likelihood(image, outside, radius)
    clipped = np.clip(prior, LEAST, 1 - LEAST)
    logit = np.log(clipped / (1 - clipped))
    # Evidence fades in with the share of certain pixels in the window, up to one in a hundred.
    trust = np.clip(np.minimum(seen_in, seen_out) * 100, 0, 1)
    logit += trust * np.clip(TEMPER * (person - place), -6, 6)
    return np.asarray(1 / (1 + np.exp(-logit)), np.float32)


def _log_likelihood(image: FloatArray, certain: NDArray[np.bool_], radius: int) -> tuple[FloatArray, FloatArray]:
    """Log p(colour) under the Gaussian of the certain colours around, and their share in the window."""
    import cv2

    height, width = certain.shape
    small = (max(1, width // SHRINK), max(1, height // SHRINK))
    side = 2 * max(1, radius // SHRINK) + 1

    def shrink(plane: FloatArray) -> FloatArray:
        return np.asarray(cv2.resize(plane, small, interpolation=cv2.INTER_AREA), np.float32)

    def enlarge(plane: FloatArray) -> FloatArray:
        return np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)

    def gather(plane: FloatArray) -> FloatArray:
        for _ in range(2):  # a tent: near pixels count more
            plane = np.asarray(cv2.blur(plane, (side, side), borderType=cv2.BORDER_CONSTANT), np.float32)
        return plane

    weight = shrink(certain.astype(np.float32))
    share = gather(weight)
    per_share = np.asarray(1 / (share + np.float32(1e-6)), np.float32)

    def mean(plane: FloatArray) -> FloatArray:
        return gather(plane * weight) * per_share

    planes = [shrink(np.ascontiguousarray(image[..., c])) for c in range(3)]
    means = [mean(plane) for plane in planes]
    rows, determinant = inverse_covariance(planes, means, mean, EPS)
    away = [image[..., c] - enlarge(means[c]) for c in range(3)]
    exponent = enlarge(np.asarray(np.log(determinant), np.float32))
    for i in range(3):
        for j in range(i, 3):
            exponent += enlarge(rows[i][j]) * away[i] * away[j] * np.float32(1 if i == j else 2)
    density = np.float32(-0.5) * exponent - np.float32(1.5 * np.log(2 * np.pi))
    likelihood = np.logaddexp(density, np.float32(np.log(OUTLIERS))).astype(np.float32)
    return likelihood, enlarge(share)
