"""The guided filter: smooths a plane, yet keeps the edges that a colour picture has.

He, Sun, Tang, "Guided Image Filtering", TPAMI 2013, equations 5, 14, 15 (colour guide), and the
subsampled variant of He, Sun, "Fast Guided Filter", arXiv:1505.00996. In every window of side
2 r + 1 the output is an affine function of the guide, q = a . I + b, fitted to the plane p with a
ridge eps |a|^2:

    a = (Sigma + eps 1)^-1 (mean(I p) - mean(I) mean(p)),    b = mean(p) - a . mean(I)

and each pixel takes the mean of (a, b) over the windows that hold it. Windows are cut off at the
picture's border, as in the paper: every mean is over the pixels that exist.
"""

from __future__ import annotations

import numpy as np

from portrait_nst.types import FloatArray


def guided_filter(guide: FloatArray, src: FloatArray, radius: int, eps: float, *, subsample: int = 1) -> FloatArray:
    """`src` smoothed, with the edges of `guide`.

    guide:     (H, W, 3) float32 in [0, 1].
    src:       (H, W) float32, any range (a mask: [0, 1]).
    radius:    half the window's side in pixels of `src`; at least 1.
    eps:       ridge, in squared guide units: a window whose colour variance is far above it keeps its edges,
               one far below it is averaged. 1e-4 (1 % contrast) to 1e-2 are usual; greater than 0.
    subsample: s > 1 fits (a, b) on a picture smaller by s with radius / s, then enlarges (a, b): s^2 times less
               work and memory; He and Sun recommend radius / 4. 1 is the exact filter.

    Returns (H, W) float32. It is not clipped: near strong edges it may leave the range of `src` by a little.
    Memory: about 25 planes of H W / s^2 float32, and three of H W. Raises ValueError on shapes that do not fit.
    """
    import cv2

    if guide.ndim != 3 or guide.shape[2] != 3 or src.shape != guide.shape[:2]:
        raise ValueError(f"guide must be (H, W, 3) and src (H, W), not {guide.shape} and {src.shape}")
    if radius < 1 or eps <= 0 or subsample < 1:
        raise ValueError(f"radius and subsample must be >= 1 and eps > 0, not {radius}, {subsample}, {eps}")
    height, width = src.shape
    full_guide = np.asarray(guide, np.float32)
    small_guide, small_src, small_radius = full_guide, np.asarray(src, np.float32), radius
    if subsample > 1:
        size = (max(1, round(width / subsample)), max(1, round(height / subsample)))
        small_guide = np.asarray(cv2.resize(small_guide, size, interpolation=cv2.INTER_AREA), np.float32)
        small_src = np.asarray(cv2.resize(small_src, size, interpolation=cv2.INTER_AREA), np.float32)
        small_radius = max(1, round(radius / subsample))

    result = np.zeros((height, width), np.float32)
    for plane, factor in zip(_mean_coefficients(small_guide, small_src, small_radius, eps), (0, 1, 2, None)):
        if subsample > 1:
            plane = np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
        result += plane if factor is None else plane * full_guide[..., factor]
    return result


def _mean_coefficients(guide: FloatArray, src: FloatArray, radius: int, eps: float) -> list[FloatArray]:
    """The window means of a_r, a_g, a_b and b, each (H, W) float32."""
    import cv2

    side = (2 * radius + 1, 2 * radius + 1)

    def box(plane: FloatArray) -> FloatArray:
        # Sums over the pixels that exist, so that windows cut off by the border keep true means.
        total = cv2.boxFilter(plane, cv2.CV_32F, side, normalize=False, borderType=cv2.BORDER_CONSTANT)
        return np.asarray(total, np.float32)

    inverse_count = 1.0 / box(np.ones(src.shape, np.float32))

    def mean(plane: FloatArray) -> FloatArray:
        total = box(plane)
        total *= inverse_count
        return total

    # Moments about the picture's mean colour: less is lost when mean(I I) - mean(I)^2 is taken in float32.
    centre = guide.reshape(-1, 3).mean(axis=0, dtype=np.float64).astype(np.float32)
    red, green, blue = (np.ascontiguousarray(guide[..., c]) - centre[c] for c in range(3))
    level = np.float32(src.mean(dtype=np.float64))
    plane = src - level
    m_r, m_g, m_b, m_p = mean(red), mean(green), mean(blue), mean(plane)
    c_r, c_g, c_b = mean(red * plane) - m_r * m_p, mean(green * plane) - m_g * m_p, mean(blue * plane) - m_b * m_p
    ridge = np.float32(eps)
    rr = np.maximum(mean(red * red) - m_r * m_r, 0) + ridge
    gg = np.maximum(mean(green * green) - m_g * m_g, 0) + ridge
    bb = np.maximum(mean(blue * blue) - m_b * m_b, 0) + ridge
    rg, rb, gb = mean(red * green) - m_r * m_g, mean(red * blue) - m_r * m_b, mean(green * blue) - m_g * m_b

    # The symmetric 3 x 3 system in closed form (adjugate over determinant).
    i_rr, i_rg, i_rb = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
    i_gg, i_gb, i_bb = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
    # With an exact Sigma, det >= eps^3; rounding may bring it below.
    determinant = np.maximum(rr * i_rr + rg * i_rg + rb * i_rb, ridge**3)
    a_r = (i_rr * c_r + i_rg * c_g + i_rb * c_b) / determinant
    a_g = (i_rg * c_r + i_gg * c_g + i_gb * c_b) / determinant
    a_b = (i_rb * c_r + i_gb * c_g + i_bb * c_b) / determinant
    b = m_p + level - a_r * (m_r + centre[0]) - a_g * (m_g + centre[1]) - a_b * (m_b + centre[2])
    return [mean(a_r), mean(a_g), mean(a_b), mean(b)]
