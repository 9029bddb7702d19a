"""Closed-form matting: alpha as a locally affine function of colour.

Levin, Lischinski, Weiss, "A Closed-Form Solution to Natural Image Matting", TPAMI 2008, minimise

    alpha^T L alpha + (alpha - p)^T D (alpha - p)

with D = diag(weight) and the matting Laplacian L, the sum over all windows w of 3 x 3 pixels of

    L_ij = [i = j] - (1 + (I_i - mu_w)^T (Sigma_w + eps / |w| 1)^-1 (I_j - mu_w)) / |w|      for i, j in w.

It is minimised by conjugate gradients. Opposed to the paper, D is not only for scribbles: a small weight everywhere ties
alpha to a prior p, so that a band where colours do not differ keeps the segmentation; and our eps is not divided by |w|.
Most pixels of a photo are certain, and only the rows of L that belong to the others are made: about a sixteenth of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from portrait_nst.segmentation.covariance import inverse
from portrait_nst.types import FloatArray

PINNED = np.float32(10)  # the weight from which a pixel is certain
REACH = 2  # pixels that share a window are at most this many rows and columns apart
BLOCK = 16_384  # pixels
WINDOW = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)]
SHARING = [(y, x) for y in range(-REACH, REACH + 1) for x in range(-REACH, REACH + 1)]


def closed_form(
    image: FloatArray,
    prior: FloatArray,
    weight: FloatArray,
    *,
    eps: float = 1e-4,
    iterations: int = 40,
    tolerance: float = 1e-4,
) -> FloatArray:
    """Solve for alpha (H, W) float32; not clipped.

    image:  (H, W, 3) float32 in [0, 1].
    prior:  (H, W) float32 in [0, 1], also the starting point.
    weight: (H, W) float32 > 0, relative to L's own diagonal: `PINNED` and more pins a pixel, 0.01 leaves it to the colours.
    tolerance: stop when the residual has fallen by this factor.
    Pinned pixels that share no window with other pixels keep their prior exactly; the other pinned ones do nearly.
    """
    import cv2

    alpha = prior.astype(np.float32, copy=True)
    around = np.ones((2 * REACH + 1, 2 * REACH + 1), np.uint8)
    solved = cv2.dilate((weight < PINNED).astype(np.uint8), around).astype(bool)
    if not solved.any():
        return alpha
    laplacian = _Laplacian(image, solved, eps)
    x, weight = alpha[solved], weight[solved]
    # D p - (L + D) p = -L p for a start at the prior.
    residual = -laplacian.of(alpha)
    preconditioner = np.reciprocal(weight + np.float32(1))
    z = np.multiply(preconditioner, residual)
    direction = z.copy()
    energy = _dot(residual, z)
    goal = energy * tolerance**2
    for _ in range(iterations):
        if energy <= max(goal, 1e-12):
            break
        image_of = laplacian(direction)
        image_of += weight * direction
        step = np.float32(energy / _dot(direction, image_of))
        x += step * direction
        residual -= step * image_of
        np.multiply(preconditioner, residual, out=z)
        energy, before = _dot(residual, z), energy
        direction *= np.float32(energy / before)
        direction += z
    alpha[solved] = x
    return alpha


def _dot(a: FloatArray, b: FloatArray) -> float:
    return float(np.vdot(a, b))


class _Laplacian:
    """The rows of L of n pixels, divided by the number of pixels in a window, so that the diagonal is at most 1.

    Each row has 25 numbers, one for each pixel around its own. Planes are kept flat, with a margin of `REACH` around the
    photo: the neighbours of all pixels in one direction are then gathered at the same places from a shifted plane.
    """

    def __init__(self, image: FloatArray, solved: NDArray[np.bool_], eps: float) -> None:
        """image: (H, W, 3) float32; solved: (H, W) bool, n of them true."""
        import cv2

        self._wide: int = solved.shape[1] + 2 * REACH
        self._at = self._places(solved)
        self._buffer = np.empty(len(self._at), np.float32)
        self._plane = _flat(np.zeros(solved.shape, np.float32))
        self._rows = np.zeros((len(SHARING), len(self._at)), np.float32)
        windows = self._places(cv2.dilate(solved.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)
        ones = _flat(np.ones(solved.shape, np.float32))
        there = [self._beside(ones, windows, offset) for offset in WINDOW]  # 0 beyond the photo
        share = 1 / np.sum(there, 0)
        colours = [self._centred(plane, windows, there, share) for plane in np.moveaxis(image, 2, 0)]
        precision = _precision(colours, share, eps)
        value = _flat(np.zeros(solved.shape, np.float32))  # one value for each window, at its centre
        centres = windows + self._start((0, 0))
        for i, first in enumerate(WINDOW):
            value[centres] = there[i]
            self._add(first, first, value)
            slope = [sum(row[c] * colours[c][i] for c in range(3)) for row in precision]
            for j in range(i, len(WINDOW)):
                affinity = there[i] * there[j] + sum(slope[c] * colours[c][j] for c in range(3))
                value[centres] = -share * affinity
                self._add(first, WINDOW[j], value)
                if i != j:
                    self._add(WINDOW[j], first, value)
        self._rows /= np.float32(len(WINDOW))

    def __call__(self, x: FloatArray) -> FloatArray:
        """L x for x (n,) that is 0 elsewhere."""
        self._plane[self._at + self._start((0, 0))] = x
        return self._product(self._plane)

    def of(self, plane: FloatArray) -> FloatArray:
        """(n,) the rows of L times a whole plane (H, W)."""
        return self._product(_flat(plane))

    def _product(self, plane: FloatArray) -> FloatArray:
        result = np.zeros(len(self._at), np.float32)
        shifted = [plane[self._start(offset) :] for offset in SHARING]
        for first in range(
            0, len(result), BLOCK
        ):  # all 25 numbers of some pixels at once stay in the processor's cache
            here = slice(first, first + BLOCK)
            at, total = self._at[here], result[here]
            beside = self._buffer[here]
            for values, row in zip(shifted, self._rows):
                np.take(values, at, out=beside, mode="clip")  # this mode spares a check
                beside *= row[here]
                total += beside
        return result

    def _places(self, mask: NDArray[np.bool_]) -> NDArray[np.intp]:
        """The flat numbers of the pixels of `mask` (H, W)."""
        rows, columns = np.nonzero(mask)
        return np.asarray(rows * self._wide + columns)

    def _start(self, offset: tuple[int, int]) -> int:
        return (offset[0] + REACH) * self._wide + offset[1] + REACH

    def _beside(
        self, plane: FloatArray, at: NDArray[np.intp], offset: tuple[int, int], out: FloatArray | None = None
    ) -> FloatArray:
        """The flat plane at the places `at`, all moved by an offset of (rows, columns)."""
        return np.take(plane[self._start(offset) :], at, out=out, mode="clip")  # this mode spares a check

    def _centred(
        self, plane: FloatArray, windows: NDArray[np.intp], there: list[FloatArray], share: FloatArray
    ) -> list[FloatArray]:
        """A plane (H, W) at each pixel of the windows, less their mean, and 0 beyond the photo."""
        flat = _flat(plane)
        found = [self._beside(flat, windows, offset) for offset in WINDOW]
        mean = np.sum(found, 0) * share
        return [(values - mean) * here for values, here in zip(found, there)]

    def _add(self, pixel: tuple[int, int], other: tuple[int, int], value: FloatArray) -> None:
        """To L_ij the `value` of those windows in which i lies at the offset `pixel` and j at the offset `other`."""
        row = self._rows[SHARING.index((other[0] - pixel[0], other[1] - pixel[1]))]
        row += self._beside(value, self._at, (-pixel[0], -pixel[1]), out=self._buffer)


def _flat(plane: FloatArray) -> FloatArray:
    return np.pad(plane, REACH).ravel()


def _precision(colours: list[list[FloatArray]], share: FloatArray, eps: float) -> list[list[FloatArray]]:
    """(Sigma_w + eps 1)^-1 of each window, by rows. In float64: in float32 it is off by a tenth where colours are collinear."""

    def covariance(a: int, b: int) -> NDArray[np.float64]:
        total = np.zeros(share.shape, np.float64)
        for one, two in zip(colours[a], colours[b]):
            total += np.multiply(one, two, dtype=np.float64)
        return total * share + (eps if a == b else 0)

    rr, rg, rb, gg, gb, bb = (covariance(a, b) for a in range(3) for b in range(a, 3))
    rows, _ = inverse(rr, rg, rb, gg, gb, bb, eps)
    return [[plane.astype(np.float32) for plane in row] for row in rows]
