"""Closed-form matting: alpha as a locally affine function of colour.

Levin, Lischinski, Weiss, "A Closed-Form Solution to Natural Image Matting", TPAMI 2008, minimise

    alpha^T L alpha + (alpha - p)^T D (alpha - p)

with the matting Laplacian L of all windows w of side 2 r + 1, and D = diag(weight). We never build L:
as in He, Sun, Tang, "Fast Matting Using Large Kernel Matting Laplacian Matrices", CVPR 2010, its product
with a plane is a handful of box filters,

    (L x)_i = sum over w holding i of (x_i - a_w . I_i - b_w),

(a_w, b_w) being the ridge regression of x on the colours of w. Conjugate gradients do the rest.
Opposed to the paper, D is not only for scribbles: a small weight everywhere ties alpha to a prior p, so
that a band where colour says nothing keeps what the segmentation said.
"""

from __future__ import annotations

import numpy as np

from portrait_nst.segmentation.moments import inverse_covariance
from portrait_nst.types import FloatArray


def closed_form(
    image: FloatArray,
    prior: FloatArray,
    weight: FloatArray,
    *,
    radius: int = 1,
    eps: float = 1e-4,
    iterations: int = 40,
    tolerance: float = 1e-4,
) -> FloatArray:
    """Solve for alpha (H, W) float32; not clipped.

    image:  (H, W, 3) float32 in [0, 1].
    prior:  (H, W) float32 in [0, 1], also the starting point.
    weight: (H, W) float32 > 0, relative to L's own diagonal: 10 pins a pixel, 0.01 leaves it to the colours.
    tolerance: stop when the residual has fallen by this factor.
    """
    laplacian = _Laplacian(image, radius, eps)
    alpha = prior.astype(np.float32, copy=True)
    # D p - (L + D) p = -L p for a start at the prior.
    residual = -laplacian(alpha)
    inverse = 1.0 / (weight + 1.0)
    z = inverse * residual
    direction = z.copy()
    energy = _dot(residual, z)
    goal = energy * tolerance**2
    for _ in range(iterations):
        if energy <= max(goal, 1e-12):
            break
        image_of = laplacian(direction)
        image_of += weight * direction
        step = np.float32(energy / _dot(direction, image_of))
        alpha += step * direction
        residual -= step * image_of
        np.multiply(inverse, residual, out=z)
        energy, before = _dot(residual, z), energy
        direction *= np.float32(energy / before)
        direction += z
    return alpha


def _dot(a: FloatArray, b: FloatArray) -> float:
    return float(np.vdot(a, b))


class _Laplacian:
    """x -> L x, divided by the number of pixels in a window, so that the diagonal is at most 1."""

    def __init__(self, image: FloatArray, radius: int, eps: float) -> None:
        self._radius = radius
        # Moments about the mean colour: less is lost in float32.
        centred = image - image.reshape(-1, 3).mean(axis=0, dtype=np.float64).astype(np.float32)
        self._planes = [np.ascontiguousarray(centred[..., c]) for c in range(3)]
        self._count = self._box(np.ones(image.shape[:2], np.float32))
        self._inverse_count = 1.0 / self._count
        self._full = np.float32((2 * radius + 1) ** 2)
        self._means = [self._mean(plane) for plane in self._planes]
        self._rows, _ = inverse_covariance(self._planes, self._means, self._mean, eps)

    def __call__(self, x: FloatArray) -> FloatArray:
        mean = self._mean(x)
        covariance = [self._mean(plane * x) - m * mean for plane, m in zip(self._planes, self._means)]
        fitted = np.zeros_like(x)
        offset = mean
        for row, plane, m in zip(self._rows, self._planes, self._means):
            a = row[0] * covariance[0] + row[1] * covariance[1] + row[2] * covariance[2]
            offset -= a * m
            fitted += self._box(a) * plane
        fitted += self._box(offset)
        result = self._count * x
        result -= fitted
        result /= self._full
        return result

    def _box(self, plane: FloatArray) -> FloatArray:
        import cv2

        side = (2 * self._radius + 1, 2 * self._radius + 1)
        # Sums over the pixels that exist: windows cut off by the photo's border keep true means.
        return np.asarray(cv2.boxFilter(plane, cv2.CV_32F, side, normalize=False, borderType=cv2.BORDER_CONSTANT))

    def _mean(self, plane: FloatArray) -> FloatArray:
        total = self._box(plane)
        total *= self._inverse_count
        return total
