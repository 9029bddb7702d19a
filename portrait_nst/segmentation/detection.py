"""Faces: where they are and how they are turned."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from portrait_nst.segmentation.landmarks import with_landmarks
from portrait_nst.segmentation.mediapipe_tasks import FACES, INPUT, detections
from portrait_nst.segmentation.roi import Roi, shrink
from portrait_nst.types import Face, Photo, UInt8Array

SURE = 0.72  # the least mean score of a face that is detected again from near
DOUBTFUL = 0.55  # the least such score in a painting
LONGEST = 1280  # side of the picture that is searched; its tiles then still show more than the model sees
NEAR = (2.5, 2.0, 3.5)  # sides of the regions in which faces are detected again, in faces
SIDE = 256  # the detector gets squares of this side (its input has 128, and other shapes would be letterboxed)

_last: tuple[object, list[Face], list[Face]] = (None, [], [])


def faces(photo: Photo, *, painted: bool = False) -> list[Face]:
    """All faces of the photo, the largest first.

    The short-range model finds faces from about a tenth of the picture's side upwards. So it is given
    the whole photo and overlapping tiles of it; each face that it reports is then detected again
    from near, and counts only if it is still one (tiles of grass and buttons are not).

    painted: whether the photo is a painting, in which faces score lower. Where none is sure, doubtful ones are
             taken; on photographs without people that would find dogs, wheels and clocks.

    Each has its 478 points where these are seen. Points and boxes are in pixels of the photo and may reach over its border.
    The last photo's faces are remembered.
    """
    return list(_detected(photo, painted)[0])


def glimpses(photo: Photo, *, painted: bool = False) -> list[Face]:
    """What the detector takes for a face in at least one tile of the photo: many of these are none. See `faces`."""
    return list(_detected(photo, painted)[1])


def _detected(photo: Photo, painted: bool) -> tuple[list[Face], list[Face]]:
    """The faces and the glimpses, remembered for the last photo."""
    global _last
    key = photo.rgb.shape, hashlib.blake2b(np.ascontiguousarray(photo.rgb).data).hexdigest(), painted
    before, found, candidates = _last
    if before != key:
        found, candidates = _faces(photo, painted)
        _last = key, found, candidates
    return found, candidates


def _faces(photo: Photo, painted: bool) -> tuple[list[Face], list[Face]]:
    rgb, scale = shrink(photo.rgb, LONGEST)
    candidates: list[Face] = []
    for roi in _tiles(rgb.shape[1], rgb.shape[0]):
        candidates += _detect(rgb, roi)
    found: list[Face] = []
    for candidate in sorted(candidates, key=lambda face: -face.score):
        if any(_overlap(candidate, face) > 0.3 for face in found):
            continue
        confirmed = _confirm(rgb, candidate, DOUBTFUL if painted else SURE)
        if confirmed is not None and not any(_overlap(confirmed, face) > 0.3 for face in found):
            found.append(confirmed)
    sure = [face for face in found if face.score >= SURE] or found
    largest_first = sorted(sure, key=lambda face: -face.box[2] * face.box[3])
    known = [with_landmarks(photo.rgb, face.scaled(scale, scale)) for face in largest_first]
    return known, [face.scaled(scale, scale) for face in candidates]


def redetect(photo: Photo, face: Face) -> Face | None:
    """`face`, known from another picture of the same size, as it is in this one; None where it is not detected.

    The detector sees it from near only, at three distances. The score is the mean over them, where a distance at which
    nothing is detected counts as 0; box and keypoints are means over the others. The 478 points are found anew,
    at the place of that face or of the known one.
    """
    seen = [same for roi in _near(face) if (same := _seen_again(photo.rgb, roi, face)) is not None]
    if not seen:
        return None
    left, top, width, height = (float(v) for v in np.mean([other.box for other in seen], 0))
    points = tuple((float(x), float(y)) for x, y in np.mean([other.keypoints for other in seen], 0))
    found = Face((left, top, width, height), points, sum(s.score for s in seen) / len(NEAR))
    for place in (found, face):  # bold paint can lead the detector astray where the landmarker still sees the face
        dense = with_landmarks(photo.rgb, replace(place, landmarks=None)).landmarks
        if dense is not None:
            return replace(found, landmarks=dense)
    return found


def again(rgb: UInt8Array, face: Face) -> Face | None:
    """`face`, known from the frame before, as one look from near sees it in this one, with its points; None where it is not seen.

    rgb: (H, W, 3) uint8. face: in its pixels. A fifth of what `redetect` takes, for the frames of a clip.
    """
    found = _seen_again(rgb, _near(face)[0], face)
    return None if found is None else with_landmarks(rgb, found)


def newcomers(rgb: UInt8Array, known: Sequence[Face]) -> list[Face]:
    """Faces that one look at all of a frame (H, W, 3) uint8 finds beside the `known` ones, confirmed as in `faces`."""
    height, width = rgb.shape[:2]
    found: list[Face] = []
    for face in _detect(rgb, _tiles(width, height)[0]):
        if not any(_overlap(face, other) > 0.3 for other in (*known, *found)):
            confirmed = _confirm(rgb, face, SURE)
            found += [] if confirmed is None else [with_landmarks(rgb, confirmed)]
    return found


def same_place(a: Face, b: Face) -> bool:
    """Whether two faces of one picture are one: whether their boxes overlap by a third of the smaller one."""
    return _overlap(a, b) > 0.3


def _tiles(width: int, height: int) -> list[Roi]:
    """The whole photo as a square, then tiles of one half and one quarter of its longer side, overlapping by half."""
    side = max(width, height)
    rois = [Roi.around(width / 2, height / 2, side, side)]
    for part in (2, 4):
        tile = side / part
        if tile < INPUT[FACES][0] / 2:
            break
        across, down = (max(1, round(2 * length / tile) - 1) for length in (width, height))
        rois += [
            Roi.around(width * (i + 1) / (across + 1), height * (j + 1) / (down + 1), tile, tile)
            for j in range(down)
            for i in range(across)
        ]
    return rois


def _detect(rgb: UInt8Array, roi: Roi, *, mirrored: bool = False) -> list[Face]:
    """The faces in a square region. With `mirrored` the region is mirrored, boxes are turned back, keypoints left out."""
    scale = roi.width / SIDE
    found = []
    seen = roi.cut(rgb, (SIDE, SIDE))
    for (left, top, width, height), points, score in detections(seen[:, ::-1] if mirrored else seen):
        if mirrored:
            left, points = SIDE - left - width, []
        box = (roi.left + left * scale, roi.top + top * scale, width * scale, height * scale)
        keypoints = tuple((roi.left + x * scale, roi.top + y * scale) for x, y in points)
        x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
        if 0 <= x < rgb.shape[1] and 0 <= y < rgb.shape[0]:
            found.append(Face(box, keypoints, score))
    return found


def _confirm(rgb: UInt8Array, face: Face, least: float) -> Face | None:
    """The same face detected from near; None if it scores less than `least`.

    Its score is the mean over six detections: three distances, each also mirrored. A face stays one from
    all of them; folds of a sleeve that pass for a face from one do not from the next.
    """
    seen: list[Face | None] = []
    for roi in _near(face):
        for mirrored in (False, True):
            seen.append(_seen_again(rgb, roi, face, mirrored=mirrored))
            if seen[0] is None or seen[0].score < least - 0.1:
                return None
    score = sum(other.score for other in seen if other is not None) / len(seen)
    best = seen[0]
    return Face(best.box, best.keypoints, score) if best is not None and score >= least else None


def _seen_again(rgb: UInt8Array, roi: Roi, face: Face, *, mirrored: bool = False) -> Face | None:
    """The face with the best score in a region that overlaps `face`; None where there is none. See `_detect`."""
    same = [other for other in _detect(rgb, roi, mirrored=mirrored) if _overlap(other, face) > 0.3]
    return max(same, key=lambda other: other.score, default=None)


def _near(face: Face) -> list[Roi]:
    """The regions in which a face is detected again from near."""
    left, top, width, height = face.box
    sides = [distance * max(width, height) for distance in NEAR]
    return [Roi.around(left + width / 2, top + height / 2, side, side) for side in sides]


def _overlap(a: Face, b: Face) -> float:
    """Intersection over the smaller of both boxes."""
    width = min(a.box[0] + a.box[2], b.box[0] + b.box[2]) - max(a.box[0], b.box[0])
    height = min(a.box[1] + a.box[3], b.box[1] + b.box[3]) - max(a.box[1], b.box[1])
    return max(width, 0.0) * max(height, 0.0) / max(min(a.box[2] * a.box[3], b.box[2] * b.box[3]), 1e-9)
