"""The photo is divided into tones: its lightness is smoothed, then divided at the thresholds of an exact 1-D k-means.

The face has thresholds of its own: one set for the whole picture blows a lit face into a single tone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from portrait_nst.pop_art.partition.framing import Frame
from portrait_nst.types import FloatArray

_BINS = 256
EVEN = 0.8
"""The share of the slow change of light over a face that is taken away by default."""


def smooth(frame: Frame, detail: float, even: float = EVEN, mean: float | None = None) -> FloatArray:
    """Lightness without its small texture, with its edges, (h, w) float32.

    A share `even` of the slow change of light over the face goes too: a shadow from above otherwise reads as a beard.
    mean: see `evened`.
    """
    light = evened(frame, even, mean)
    for _ in range(3):
        light = np.asarray(cv2.bilateralFilter(light, 9, 0.08, 7), np.float32)
    loose = 2 ** (1 - 2 * detail) * frame.unit
    rest, face, focus = (cv2.GaussianBlur(light, (0, 0), max(0.4, s * loose)) for s in (3.5, 1.8, 0.8))
    mixed = rest + (face - rest) * frame.face
    return np.asarray(mixed + (focus - mixed) * frame.focus, np.float32)


def evened(frame: Frame, share: float, mean: float | None = None) -> FloatArray:
    """Lightness with a share of its slow change over the face taken away, (h, w) float32.

    mean: what faces come to then, by default their own mean. In a clip it stays, whoever comes and goes.
    """
    weight = _of_faces(frame)
    mean = mean_of_faces([frame]) if mean is None else mean
    if mean is None or not weight.any():
        return frame.light
    # A change as slow as this can be found at an eighth of the size.
    size = max(1, frame.width // 8), max(1, frame.height // 8)
    sigma = 110 * frame.unit / 8

    def spread(plane: FloatArray) -> FloatArray:
        blurred = cv2.GaussianBlur(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), (0, 0), sigma)
        return np.asarray(cv2.resize(blurred, (frame.width, frame.height), interpolation=cv2.INTER_LINEAR))

    slow = spread(frame.light * weight) / np.maximum(spread(weight), 1e-6)
    return np.asarray(frame.light - share * weight * (slow - mean), np.float32)


def mean_of_faces(frames: Sequence[Frame]) -> float | None:
    """The mean lightness of the faces of one or several frames; None where there are none."""
    sums = np.zeros(2, np.float32)
    for frame in frames:
        weight = _of_faces(frame)
        sums += (frame.light * weight).sum(), weight.sum()
    return float(sums[0] / sums[1]) if sums[1] else None


def _of_faces(frame: Frame) -> FloatArray:
    return np.asarray(frame.face * frame.person, np.float32)


def kmeans_1d(weights: NDArray[np.floating], k: int) -> NDArray[np.float64]:
    """Edges between the k groups of a histogram with the least squared error, found exactly.

    weights: (n,) not negative. Returns (k - 1,) edges in bins: bin i belongs to group sum(edges <= i). Dynamic
    programming over all partitions, cost(i, j) of a group from prefix sums; O(k n^2). Where fewer than k bins
    are filled, groups stay empty. This is the method of Wang and Song, "Ckmeans.1d.dp" (2011), on weighted bins, not values.
    """
    n = len(weights)
    position = np.arange(n)
    sums = [np.concatenate([[0.0], np.cumsum(weights * position**power)]) for power in (0, 1, 2)]
    w, wx, wxx = (s[None, :] - s[:, None] for s in sums)
    cost = np.where(w > 0, wxx - wx**2 / np.where(w > 0, w, 1), 0.0)
    cost[np.tril_indices(n + 1, -1)] = np.inf
    best, cuts = cost[0], []
    for _ in range(1, k):
        total = best[:, None] + cost
        cuts.append(total.argmin(axis=0))
        best = total.min(axis=0)
    edges, end = [], n
    for cut in reversed(cuts):
        end = int(cut[end])
        edges.append(end)
    return np.array(edges[::-1], float)


@dataclass(frozen=True, eq=False)
class Thresholds:
    """Where lightness is divided into tones: (tones - 1,) bins of `_BINS` in the picture, and in the face or None."""

    rest: NDArray[np.float64]
    face: NDArray[np.float64] | None = None


def thresholds(frames: Sequence[Frame], lights: Sequence[FloatArray], tones: int) -> Thresholds:
    """The thresholds at which the smoothed `lights` of one or several frames of a person are divided best."""
    rest, faces, sizes = [], [], [0, 0]
    for frame, light in zip(frames, lights, strict=True):
        person, bins = frame.person, _bins(light)
        rest.append((bins, person * (1 - frame.face) + 1e-3 * person))
        face = (frame.face > 0.99) & person
        sizes = [sizes[0] + int(person.sum()), sizes[1] + int(face.sum() if frame.has_face else 0)]
        faces += [bins[face]] if frame.has_face else []
    edges = _divided(np.concatenate([b.ravel() for b, _ in rest]), np.concatenate([w.ravel() for _, w in rest]), tones)
    if sizes[1] <= 0.01 * sizes[0]:
        return Thresholds(edges)
    inside = np.concatenate(faces)
    # Teeth, collar and pupils are few and extreme: they belong to the end tones, but do not get to place them.
    low, high = np.percentile(inside, (3, 97)).astype(int)
    return Thresholds(edges, _divided(np.clip(inside, low, high), np.ones(inside.shape), tones))


def quantise(frame: Frame, light: FloatArray, tones: int, given: Thresholds | None = None) -> NDArray[np.uint8]:
    """(h, w) uint8 tone of each pixel, 0 the darkest; thresholds blend from the face's to the rest's.

    given: thresholds instead of the frame's own.
    """
    edges = given or thresholds([frame], [light], tones)
    tone = np.zeros(light.shape, np.uint8)
    for i in range(tones - 1):
        threshold = edges.rest[i] / _BINS
        if edges.face is not None:
            tone += light >= threshold + (edges.face[i] / _BINS - threshold) * frame.face
        else:
            tone += light >= threshold
    return tone


def _bins(light: FloatArray) -> NDArray[np.int32]:
    return np.clip((light * _BINS).astype(np.int32), 0, _BINS - 1)


def _divided(bins: NDArray[np.int32], weight: NDArray[np.generic], tones: int) -> NDArray[np.float64]:
    """The bins at which the weighted tones are divided; see `kmeans_1d`."""
    histogram = np.bincount(bins.ravel(), weights=weight.ravel().astype(np.float64), minlength=_BINS).astype(float)
    return kmeans_1d(histogram, tones)
