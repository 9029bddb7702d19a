"""The guided filter: a plane as a locally affine function of a colour picture.

He, Sun, Tang, "Guided Image Filtering", TPAMI 2013, equations 5, 14, 15 (colour guide). In every window of side 2 r + 1 the
plane p is fitted by q = a . I + b, an affine function of the guide I, with a ridge eps |a|^2:

    a = (Sigma + eps 1)^-1 (mean(I p) - mean(I) mean(p)),    b = mean(p) - a . mean(I)

and each pixel takes the mean of (a, b) over the windows that hold it. Opposed to the paper, the picture's border is repeated;
the paper cuts windows off there.
"""

from __future__ import annotations

import numpy as np

from portrait_nst.segmentation.covariance import inverse_covariance
from portrait_nst.types import FloatArray


def affine_coefficients(guide: FloatArray, plane: FloatArray, radius: int = 2, eps: float = 1e-4) -> list[FloatArray]:
    """The window means of a (red, green, blue) and b: four planes (H, W) float32. The filter's output is a . I + b.

    guide:  (H, W, 3) float32 in [0, 1].
    plane:  (H, W) float32.
    radius: half the window's side, in pixels.
    eps:    in squared units of the guide; a window whose variance is far above it keeps its edges, others are averaged.
    """
    import cv2

    def mean(values: FloatArray) -> FloatArray:
        side = (2 * radius + 1, 2 * radius + 1)
        return np.asarray(cv2.blur(values, side, borderType=cv2.BORDER_REPLICATE), np.float32)

    colours = [np.ascontiguousarray(guide[..., c]) for c in range(3)]
    means = [mean(colour) for colour in colours]
    rows, _ = inverse_covariance(colours, means, mean, eps)
    level = mean(plane)
    cross = [mean(colour * plane) - m * level for colour, m in zip(colours, means)]
    slopes = [row[0] * cross[0] + row[1] * cross[1] + row[2] * cross[2] for row in rows]
    offset = level - slopes[0] * means[0] - slopes[1] * means[1] - slopes[2] * means[2]
    return [mean(coefficient) for coefficient in (*slopes, offset)]
