"""How badly borders match the picture: their tonal error, as integrals along edges.

A pixel of the person (M = 1) costs (L - t)^2 in a region of tone t, and w in the background; any other pixel
costs w in the person, and nothing in the background. Moving a border between regions A (left) and B changes the sum
by that of D = cost_A - cost_B over what it sweeps. By Green's theorem the sum of D over a region is the integral of
P dy around it, with P(x, y) the sum of D from the left of row y to x. All pairs need the same few prefix images:

    A, B of the person:  D = M ((L - a)^2 - (L - b)^2) = -2 (a - b) M L + (a^2 - b^2) M
    B the background:    D = M (L - a)^2 + w (1 - 2 M) = M L^2 - 2 a M L + (a^2 - 2 w) M + w
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from portrait_nst.pop_art.partition.framing import Frame
from portrait_nst.pop_art.partition.regions import BACKGROUND, Regions
from portrait_nst.pop_art.partition.topology import OUTSIDE

_SILHOUETTE = 0.12
_SAMPLES = (8, 16, 32, 64, 128, 256, 512)

Coefficients = NDArray[np.float64]
"""(..., 4): the factors of the prefix sums of M L^2, M L, M and 1."""


class EdgeCost:
    """The tonal error of edges between the regions of one picture."""

    def __init__(self, frame: Frame, regions: Regions) -> None:
        """Build the prefix images of a frame, whose regions have the tones that edges are judged by."""
        light = cv2.GaussianBlur(frame.light, (0, 0), 1.0)
        person = frame.person.astype(np.float32)
        self._prefix = [
            np.pad(np.cumsum(image, axis=1, dtype=np.float64), ((0, 0), (1, 0))).ravel()
            for image in (person * light**2, person * light, person)
        ]
        self._regions = regions
        # Lengths shrink by this where fine detail matters: in the face, at eyes and mouth.
        self._local_scale = ((1 - 0.2 * frame.face) * (1 - 0.3 * frame.focus) * frame.unit).astype(np.float32)
        self.height, self.width = light.shape

    def coefficients(self, left: int, right: int) -> tuple[float, float, float, float]:
        """The factors for a border between two regions; zeros where one of them is beyond the frame."""
        if OUTSIDE in (left, right):
            return 0.0, 0.0, 0.0, 0.0
        tones, light = self._regions.tones, self._regions.light
        inside_left, inside_right = tones[left] != BACKGROUND, tones[right] != BACKGROUND
        if inside_left != inside_right:
            sign, a = (1.0, float(light[left])) if inside_left else (-1.0, float(light[right]))
            return sign, -2 * sign * a, sign * (a * a - 2 * _SILHOUETTE), sign * _SILHOUETTE
        a, b = float(light[left]), float(light[right])
        return 0.0, -2 * (a - b), a * a - b * b, 0.0

    def cost(self, start: NDArray[np.float64], end: NDArray[np.float64], factors: Coefficients) -> NDArray[np.float64]:
        """The integral of P dy along edges, (n,): start and end are (n, 2) in frame pixels, factors (n, 4)."""
        result = np.zeros(len(start))
        rise = end[:, 1] - start[:, 1]
        reach = np.maximum(np.abs(rise), 0.25 * np.abs(end[:, 0] - start[:, 0]))
        bins = np.searchsorted(_SAMPLES, reach)
        for b in np.unique(bins[rise != 0]):
            chosen = np.flatnonzero((bins == b) & (rise != 0))
            n = _SAMPLES[min(b, len(_SAMPLES) - 1)]
            t = (np.arange(n) + 0.5) / n
            x = start[chosen, 0, None] + (end[chosen, 0] - start[chosen, 0])[:, None] * t
            y = start[chosen, 1, None] + rise[chosen, None] * t
            row = np.clip(y.astype(np.int32), 0, self.height - 1)
            column = np.clip(np.rint(x).astype(np.int32), 0, self.width)
            index = row * (self.width + 1) + column
            f = factors[chosen]
            total = f[:, 3] * x.mean(axis=1)
            for image, factor in zip(self._prefix, f.T):
                used = np.flatnonzero(factor)
                total[used] += factor[used] * image[index[used]].mean(axis=1)
            result[chosen] = rise[chosen] * total
        return result

    def local_scale(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """The factor of lengths at points (n, 2): about 0.56 at eyes, brows and mouth, 0.8 in the face, 1 elsewhere."""
        x = np.clip(points[:, 0].astype(int), 0, self.width - 1)
        y = np.clip(points[:, 1].astype(int), 0, self.height - 1)
        return np.asarray(self._local_scale[y, x], float)
