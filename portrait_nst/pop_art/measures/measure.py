"""All measures of a portrait."""

from __future__ import annotations

from typing import TypedDict

from portrait_nst.pop_art.colour.colouring import Colouring
from portrait_nst.pop_art.measures.boldness import Boldness, boldness
from portrait_nst.pop_art.measures.coverage import Coverage, coverage
from portrait_nst.pop_art.measures.straightness import Straightness, straightness
from portrait_nst.pop_art.measures.tone_errors import ToneErrors, tone_errors
from portrait_nst.pop_art.partition.segments import Partition


class FaceMeasures(TypedDict, total=False):
    """How well faces are found again, where a detector looked for them: the worst of all faces in all colourings.

    face_score:          the detector's score, 0 where the face is lost.
    face_drift:          the mean drift of its keypoints in distances between the eyes; None where it is lost.
    face_drift_farthest: the largest drift of a keypoint; None where the face is lost.
    faces_checked:       how many faces were looked for: those of a group, in every colouring.
    faces_kept:          how many of them were found at their places.
    face_tame:           how far colours were tamed at most, in [0, 1].
    face_try_used:       the number of the attempt that was taken, 0 the first.
    face_tries:          how many further attempts were made.
    """

    face_score: float
    face_drift: float | None
    face_drift_farthest: float | None
    faces_checked: int
    faces_kept: int
    face_tame: float
    face_try_used: int
    face_tries: int


class Measures(Coverage, Straightness, ToneErrors, Boldness, FaceMeasures):
    """All measures of a portrait, and the number of its segments."""

    segments: int


def measure(partition: Partition, colouring: Colouring, face: FaceMeasures) -> Measures:
    """All measures of a partition in one colouring; `face` holds those of the face, if there are any."""
    polygons = [s.polygon for s in partition.segments]
    return {
        "segments": len(polygons),
        **coverage(polygons, partition.frame.width, partition.frame.height),
        **straightness(partition.topology, polygons),
        **tone_errors(partition),
        **boldness(partition, colouring),
        **face,
    }
