"""How true flat tones are to the photo."""

from __future__ import annotations

from typing import TypedDict

import cv2
import numpy as np

from portrait_nst.pop_art.colour import oklab
from portrait_nst.pop_art.partition.regions import BACKGROUND
from portrait_nst.pop_art.partition.segments import Partition
from portrait_nst.pop_art.partition.topology import rings


class ToneErrors(TypedDict):
    """The mean difference in L* between the person in the photo and flat tones.

    tone_error_map:  the difference with the regions of the label map.
    tone_error:      the difference with the segments, which have the same tones.
    tone_error_gain: by how much the second one is larger.
    """

    tone_error_map: float
    tone_error: float
    tone_error_gain: float


def tone_errors(partition: Partition) -> ToneErrors:
    """How far flat tones are from the photo; a region's tone is its mean L* in the label map."""
    frame, labels = partition.frame, partition.regions.labels
    star = oklab.l_star(frame.rgb)
    person = frame.person
    inside = partition.regions.tones[labels] != BACKGROUND
    count = len(partition.regions.tones)
    size = np.bincount(labels.ravel(), minlength=count)
    tone = np.bincount(labels.ravel(), star.ravel(), minlength=count) / np.maximum(size, 1)
    drawn = np.full(labels.shape, -1, np.int32)
    for s in partition.segments:
        outlines = [np.rint((r[:-1] - 0.5) * 64).astype(np.int32) for r in rings(s.polygon)]
        cv2.fillPoly(drawn, outlines, int(s.region), cv2.LINE_8, 6)
    both = person & inside & (drawn >= 0)
    both &= partition.regions.tones[np.maximum(drawn, 0)] != BACKGROUND
    if not both.any():
        return {"tone_error_map": 0.0, "tone_error": 0.0, "tone_error_gain": 0.0}
    exact = float(np.abs(star - tone[labels])[both].mean())
    ours = float(np.abs(star - tone[np.maximum(drawn, 0)])[both].mean())
    return {"tone_error_map": exact, "tone_error": ours, "tone_error_gain": ours - exact}
