"""How much of an uncertain pixel is the person, from the colours of the person and of the background near it.

As in Bayesian matting (Chuang et al., CVPR 2001) the colours around a pixel are summed up by Gaussians F and B, and a pixel of
the share a is a draw from their blend,

    c ~ N(a mu_F + (1 - a) mu_B,  a^2 Sigma_F + (1 - a)^2 Sigma_B + EPS 1).

Opposed to the paper, a is not solved for: its posterior is evaluated at a few values, and its mean and variance are what the
closed-form matting starts from. At a = 0 and a = 1 the Gaussian is replaced by two, of the colours above and below the local mean
lightness, so that dark bars on a bright wall are known to belong to the background. In a second round, in smaller windows, the
uncertain pixels count by their posterior: the background seen between strands is then part of B.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from portrait_nst.segmentation.covariance import inverse
from portrait_nst.types import FloatArray

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)  # the values of alpha that are weighed
MIXED = 0.3  # prior probability of a mixed pixel where the model is undecided; it falls as the model grows sure
EPS = 3e-4  # least variance of a colour: noise of about 2 %
OUTLIERS = 1.0  # density of colours that nobody knows; bounds the evidence, to about e^7 in the end
TEMPER = 1.0  # the factor on the evidence, because neighbouring pixels are not independent
WINDOWS = (14.0, 6.0)  # reach of the two rounds, in cells of the model
SHRINK = 2  # the Gaussians are fitted at half size
SOFTNESS = np.float32(0.02)  # of the division into light and dark, in units of lightness
LIGHTNESS = (0.3, 0.6, 0.1)  # shares of red, green and blue

Moments = tuple[
    list[FloatArray], list[FloatArray], FloatArray
]  # means, covariances (rr rg rb gg gb bb), share of the window
Plane = Callable[[FloatArray], FloatArray]


def alpha_posterior(
    image: FloatArray, prior: FloatArray, inside: NDArray[np.bool_], outside: NDArray[np.bool_], cell: float
) -> tuple[FloatArray, FloatArray]:
    """The mean and the variance of alpha at the uncertain pixels.

    image:   (H, W, 3) float32 in [0, 1].
    prior:   (H, W) float32 in (0, 1), the probability of the person before colours are seen.
    inside, outside: (H, W) bool, where the person and the background are certain; the n other pixels are uncertain.
    cell:    side of a cell of the model, in pixels.
    Returns two (n,) float32, row by row. Where either side has no certain pixel nearby, the prior stays.
    """
    import cv2

    height, width = prior.shape
    small = (max(1, width // SHRINK), max(1, height // SHRINK))
    uncertain = ~(inside | outside)
    places = np.flatnonzero(uncertain)  # gathers from many planes: four times as fast as the mask is

    def shrink(plane: FloatArray) -> FloatArray:
        return np.asarray(cv2.resize(plane, small, interpolation=cv2.INTER_AREA), np.float32)

    def enlarge(plane: FloatArray) -> FloatArray:
        large = np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
        return large.ravel().take(places)

    planes = [np.ascontiguousarray(image[..., c]) for c in range(3)]
    colours, shrunk = [plane[uncertain] for plane in planes], [shrink(plane) for plane in planes]
    person, place = inside.astype(np.float32), outside.astype(np.float32)
    model = prior[uncertain]
    mixed = np.float32(MIXED) * 4 * model * (1 - model)
    priors = [
        (1 - mixed) * (1 - model) if share == 0 else (1 - mixed) * model if share == 1 else mixed / (len(SHARES) - 2)
        for share in SHARES
    ]
    posterior = np.empty((len(SHARES), len(model)), np.float32)
    trust: FloatArray | None = None
    for reach in WINDOWS:
        radius = max(1, round(reach * cell / SHRINK))
        (f_mean, f_sigma, f_seen), all_f = _side(colours, shrunk, shrink(person), radius, enlarge)
        (b_mean, b_sigma, b_seen), all_b = _side(colours, shrunk, shrink(place), radius, enlarge)
        if trust is None:  # evidence fades in with the share of certain pixels in the window, up to one in a hundred
            trust = np.float32(TEMPER) * np.clip(np.minimum(f_seen, b_seen) * 100, 0, 1)
        for row, share, before in zip(posterior, SHARES, priors):
            if share in (0, 1):
                density = all_f if share else all_b
            else:
                mean = [share * f + (1 - share) * b for f, b in zip(f_mean, b_mean)]
                density = _density(
                    colours, mean, [share**2 * f + (1 - share) ** 2 * b for f, b in zip(f_sigma, b_sigma)]
                )
            row[:] = np.log(before + np.float32(1e-9)) + trust * np.log(density + np.float32(OUTLIERS))
        posterior -= posterior.max(axis=0)
        np.exp(posterior, out=posterior)
        posterior /= posterior.sum(axis=0)
        person[uncertain], place[uncertain] = posterior[-1], posterior[0]
    shares = np.array(SHARES, np.float32)
    mean_share = shares @ posterior
    return mean_share, np.maximum(shares**2 @ posterior - mean_share**2, 0)


def _side(
    colours: list[FloatArray], planes: list[FloatArray], weight: FloatArray, radius: int, enlarge: Plane
) -> tuple[Moments, FloatArray]:
    """The moments of one side's colours around each uncertain pixel, and its density at the pixel's own colour."""
    means, sigmas, seen = _moments(planes, weight, radius)
    lightness = sum(np.float32(part) * (plane - mean) for part, plane, mean in zip(LIGHTNESS, planes, means))
    light = np.asarray(1 / (1 + np.exp(np.clip(-lightness / SOFTNESS, -50, 50))), np.float32)
    share = enlarge(seen)
    density = np.zeros_like(share)
    for part in (weight * light, weight * (1 - light)):
        part_means, part_sigmas, part_seen = _moments(planes, part, radius)
        found = _density(colours, [enlarge(m) for m in part_means], [enlarge(s) for s in part_sigmas])
        density += enlarge(part_seen) * found
    density /= share + np.float32(1e-6)
    return ([enlarge(m) for m in means], [enlarge(s) for s in sigmas], share), density


def _moments(planes: list[FloatArray], weight: FloatArray, radius: int) -> Moments:
    """The weighted moments of colours in the window around each pixel, and the weight's mean there."""
    import cv2

    side = 2 * radius + 1

    def gather(plane: FloatArray) -> FloatArray:
        for _ in range(2):  # a tent: near pixels count more
            plane = np.asarray(cv2.blur(plane, (side, side), borderType=cv2.BORDER_CONSTANT), np.float32)
        return plane

    share = gather(weight)
    per_share = np.asarray(1 / (share + np.float32(1e-6)), np.float32)
    weighted = [plane * weight for plane in planes]
    means = [gather(plane) * per_share for plane in weighted]
    pairs = [(i, j) for i in range(3) for j in range(i, 3)]
    sigmas = [gather(weighted[i] * planes[j]) * per_share - means[i] * means[j] for i, j in pairs]
    return means, sigmas, share


def _density(colours: list[FloatArray], mean: list[FloatArray], sigma: list[FloatArray]) -> FloatArray:
    """The density of N(mean, sigma + EPS 1) at each colour."""
    least = np.float32(EPS)
    rr, gg, bb = (np.maximum(sigma[i], 0) + least for i in (0, 3, 5))  # rounding may bring a variance below zero
    rows, determinant = inverse(rr, sigma[1], sigma[2], gg, sigma[4], bb, EPS)
    r, g, b = (colour - m for colour, m in zip(colours, mean))
    exponent = r * (rows[0][0] * r + 2 * (rows[0][1] * g + rows[0][2] * b))
    exponent += g * (rows[1][1] * g + 2 * rows[1][2] * b) + rows[2][2] * b * b
    return np.asarray(np.exp(-0.5 * np.maximum(exponent, 0)) / np.sqrt(determinant), np.float32) * np.float32(
        (2 * np.pi) ** -1.5
    )
