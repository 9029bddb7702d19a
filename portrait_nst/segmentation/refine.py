"""A coarse probability is made a matte with exact edges, and brought from the working size to the photo's own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from portrait_nst.imaging import fill_holes
from portrait_nst.segmentation.colour_prior import alpha_posterior
from portrait_nst.segmentation.guided_filter import affine_coefficients
from portrait_nst.segmentation.matting import PINNED, closed_form
from portrait_nst.types import FloatArray, UInt8Array

# Lengths in cells of the model, which are 1/256 of the side.
INWARD = 4.0  # how far within the model's edge the background may show
OUTWARD = 10.0  # how far beyond it a strand of hair may reach
DEEP = 10.0  # so far within the body a low probability is no gap
FADING = 2.5  # the model's own errors fade with the distance from its edge by e in so many cells
ERRORS = ((0.1, 0.002), (0.05, 0.005))  # probability that the model errs at its edge and far from it: outside, inside
STRAND = 2.0  # the greatest width of a strand or a lock that the model leaves out
BULGE = 1.0  # so far beyond its edge the model misses hair of any width, and of less and less up to twice as far
CONTRAST = (0.25, 0.75)  # probabilities below and above are 0 and 1, but for these errors
LEVELS = (0.08, 0.94)  # values of alpha below and above become exactly 0 and 1
PRIOR = 0.3  # weight of a sure colour against the matting's own; see `closed_form`
DOUBT = 0.01  # the variance of alpha at which this weight is halved

BoolArray = NDArray[np.bool_]


def refine(rgb: UInt8Array, probability: FloatArray) -> FloatArray:
    """A matte whose edges are the picture's.

    rgb: (h, w, 3) uint8 at the working size; probability: (h, w) float32 in [0, 1].
    Returns (h, w) float32, exactly 0 in the far background and exactly 1 inside, up to the border of the
    photo. Holes that are too small to show the background are filled; strands of hair that the model left out are
    found by their colour, as far as the background around has none like it.
    """
    height, width = probability.shape
    cell = (height * width) ** 0.5 / 256
    prior = _levels(probability, *CONTRAST)
    solid = fill_holes(probability > 0.5, 0.002 * height * width)
    prior[solid & (probability <= 0.5)] = 1
    inside = _erode(solid & (prior > 0.8), INWARD * cell) | _erode(solid, DEEP * cell)
    outside = _erode(~solid & (prior < 0.2), OUTWARD * cell)
    uncertain = ~(inside | outside)
    alpha = inside.astype(np.float32)
    if uncertain.any():
        image = rgb.astype(np.float32) / np.float32(255)
        mean, variance = alpha_posterior(image, _with_errors(prior, solid, cell), inside, outside, cell)
        alpha[uncertain] = mean
        alpha = _thin_beyond(alpha, solid, cell)
        weight = np.full(alpha.shape, PINNED, np.float32)
        weight[uncertain] = np.float32(PRIOR * DOUBT) / (variance + np.float32(DOUBT))
        alpha = _levels(closed_form(image, alpha, weight, tolerance=1e-3), *LEVELS)
    alpha[inside], alpha[outside] = 1, 0
    return _without_crumbs(alpha, inside)


def _with_errors(prior: FloatArray, solid: BoolArray, cell: float) -> FloatArray:
    """`prior`, kept as far from 0 outside of `solid` and from 1 inside as the model is known to err there."""
    import cv2

    result = prior
    for (near, far), region in zip(ERRORS, (~solid, solid)):
        distance = cv2.distanceTransform(region.astype(np.uint8), cv2.DIST_L2, 5)
        error = np.float32(far) + np.float32(near - far) * np.exp(np.float32(-1 / (FADING * cell)) * distance)
        result = np.where(region, np.clip(result, error, 1 - error), result)
    return np.asarray(result, np.float32)


def enlarge(rgb: UInt8Array, small_rgb: UInt8Array, small: FloatArray) -> FloatArray:
    """The matte at the photo's own size, its edges following the photo's own pixels.

    rgb: (H, W, 3) uint8; small_rgb, small: the same picture and its matte at the working size.
    Like He and Sun's fast guided filter (arXiv:1505.00996): small = a . I + b is fitted in windows at
    the working size, (a, b) are enlarged, and applied to the full picture. Strips keep the memory low.
    """
    import cv2

    height, width = rgb.shape[:2]
    if (height, width) == small.shape:
        return small
    coefficients = affine_coefficients(small_rgb.astype(np.float32) / np.float32(255), small)
    # Where a neighbourhood is all 0 or all 1, so is the result: flat areas must not pick up the photo's noise.
    kernel = np.ones((5, 5), np.uint8)
    low = np.asarray(cv2.erode(small, kernel), np.float32)
    high = np.asarray(cv2.dilate(small, kernel), np.float32)
    result = np.empty((height, width), np.float32)
    sy, sx = small.shape[0] / height, small.shape[1] / width
    strip = max(16, 2**20 // width)
    for top in range(0, height, strip):
        rows = min(strip, height - top)
        back = np.array([[sx, 0, 0.5 * sx - 0.5], [0, sy, (top + 0.5) * sy - 0.5]])

        def at_full(plane: FloatArray, back: NDArray[np.float64] = back, rows: int = rows) -> FloatArray:
            flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            moved = cv2.warpAffine(plane, back, (width, rows), flags=flags, borderMode=cv2.BORDER_REPLICATE)
            return np.asarray(moved, np.float32)

        part = at_full(coefficients[3])
        for c in range(3):
            slope = at_full(coefficients[c])
            slope *= cv2.extractChannel(rgb[top : top + rows], c) * np.float32(1 / 255)
            part += slope
        np.maximum(part, at_full(low), out=part)
        np.minimum(part, at_full(high), out=part)
        result[top : top + rows] = _levels(part, 0.02, 0.98)
    return result


def _thin_beyond(alpha: FloatArray, solid: BoolArray, cell: float) -> FloatArray:
    """Far beyond the model's edge only what is as thin as a strand stays: a window's bar or a fold of a curtain is wider."""
    import cv2

    side = 2 * max(1, round(STRAND * cell / 2)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    wide = cv2.morphologyEx(alpha, cv2.MORPH_OPEN, disc)
    distance = cv2.distanceTransform((~solid).astype(np.uint8), cv2.DIST_L2, 5) / np.float32(cell)
    return np.asarray(alpha - np.clip(distance / BULGE - 1, 0, 1) * wide, np.float32)


def _without_crumbs(alpha: FloatArray, inside: BoolArray) -> FloatArray:
    """Remove crumbs that do not touch the person; in place."""
    import cv2

    _, labels = cv2.connectedComponents((alpha > 0.05).astype(np.uint8), connectivity=8)
    held = np.unique(labels[inside])
    alpha[~np.isin(labels, held[held > 0])] = 0
    return alpha


def _levels(values: FloatArray, low: float, high: float) -> FloatArray:
    return np.asarray(np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1), np.float32)


def _erode(mask: BoolArray, radius: float) -> BoolArray:
    """Erosion by a disc; the border of the photo does not erode (a body goes on beyond it)."""
    import cv2

    side = 2 * max(3, round(radius)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return np.asarray(cv2.erode(mask.astype(np.uint8), disc, borderType=cv2.BORDER_CONSTANT, borderValue=1), bool)
