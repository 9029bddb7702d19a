"""How bold a colouring is, and whether its lightness follows the tones."""

from __future__ import annotations

from typing import TypedDict

import cv2
import numpy as np
import shapely
from numpy.typing import NDArray

from portrait_nst.pop_art.colour import dots, oklab
from portrait_nst.pop_art.colour.colouring import TRANSPARENT, Colouring
from portrait_nst.pop_art.partition.merge import borders
from portrait_nst.pop_art.partition.segments import Partition, Segment, is_background


class Boldness(TypedDict):
    """How bold a colouring is.

    contrast_min:  the least CIEDE2000 difference between neighbours.
    contrast_mean: the mean difference, weighted by the length of borders.
    chroma:        the mean OKLCH chroma of the person, by area.
    tone_rank:     the rank correlation of tone and lightness in the face, or in the person without one.
    """

    contrast_min: float
    contrast_mean: float
    chroma: float
    tone_rank: float


def boldness(partition: Partition, colouring: Colouring) -> Boldness:
    """How bold a colouring is.

    A dotted tone has the colour that the eye mixes from its dots and paper. Borders with an open background do not
    count.
    """
    colours = [_seen(colouring, s) for s in partition.segments]
    pairs = [
        (oklab.difference(colours[a], colours[b]), length)
        for (a, b), length in borders(partition.topology).items()
        if TRANSPARENT not in (colours[a], colours[b])
    ]
    person = [s for s in partition.segments if not is_background(s)]
    area = np.array([s.polygon.area for s in person])
    chroma = np.array([oklab.chroma(colours[s.number]) for s in person])
    total = sum(length for _, length in pairs)
    return {
        "contrast_min": min((d for d, _ in pairs), default=100.0),
        "contrast_mean": sum(d * length for d, length in pairs) / total if total else 100.0,
        "chroma": float((area * chroma).sum() / area.sum()) if area.size else 0.0,
        "tone_rank": _tone_rank(partition, colours),
    }


def _seen(colouring: Colouring, segment: Segment) -> str:
    """The colour that the eye sees in a segment."""
    colour, screen = colouring.colours[segment.number], colouring.screen
    return dots.seen(colour, screen.paper, screen.radius) if screen and colouring.is_dotted(segment) else colour


def _tone_rank(partition: Partition, colours: list[str]) -> float:
    """Spearman's rank correlation of tone and lightness, weighted by area inside the face (without one, the person)."""
    frame = partition.frame
    weight = frame.face if frame.has_face else frame.person.astype(np.float32)
    tones, lights, shares = [], [], []
    for s in partition.segments:
        if is_background(s):
            continue
        mask = np.zeros(weight.shape, np.uint8)
        cv2.fillPoly(mask, [np.rint(shapely.get_coordinates(s.polygon.exterior)).astype(np.int32)], 1)
        share = float((mask * weight).sum())
        if share >= 1:
            tones.append(s.tone)
            lights.append(oklab.lab_of(colours[s.number])[0])
            shares.append(share)
    if len(set(tones)) < 2 or len(set(lights)) < 2:
        return 1.0
    a, b, w = _ranks(np.array(tones), np.array(shares)), _ranks(np.array(lights), np.array(shares)), np.array(shares)
    a, b = a - np.average(a, weights=w), b - np.average(b, weights=w)
    return float((w * a * b).sum() / np.sqrt((w * a * a).sum() * (w * b * b).sum()))


def _ranks(values: NDArray[np.floating], weights: NDArray[np.floating]) -> NDArray[np.float64]:
    """The mid-ranks of weighted values."""
    distinct, of = np.unique(values, return_inverse=True)
    total = np.bincount(of, weights, minlength=len(distinct))
    return np.asarray((np.cumsum(total) - total / 2)[of])
