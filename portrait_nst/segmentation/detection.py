"""Faces: where they are and how they are turned."""

from __future__ import annotations

import hashlib

import numpy as np

from portrait_nst.segmentation.crops import Window, shrink
from portrait_nst.segmentation.tasks import FACES, INPUT, detections
from portrait_nst.types import Face, Photo, UInt8Array

SURE = 0.72  # mean score of a face that is looked at again from near
DOUBTFUL = 0.55  # the same in a painting
LONGEST = 1280  # side of the picture that is searched; its tiles then still show more than the model sees
NEAR = (2.5, 2.0, 3.5)  # sides of the windows for that, in faces
SIDE = 256  # the detector gets squares of this side (it looks at 128, and letterboxes what is not square)

_last: tuple[object, list[Face]] = (None, [])


def faces(photo: Photo, *, painted: bool = False) -> list[Face]:
    """All faces of the photo, the largest first.

    The short-range model finds faces from about a tenth of the picture's side upwards. So it looks at
    the whole photo and at overlapping tiles of it; each face that it reports is then looked at again
    from near, and counts only if it is still one (tiles of grass and buttons are not).

    painted: in a painting, faces score lower than in photographs. Where none is sure, take doubtful ones;
             on photographs without people that would find dogs, wheels and clocks.

    Keypoints and boxes are in pixels of the photo and may reach over its border. The last photo's faces are remembered.
    """
    global _last
    key = photo.rgb.shape, hashlib.blake2b(np.ascontiguousarray(photo.rgb).data).hexdigest(), painted
    before, found = _last
    if before != key:
        found = _faces(photo, painted)
        _last = key, found
    return list(found)


def _faces(photo: Photo, painted: bool) -> list[Face]:
    rgb, scale = shrink(photo.rgb, LONGEST)
    candidates: list[Face] = []
    for window in _windows(rgb.shape[1], rgb.shape[0]):
        candidates += _look(rgb, window)
    found: list[Face] = []
    for candidate in sorted(candidates, key=lambda face: -face.score):
        if any(_overlap(candidate, face) > 0.3 for face in found):
            continue
        again = _again(rgb, candidate, DOUBTFUL if painted else SURE)
        if again is not None and not any(_overlap(again, face) > 0.3 for face in found):
            found.append(again)
    sure = [face for face in found if face.score >= SURE] or found
    return [_scaled(face, scale) for face in sorted(sure, key=lambda face: -face.box[2] * face.box[3])]


def look_again(photo: Photo, face: Face) -> Face | None:
    """`face`, known from another picture of the same size and place, as it is in this one; None where it is not seen.

    Only seen from near, at three distances: the score is the mean over these looks, of which those that see nothing count
    as 0; box and keypoints are means over those that see it.
    """
    looks = []
    for window in _near(face):
        same = [other for other in _look(photo.rgb, window) if _overlap(other, face) > 0.3]
        looks += sorted(same, key=lambda other: -other.score)[:1]
    if not looks:
        return None
    left, top, width, height = (float(v) for v in np.mean([look.box for look in looks], 0))
    points = tuple((float(x), float(y)) for x, y in np.mean([look.keypoints for look in looks], 0))
    return Face((left, top, width, height), points, sum(look.score for look in looks) / len(NEAR))


def _windows(width: int, height: int) -> list[Window]:
    """The whole photo as a square, then tiles of one half and one quarter of its longer side, overlapping by half."""
    side = max(width, height)
    windows = [Window.around(width / 2, height / 2, side, side)]
    for part in (2, 4):
        tile = side / part
        if tile < INPUT[FACES][0] / 2:
            break
        across, down = (max(1, round(2 * length / tile) - 1) for length in (width, height))
        windows += [
            Window.around(width * (i + 1) / (across + 1), height * (j + 1) / (down + 1), tile, tile)
            for j in range(down)
            for i in range(across)
        ]
    return windows


def _look(rgb: UInt8Array, window: Window, *, mirrored: bool = False) -> list[Face]:
    """Faces seen through a square window. Of a mirrored look, boxes are turned back, keypoints are left out."""
    scale = window.width / SIDE
    found = []
    seen = window.cut(rgb, (SIDE, SIDE))
    for (left, top, width, height), points, score in detections(seen[:, ::-1] if mirrored else seen):
        if mirrored:
            left, points = SIDE - left - width, []
        box = (window.left + left * scale, window.top + top * scale, width * scale, height * scale)
        keypoints = tuple((window.left + x * scale, window.top + y * scale) for x, y in points)
        x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
        if 0 <= x < rgb.shape[1] and 0 <= y < rgb.shape[0]:
            found.append(Face(box, keypoints, score))
    return found


def _again(rgb: UInt8Array, face: Face, least: float) -> Face | None:
    """The same face seen from near; None if it is none.

    Its score is the mean over six looks: three distances, each also mirrored. A face stays one from
    all of them; folds of a sleeve that pass for a face from one do not from the next.
    """
    looks: list[Face | None] = []
    for window in _near(face):
        for mirrored in (False, True):
            same = [other for other in _look(rgb, window, mirrored=mirrored) if _overlap(other, face) > 0.3]
            looks.append(max(same, key=lambda other: other.score, default=None))
        if looks[0] is None or looks[0].score < least - 0.1:
            return None
    score = sum(look.score for look in looks if look is not None) / len(looks)
    best = looks[0]
    return Face(best.box, best.keypoints, score) if best is not None and score >= least else None


def _near(face: Face) -> list[Window]:
    """The windows from which a face is looked at from near."""
    left, top, width, height = face.box
    sides = [distance * max(width, height) for distance in NEAR]
    return [Window.around(left + width / 2, top + height / 2, side, side) for side in sides]


def _scaled(face: Face, scale: float) -> Face:
    left, top, width, height = (value * scale for value in face.box)
    return Face((left, top, width, height), tuple((x * scale, y * scale) for x, y in face.keypoints), face.score)


def _overlap(a: Face, b: Face) -> float:
    """Intersection over the smaller of both boxes."""
    width = min(a.box[0] + a.box[2], b.box[0] + b.box[2]) - max(a.box[0], b.box[0])
    height = min(a.box[1] + a.box[3], b.box[1] + b.box[3]) - max(a.box[1], b.box[1])
    return max(width, 0.0) * max(height, 0.0) / max(min(a.box[2] * a.box[3], b.box[2] * b.box[3]), 1e-9)
