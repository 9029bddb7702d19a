"""Inverses of many 3 x 3 covariances of colour at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from portrait_nst.types import FloatArray

_Number = TypeVar("_Number", np.float32, np.float64)
Rows = tuple[tuple[NDArray[_Number], NDArray[_Number], NDArray[_Number]], ...]


def inverse_covariance(
    planes: Sequence[FloatArray], means: Sequence[FloatArray], mean: Callable[[FloatArray], FloatArray], ridge: float
) -> tuple[Rows[np.float32], FloatArray]:
    """(Sigma + ridge 1)^-1 at every pixel, by its three rows, and the determinant of Sigma + ridge 1.

    planes: red, green, blue, (H, W) float32 each, and their means; mean: the (local, weighted) mean of a plane.
    """
    (red, green, blue), (m_r, m_g, m_b) = planes, means
    least = np.float32(ridge)
    # Rounding may bring a variance below zero, and the determinant below its exact bound ridge^3.
    rr = np.maximum(mean(red * red) - m_r * m_r, 0) + least
    gg = np.maximum(mean(green * green) - m_g * m_g, 0) + least
    bb = np.maximum(mean(blue * blue) - m_b * m_b, 0) + least
    rg, rb, gb = mean(red * green) - m_r * m_g, mean(red * blue) - m_r * m_b, mean(green * blue) - m_g * m_b
    return inverse(rr, rg, rb, gg, gb, bb, ridge)


def inverse(
    rr: NDArray[_Number],
    rg: NDArray[_Number],
    rb: NDArray[_Number],
    gg: NDArray[_Number],
    gb: NDArray[_Number],
    bb: NDArray[_Number],
    ridge: float,
) -> tuple[Rows[_Number], NDArray[_Number]]:
    """The inverses of symmetric matrices whose eigenvalues are at least `ridge`, by rows, and their determinants."""
    i_rr, i_rg, i_rb = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
    i_gg, i_gb, i_bb = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
    determinant = np.maximum(rr * i_rr + rg * i_rg + rb * i_rb, rr.dtype.type(ridge) ** 3)
    for plane in (i_rr, i_rg, i_rb, i_gg, i_gb, i_bb):
        np.divide(plane, determinant, out=plane)
    return ((i_rr, i_rg, i_rb), (i_rg, i_gg, i_gb), (i_rb, i_gb, i_bb)), determinant
