"""A coarse probability is made a matte with exact edges, and brought from the working size to the photo's own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from portrait_nst.imaging import fill_holes
from portrait_nst.segmentation.colour_prior import colour_prior
from portrait_nst.segmentation.guided_filter import affine_coefficients
from portrait_nst.segmentation.matting import PINNED, closed_form
from portrait_nst.types import FloatArray, UInt8Array

BAND = 2.5  # half the width of the uncertain band, in cells of the model (1/256 of the side)
PRIOR = 0.05  # how much the segmentation still counts inside the band, see `closed_form`
LEVELS = (0.06, 0.92)  # values below and above become exactly 0 and 1
CONTRAST = (0.25, 0.75)  # probabilities below and above become exactly 0 and 1 before matting

BoolArray = NDArray[np.bool_]


def refine(rgb: UInt8Array, probability: FloatArray) -> FloatArray:
    """A matte whose edges are the picture's.

    rgb: (h, w, 3) uint8 at the working size; probability: (h, w) float32 in [0, 1].
    Returns (h, w) float32, exactly 0 in the far background and exactly 1 inside, up to the border of the
    photo. Holes that are too small to show the background are filled.
    """
    height, width = probability.shape
    band = max(3, round(BAND * (height * width) ** 0.5 / 256))
    prior = _levels(probability, *CONTRAST)
    solid = fill_holes(probability > 0.5, 0.002 * height * width)
    prior[solid & (probability <= 0.5)] = 1
    # Deep inside of a body a low probability is no gap.
    inside = _erode(solid & (prior > 0.8), band) | _erode(solid, 4 * band)
    outside = _erode(~solid & (prior < 0.2), band)
    prior = np.where(inside, np.float32(1), np.where(outside, np.float32(0), prior)).astype(np.float32)
    image = rgb.astype(np.float32) / np.float32(255)
    certain = inside | outside
    prior = np.where(certain, prior, colour_prior(image, prior, inside, outside, 4 * band))
    # Where neither the model nor the colours decide, as on a mixed pixel, the matting is free.
    doubt = np.float32(PRIOR) * np.maximum((2 * prior - 1) ** 2, np.float32(0.05))
    alpha = closed_form(image, prior, np.where(certain, PINNED, doubt))
    alpha = _levels(alpha, *LEVELS)
    alpha[inside], alpha[outside] = 1, 0
    return _clean_up(alpha, inside, band)


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
            part += at_full(coefficients[c]) * (rgb[top : top + rows, :, c] * np.float32(1 / 255))
        floor, roof = at_full(low), at_full(high)
        result[top : top + rows] = np.clip(part, floor, roof)
    return _levels(result, 0.02, 0.98)


def _clean_up(alpha: FloatArray, inside: BoolArray, band: int) -> FloatArray:
    """Remove crumbs that do not touch the person, and fill pinholes; in place."""
    import cv2

    _, labels = cv2.connectedComponents((alpha > 0.05).astype(np.uint8), connectivity=8)
    held = np.unique(labels[inside])
    alpha[~np.isin(labels, held[held > 0])] = 0
    solid = alpha > 0.6
    pinholes = (fill_holes(solid, (2 * band) ** 2) & ~solid).astype(np.uint8)
    alpha[cv2.dilate(pinholes, np.ones((5, 5), np.uint8)) > 0] = 1
    return alpha


def _levels(values: FloatArray, low: float, high: float) -> FloatArray:
    return np.asarray(np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1), np.float32)


def _erode(mask: BoolArray, radius: int) -> BoolArray:
    """Erosion by a disc; the border of the photo does not erode (a body goes on beyond it)."""
    import cv2

    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return np.asarray(cv2.erode(mask.astype(np.uint8), disc, borderType=cv2.BORDER_CONSTANT, borderValue=1), bool)
