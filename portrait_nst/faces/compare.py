"""How two pictures of one face differ: an upright view of it, how far its parts moved, and how much is left of them."""

from __future__ import annotations

import numpy as np

from portrait_nst.faces.parts import LOOPS, contour, eye_distance
from portrait_nst.types import Face, FloatArray

# The corners of the eyes and the base of the nose, by number of the 478 points, and where they lie in the upright view, as x + iy
# in [0, 1]: dlib's mean face with a quarter of it around on each side.
FIVE = (263, 362, 33, 133, 2)
_MEAN_FACE = np.array(
    [0.85957 + 0.2135j, 0.64606 + 0.22897j, 0.12058 + 0.21373j, 0.33409 + 0.22906j, 0.49011 + 0.6278j]
)
PLACES = (_MEAN_FACE + 0.25 + 0.25j) / 1.5
# Where the detector's eyes, nose tip and mouth lie in the same view, on average of five portraits.
KEYPOINT_PLACES = np.array([0.3 + 0.31j, 0.68 + 0.31j, 0.5 + 0.53j, 0.49 + 0.72j])

MOVING = ("right eye", "left eye", "right brow", "left brow", "nose", "lips")
COMPARED = ("right eye", "left eye", "nose", "lips")
# The window in which a part is compared is a Gaussian with this deviation, in halves of the part's width and height: a wider one
# around an eye would look at the brow, and miss the eye.
WINDOW = 0.7
CELLS = 50  # along the upright view, so that an eye is eight wide: strokes are averaged, and a lost iris is still seen
PLAIN = 0.02  # standard deviation of lightness, of 1; of a part as plain as that in the photo nothing can be lost


def upright(face: Face) -> tuple[complex, complex]:
    """(a, b) of the similarity z -> a z + b from the upright view, [0, 1] x [0, 1], to the photo's pixels, x + iy.

    It lays the eyes' corners and the base of the nose, or the keypoints of a face without the 478 points, as near to their places
    as it can, in the sense of least squares.
    """
    if face.landmarks is None:
        points, places = np.array(face.keypoints[:4], float), KEYPOINT_PLACES
    else:
        points, places = face.landmarks[list(FIVE)].astype(float), PLACES
    found = points[:, 0] + 1j * points[:, 1]
    # Least squares in closed form; numpy.linalg is slow to import.
    away = places - places.mean()
    turn = complex((away.conj() * (found - found.mean())).sum() / (np.abs(away) ** 2).sum())
    return turn, complex(found.mean()) - turn * complex(places.mean())


def drift(before: Face, after: Face) -> float:
    """How far the part moved that moved most, on average of its points, divided by the distance between the eyes.

    Parts are eyes, brows, nose and lips. Where either face lacks the 478 points: the mean over the four keypoints.
    """
    if before.landmarks is None or after.landmarks is None:
        moved = np.subtract(after.keypoints[:4], before.keypoints[:4])
        return float(np.hypot(*moved.T).mean()) / eye_distance(before)
    moved = np.hypot(*(after.landmarks - before.landmarks).T)
    return max(float(moved[list(LOOPS[part])].mean()) for part in MOVING) / eye_distance(before)


def kept(before: FloatArray, after: FloatArray, face: Face) -> float:
    """How much is left of the eye, nose or mouth of which least is left: the correlation of its lightness, -1 to 1.

    before, after: (S, S) float32 in [0, 1], lightness of the upright view of `face` in both; S is a multiple of `CELLS`.
    Contrast does not count, and neither does what is finer than a cell: a face in another light or paint is the same face.
    """
    turn, shift = upright(face)
    old, new = (view.reshape(CELLS, len(view) // CELLS, CELLS, -1).mean((1, 3)) for view in (before, after))
    y, x = np.mgrid[:CELLS, :CELLS] + 0.5
    found = []
    for part in COMPARED:
        line = contour(face, part)
        places = (line[:, 0] + 1j * line[:, 1] - shift) / turn * CELLS
        right, down = np.ptp(places.real) / 2, np.ptp(places.imag) / 2
        down = max(down, right / 2)  # a closed mouth or eye
        away = (x - places.real.min() - right) ** 2 / right**2 + (
            y - places.imag.min() - np.ptp(places.imag) / 2
        ) ** 2 / down**2
        weight = np.exp(-away / (2 * WINDOW**2))
        found.append(_correlation(old, new, weight / weight.sum()))
    return min(found)


def _correlation(old: FloatArray, new: FloatArray, weight: FloatArray) -> float:
    """The correlation under a `weight` whose sum is 1; 1 where there is next to nothing to correlate with."""
    old, new = old - (old * weight).sum(), new - (new * weight).sum()
    variance, other = (old * old * weight).sum(), (new * new * weight).sum()
    if variance < PLAIN**2:
        return 1.0
    return float((old * new * weight).sum() / np.sqrt(variance * max(other, 1e-9)))
