"""Resizing and colour statistics on float pictures, (h, w[, 3]) float32 in [0, 1]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from portrait_nst.imaging import LUMA, size_within
from portrait_nst.types import FloatArray, UInt8Array

ColourStatistics = tuple[NDArray[np.float64], NDArray[np.float64]]

_ROWS = 256
EVENED = 0.5  # a colour counts by its frequency to the power of 1 - EVENED; with 1, all colours would count alike
_BINS, _SMALL = 12, 256  # bins of each channel, and pixels of the longest side of the picture whose colours are counted
_LEAST_VARIANCE = 1 / 255**2  # one grey level, given to uniform colours so that rounding is not amplified to speckles


def resize(array: FloatArray | UInt8Array, size: tuple[int, int]) -> FloatArray:
    """`array` at `size` (h, w), as float32: area average where it shrinks, linear where it grows.

    Linear, since the ripple that a cubic leaves at period 2 is invisible to the encoder's pooling and would be kept.
    """
    import cv2

    if array.shape[:2] == size:
        return array.astype(np.float32, copy=True)
    shrinks = size[0] * size[1] < array.shape[0] * array.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(array.astype(np.float32, copy=False), (size[1], size[0]), interpolation=method))


def blur(array: FloatArray, sigma: float) -> FloatArray:
    """`array` under a Gaussian of `sigma` pixels."""
    import cv2

    return np.asarray(cv2.GaussianBlur(array, (0, 0), sigma))


def tensor(array: NDArray[np.float32] | UInt8Array, device: str | torch.device) -> Tensor:
    """(h, w[, 3]) to (1, c, h, w) float32 on the device, in the same range."""
    planes = array[..., None] if array.ndim == 2 else array
    found = torch.from_numpy(np.ascontiguousarray(planes.transpose(2, 0, 1)))[None]
    return found.to(device, torch.float32)


def grey(rgb: Tensor) -> Tensor:
    """Three equal channels with the luma of `rgb` (N, 3, H, W)."""
    luma = (rgb * rgb.new_tensor(LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True)
    return luma.expand_as(rgb)


def grey_array(rgb: FloatArray) -> FloatArray:
    """As `grey`, for (h, w, 3)."""
    return np.repeat((rgb @ np.asarray(LUMA, np.float32))[..., None], 3, axis=2)


def mean_and_covariance(rgb: FloatArray, mask: FloatArray | None) -> ColourStatistics:
    """Mean (3,) and covariance (3, 3) of the colours of `rgb` (h, w, 3) under `mask` (h, w)."""
    total, mean, second = 0.0, np.zeros(3), np.zeros((3, 3))
    for top in range(0, len(rgb), _ROWS):  # by blocks of rows, since a large photo in float64 would take gigabytes
        pixels = rgb[top : top + _ROWS].reshape(-1, 3).astype(np.float64) - 0.5
        weights = np.ones(len(pixels)) if mask is None else mask[top : top + _ROWS].reshape(-1).astype(np.float64)
        total += weights.sum()
        mean += weights @ pixels
        second += (pixels * weights[:, None]).T @ pixels
    total = max(total, 1e-9)
    mean, second = mean / total, second / total
    return mean + 0.5, second - np.outer(mean, mean)


def evened(rgb: FloatArray, region: FloatArray, power: float = EVENED) -> ColourStatistics:
    """Mean and covariance of the colours of `rgb` (h, w, 3) in a `region` (h, w), in which frequent colours count less.

    A dark coat may fill four fifths of a portrait, and the face a tenth. In plain statistics the face would be an outlier, and
    would be moved beyond all colours of a style. So a pixel's weight is the frequency of its colour, in a smoothed histogram,
    to the power of -`power`.
    """
    size = size_within((region.shape[0], region.shape[1]), _SMALL)
    rgb, region = resize(rgb, size), resize(region, size)
    return mean_and_covariance(rgb, evening(rgb, region, power))


def evening(rgb: FloatArray, region: FloatArray, power: float = EVENED) -> FloatArray:
    """(h, w) float32: the `region` (h, w) with each pixel of `rgb` (h, w, 3) weighed by how rare its colour is; see `evened`."""
    places = np.clip((blur(rgb, 1.0) * _BINS).astype(np.int64), 0, _BINS - 1) @ np.array([_BINS**2, _BINS, 1])
    counts: NDArray[Any] = np.bincount(places.ravel(), region.ravel(), _BINS**3).reshape((_BINS,) * 3)
    for axis in range(3):
        padded: NDArray[Any] = np.pad(np.moveaxis(counts, axis, 0), ((1, 1), (0, 0), (0, 0)))
        counts = np.moveaxis((padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4, 0, axis)
    weights = region * np.maximum(counts.ravel()[places], 1e-3 * region.sum() + 1e-9) ** -power
    return np.asarray(weights, np.float32)


def mixture(parts: Sequence[tuple[ColourStatistics, float]]) -> ColourStatistics:
    """Mean and covariance of a mixture of (statistics, weight)."""
    total = sum(weight for _, weight in parts)
    shares = [weight / total for _, weight in parts]
    mean = np.sum([share * m for share, ((m, _), _) in zip(shares, parts)], 0)
    second = np.sum([share * (c + np.outer(m, m)) for share, ((m, c), _) in zip(shares, parts)], 0)
    return mean, second - np.outer(mean, mean)


def with_light(goal: ColourStatistics, own: ColourStatistics, least: float) -> ColourStatistics:
    """The statistics `goal` with a standard deviation of lightness of at least `least`, or of that of `own` if that is less."""
    mean, covariance = goal
    luma = np.asarray(LUMA)
    lacking = min(luma @ own[1] @ luma, least**2) - luma @ covariance @ luma
    return mean, covariance + max(float(lacking), 0.0)  # along the grey axis, on which luma's weights add up to 1


def match_statistics(
    content: FloatArray, regions: Sequence[tuple[FloatArray, ColourStatistics]], *, evenly: bool = False
) -> FloatArray:
    """`content` with the colours of each region moved to its style's mean and covariance.

    regions: pairs of a region (h, w) of the content and the statistics of its style's colours.
    evenly:  whether the content's statistics are those of `evened` instead of the plain ones.

    The map is the optimal transport between Gaussians, A = S^-1/2 (S^1/2 T S^1/2)^1/2 S^-1/2: among all linear maps that match
    the statistics, it moves the colours least.
    """
    own = [(evened if evenly else mean_and_covariance)(content, region) for region, _ in regions]
    maps = [ColourMap.between(one, goal) for one, (_, goal) in zip(own, regions)]
    return moved(content, [(region, each) for (region, _), each in zip(regions, maps)])


@dataclass(frozen=True, eq=False)
class ColourMap:
    """The linear map of colours x -> matrix (x - mean) + goal."""

    matrix: NDArray[np.float64]
    mean: NDArray[np.float64]
    goal: NDArray[np.float64]

    @classmethod
    def between(cls, own: ColourStatistics, goal: ColourStatistics) -> ColourMap:
        """The optimal transport between the Gaussians of the statistics `own` and `goal`."""
        root = _power(own[1], 0.5, _LEAST_VARIANCE)
        inverse = _power(own[1], -0.5, _LEAST_VARIANCE)
        return cls(inverse @ _power(root @ goal[1] @ root, 0.5) @ inverse, own[0], goal[0])


def moved(content: FloatArray, regions: Sequence[tuple[FloatArray, ColourMap]]) -> FloatArray:
    """`content` (h, w, 3) with the colours of each region (h, w) moved by its map, bent into [0, 1]."""
    out = content.copy()
    for region, how in regions:
        for top in range(0, len(content), _ROWS):
            rows = slice(top, top + _ROWS)
            there = (content[rows] - how.mean) @ how.matrix.T + how.goal
            out[rows] += region[rows, :, None] * (there - content[rows])
    for top in range(0, len(content), _ROWS):
        out[top : top + _ROWS] = _soft_clip(out[top : top + _ROWS])
    return out


def match_affine(style: FloatArray, own: ColourStatistics, goal: ColourStatistics, method: str) -> FloatArray:
    """`style` (h, w, 3) moved from its `own` colour statistics to the `goal`'s by x -> A (x - m) + m', A S A^T = S'.

    method: "pca", A = S'^1/2 S^-1/2, or "cholesky", A = L' L^-1 (Gatys et al. 2017, section 5.1). Clipped to [0, 1].
    """
    (mean, covariance), (goal_mean, goal_covariance) = own, goal
    if method == "pca":
        matrix = _power(goal_covariance, 0.5) @ _power(covariance, -0.5, _LEAST_VARIANCE)
    else:
        least = np.eye(3) * _LEAST_VARIANCE
        triangles = [np.linalg.cholesky(c + least) for c in (goal_covariance, covariance)]
        matrix = np.asarray(triangles[0] @ np.linalg.inv(triangles[1]), np.float64)
    moved = (style.reshape(-1, 3) - mean) @ matrix.T + goal_mean
    return np.asarray(np.clip(moved, 0, 1).reshape(style.shape), np.float32)


def with_chroma_of(painted: FloatArray, photo: FloatArray) -> FloatArray:
    """The lightness of `painted` with the colour of `photo` (both (h, w, 3) in [0, 1]): Y from one, I and Q from the other."""
    luma = np.asarray(LUMA, np.float32)
    return np.asarray(np.clip(photo + (painted @ luma - photo @ luma)[..., None], 0, 1), np.float32)


def _soft_clip(colours: FloatArray, knee: float = 0.12) -> FloatArray:
    """`colours` bent into [0, 1]: the last `knee` at each end becomes a curve, which preserves contrast in lights and darks."""
    low, high = np.minimum(colours - knee, 0), np.maximum(colours - (1 - knee), 0)
    bent = np.clip(colours, knee, 1 - knee) + knee * (np.tanh(low / knee) + np.tanh(high / knee))
    return np.asarray(np.clip(bent, 0, 1), np.float32)


def _power(matrix: NDArray[np.float64], exponent: float, floor: float = 0.0) -> NDArray[np.float64]:
    """Power of a symmetric matrix whose eigenvalues are taken to be at least `floor`."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.maximum(values, floor) ** exponent) @ vectors.T)
