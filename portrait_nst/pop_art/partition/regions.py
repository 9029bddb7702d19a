"""Regions: connected pieces of one tone, merged until each is large enough to be painted."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from portrait_nst.pop_art.partition.framing import Frame

BACKGROUND = -1
"""The tone of the background."""
_REST, _FACE, _FOCUS, _PART = 900.0, 220.0, 60.0, 40.0
_FEW, _SPARED = 72, 0.3
_MANY = 125


@dataclass(frozen=True, eq=False)
class Regions:
    """A partition of the frame into connected regions.

    labels: (h, w) int32, the region of each pixel, 0 to n - 1.
    tones:  (n,) int, the tone of each region; BACKGROUND outside the person.
    light:  (n,) float, mean lightness of each region.
    """

    labels: NDArray[np.int32]
    tones: NDArray[np.int64]
    light: NDArray[np.float64]


def pieces(tone: NDArray[np.integer]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The 4-connected pieces of equal value: (h, w) int32 labels from 0, and the (n,) value of each piece."""
    labels = np.zeros(tone.shape, np.int32)
    values: list[int] = []
    for value in np.unique(tone):
        count, found = cv2.connectedComponents((tone == value).astype(np.uint8), connectivity=4, ltype=cv2.CV_32S)
        labels += np.where(found > 0, found - 1 + len(values), 0).astype(np.int32)
        values += [int(value)] * (count - 1)
    return labels, np.array(values, np.int64)


def find_regions(
    frame: Frame,
    tone: NDArray[np.uint8],
    detail: float,
    segments: int | None = None,
    fixed: NDArray[np.bool_] | None = None,
) -> Regions:
    """Regions of the frame, the small ones merged.

    A region is small under 900 square pixels, in the face under 220, at eyes and mouth under 60, in `fixed` under 40. That is
    at a detail of 0.5, and the 900 grow with a frame that is larger than a bust. A small region joins the neighbour with the
    longest shared border times exp(-dL / 0.08), where dL is the difference in lightness. Where there are few regions
    the larger of the small ones are spared; where there are many, larger ones merge too. With `segments`, the
    smallest merge until that many are left.
    """
    signed = np.where(frame.person, tone.astype(np.int64), BACKGROUND)
    labels, tones = pieces(signed)
    n = len(tones)
    flat = labels.ravel()
    area = np.bincount(flat, minlength=n).astype(float)
    light = np.bincount(flat, weights=frame.light.ravel(), minlength=n) / area
    rest = _REST * max(1.0, frame.diagonal / 1200) ** 2
    least = rest * (_FACE / rest) ** frame.face * (_FOCUS / _FACE) ** frame.focus
    if fixed is not None:
        least = np.where(fixed, np.minimum(least, _PART), least)
    least *= 4 ** (1 - 2 * detail) * frame.unit**2
    worth = np.bincount(flat, weights=(1 / least).ravel(), minlength=n)
    parent = _merge(_borders(labels), tones, area, light.astype(float), worth.astype(float), segments)
    _, compact = np.unique(parent, return_inverse=True)
    merged = compact[labels].astype(np.int32)
    count = int(compact.max()) + 1
    kept = np.zeros(count, np.int64)
    kept[compact] = tones[parent]
    size = np.bincount(compact, weights=area, minlength=count)
    return Regions(merged, kept, np.bincount(compact, weights=light * area, minlength=count) / size)


def _borders(labels: NDArray[np.int32]) -> dict[int, dict[int, float]]:
    """The length in pixel edges of the border between each two neighbours."""
    pairs = []
    for one, other in ((labels[:, :-1], labels[:, 1:]), (labels[:-1], labels[1:])):
        differ = one != other
        pairs.append(np.stack([one[differ], other[differ]], axis=1))
    found, counts = np.unique(np.sort(np.concatenate(pairs), axis=1), axis=0, return_counts=True)
    borders: dict[int, dict[int, float]] = {}
    for (a, b), length in zip(found.tolist(), counts.tolist()):
        borders.setdefault(a, {})[b] = length
        borders.setdefault(b, {})[a] = length
    return borders


def _merge(
    borders: dict[int, dict[int, float]],
    tones: NDArray[np.int64],
    area: NDArray[np.float64],
    light: NDArray[np.float64],
    worth: NDArray[np.float64],
    segments: int | None,
) -> NDArray[np.int64]:
    """The region that each region is merged into, itself where it stays.

    The smallest `worth`, its area over the least area that is not small, goes first; equal tones that meet join.
    """
    n = len(tones)
    parent = np.arange(n)
    area, light, worth, tones = area.copy(), light.copy(), worth.copy(), tones.copy()
    heap = [(float(worth[i]), i) for i in range(n)]
    heapq.heapify(heap)
    alive = n

    def join(gone: int, into: int) -> None:
        nonlocal alive
        parent[gone] = into
        total = area[into] + area[gone]
        light[into] = (light[into] * area[into] + light[gone] * area[gone]) / total
        area[into] = total
        worth[into] += worth[gone]
        for other, length in borders.pop(gone, {}).items():
            borders[other].pop(gone)
            if other != into:
                borders[into][other] = borders[into].get(other, 0) + length
                borders[other][into] = borders[into][other]
        alive -= 1
        heapq.heappush(heap, (float(worth[into]), into))

    while heap:
        value, region = heapq.heappop(heap)
        if parent[region] != region or value != worth[region]:
            continue
        if segments is not None:
            if alive <= segments:
                break
        elif value >= (1.0 if alive > _FEW else _SPARED) and alive <= _MANY:
            break
        neighbours = borders.get(region)
        if not neighbours:
            continue
        if tones[region] == BACKGROUND and value >= 0.5:
            continue
        into = _strongest(region, neighbours, tones, light)
        join(region, into)
        for other in [o for o in borders.get(into, {}) if tones[o] == tones[into]]:
            if other in borders.get(into, {}):
                join(other, into)
    for i in range(n):
        root = i
        while parent[root] != root:
            root = int(parent[root])
        parent[i] = root
    return parent


def _strongest(region: int, neighbours: dict[int, float], tones: NDArray[np.int64], light: NDArray[np.float64]) -> int:
    """The neighbour with the longest border times exp(-dL / 0.08); across the silhouette a twentieth of that."""

    def pull(other: int) -> float:
        across = 0.05 if BACKGROUND in (tones[other], tones[region]) else 1.0
        return across * neighbours[other] * (float(np.exp(-abs(light[other] - light[region]) / 0.08)) + 1e-9)

    return max(sorted(neighbours), key=pull)
