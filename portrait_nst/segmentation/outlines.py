"""Closed lines around a person, to be drawn over the photo."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST = 180  # points of all lines together
LEAST = 0.02  # of the person's area: smaller parts, and smaller holes, have no line
SMOOTH = 0.004  # standard deviation of the smoothing, in shares of the picture's mean side
LOOSE = (
    0.0005  # how far a line may leave the edge at first, in the same shares; more where it would have too many points
)

Outline = list[tuple[float, float]]
"""Points (x, y), in fractions of the picture's width and height."""


def outlines(mask: NDArray[np.bool_]) -> list[Outline]:
    """The lines around the parts of `mask` (H, W) and around their holes, the longest first; together `MOST` points at most.

    To be filled by the even-odd rule. Empty for an empty mask.
    """
    import cv2

    height, width = mask.shape
    side = (height * width) ** 0.5
    # The border of the picture is no edge of the person: what touches it goes on beyond.
    beyond = max(2, round(3 * SMOOTH * side))
    padded = cv2.copyMakeBorder(mask.astype(np.float32), beyond, beyond, beyond, beyond, cv2.BORDER_REPLICATE)
    soft = cv2.GaussianBlur(padded, (0, 0), SMOOTH * side)[beyond:-beyond, beyond:-beyond]
    found, _ = cv2.findContours((soft > 0.5).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    least = LEAST * max(int(mask.sum()), 1)
    kept = sorted((line for line in found if cv2.contourArea(line) >= least), key=len, reverse=True)
    loose, lines = LOOSE * side, kept
    while kept and (loose == LOOSE * side or sum(map(len, lines)) > MOST):
        lines = [cv2.approxPolyDP(line, loose, True) for line in kept]
        loose *= 1.3
    # A pixel at the border reaches as far as the picture does.
    last = np.array([max(width - 1, 1), max(height - 1, 1)])
    return [[(round(float(x), 4), round(float(y), 4)) for x, y in line[:, 0] / last] for line in lines if len(line) > 2]
