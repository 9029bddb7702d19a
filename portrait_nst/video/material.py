"""What moves along with a filmed body, as if it were printed on it: coordinates.

Each pixel of a frame shows a place of an endless material. Carried along the motion are the places, not what is printed there:
they are smooth, so that they can be interpolated a thousand times and what is looked up stays as sharp as it is (Max & Becker 1995,
Neyret 2003, "Advected textures"). Two things would end in a smear, and are mended:

* Where something comes into view nothing can be carried. Its places go on from those around it.
* Where a body comes nearer, its places spread. Once a good part of them has spread, or has shrunk, by `STRETCH`, a second,
  fresh material fades in over the first. Opposed to the papers, which renew theirs all the time, a body that stays as far away
  keeps its material for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from portrait_nst.motion.motion import Motion
from portrait_nst.motion.carry import warp
from portrait_nst.types import FloatArray

STRETCH = 1.4  # how many times as far apart, or as near, places may be than pixels
MANY = 0.3  # the part of a region that is stretched by more, with which its material is renewed
SMEARED = 3.0  # times: a place stretched so far to one side is no longer printed but drawn out; it goes on from those around it
FADE = 24  # frames: one second, over which the fresh material takes over
TRUSTED = 0.5  # of `Motion.trust`, under which nothing is carried
CELL = 4  # pixels of a cell in which stretching is measured, and places are gone on with
REACH = 5  # cells around, of which places are gone on with
SLACK = 0.75  # pixels that the body may be away from its whole `offset`: over a half, so that noise does not move it to and fro


@dataclass(frozen=True, eq=False)
class Material:
    """The places that the pixels of a frame show.

    shift:  (h, w, 2) float32: the pixel at column x and row y shows the place (x, y) + shift[y, x].
    older:  the same for the material that fades away; None for none.
    fading: for how many frames it has been fading.
    offset: (column, row): the region's middle shift in whole pixels.
    """

    shift: FloatArray
    older: FloatArray | None = None
    fading: int = 0
    offset: tuple[int, int] = (0, 0)

    @classmethod
    def still(cls, size: tuple[int, int]) -> Material:
        """That of a first frame of `size` (height, width), whose pixels show the places of their own numbers."""
        return cls(np.zeros((*size, 2), np.float32))

    def along(self, motion: Motion, region: FloatArray) -> Material:
        """That of the next frame, to which `motion` leads; `region` (h, w; [0, 1]) is what of it counts."""
        shift = _carried(self.shift, motion)
        older = None if self.older is None else _carried(self.older, motion)
        inside, fading = region > 0.5, self.fading + 1
        if older is not None and fading >= FADE:
            older = None
        middle = _middle(shift, inside)
        if older is None and _stretched(shift, inside) > MANY:
            older, fading = shift, 0
            shift = np.broadcast_to(middle, shift.shape).copy()
        return Material(shift, older, fading if older is not None else 0, _whole(middle, self.offset))

    def printed(self, lookup: Callable[[FloatArray], FloatArray], places: Callable[[FloatArray], FloatArray]) -> FloatArray:
        """What is printed: `lookup`, of mean 0, at the `places` that a shift comes to; of both materials while one fades.

        Two noises are mixed by the sine and the cosine of an angle, so that the mixture is as strong as each.
        """
        fresh = lookup(places(self.shift))
        if self.older is None:
            return fresh
        angle = np.pi / 2 * (self.fading + 0.5) / FADE
        old = lookup(places(self.older))
        return np.asarray(np.float32(np.cos(angle)) * old + np.float32(np.sin(angle)) * fresh, np.float32)


def _carried(shift: FloatArray, motion: Motion) -> FloatArray:
    import cv2

    found = warp(shift, motion.back) + motion.back  # at a border places simply go on
    lost = motion.trust < TRUSTED
    smeared = _narrowest(found) < 1 / SMEARED
    if smeared.any():
        lost |= cv2.resize(smeared.view(np.uint8), lost.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    if lost.any():
        found[lost] = _gone_on(found, lost)[lost]
    return np.asarray(found, np.float32)


def _gone_on(shift: FloatArray, lost: NDArray[np.bool_]) -> FloatArray:
    """(h, w, 2): the mean shift of what is not `lost` nearby, or of all."""
    import cv2

    height, width = lost.shape
    small = (max(1, width // CELL), max(1, height // CELL))
    kept = (~lost).astype(np.float32)
    there = cv2.resize(kept, small, interpolation=cv2.INTER_AREA)
    summed = cv2.resize(shift * kept[..., None], small, interpolation=cv2.INTER_AREA)
    middle = summed.mean((0, 1)) / max(float(there.mean()), 1e-6)
    side = (2 * REACH + 1, 2 * REACH + 1)
    weight = cv2.blur(there, side)[..., None] + np.float32(1e-3)
    near = (cv2.blur(summed, side) + np.float32(1e-3) * middle) / weight
    return np.asarray(cv2.resize(near, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _jacobian(shift: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(h', w') for cells: the squared Frobenius norm and the determinant of how places change with pixels."""
    cells = shift[::CELL, ::CELL]
    down = np.diff(cells, axis=0, append=cells[-1:]) / np.float32(CELL)
    across = np.diff(cells, axis=1, append=cells[:, -1:]) / np.float32(CELL)
    a, b, c, d = 1 + across[..., 0], down[..., 0], across[..., 1], 1 + down[..., 1]
    return a * a + b * b + c * c + d * d, a * d - b * c


def _narrowest(shift: FloatArray) -> FloatArray:
    """(h', w'): the smaller singular value: how far apart places are in the direction in which they are nearest."""
    norm, area = _jacobian(shift)
    return np.asarray(np.sqrt(np.maximum(norm - np.sqrt(np.maximum(norm * norm - 4 * area * area, 0)), 0) / 2))


def _stretched(shift: FloatArray, inside: NDArray[np.bool_]) -> float:
    """The part of the region that is stretched or shrunk by more than `STRETCH`."""
    area = np.abs(_jacobian(shift)[1])[inside[::CELL, ::CELL]]
    return float(((area < STRETCH**-2) | (area > STRETCH**2)).mean()) if area.size else 0.0


def _middle(shift: FloatArray, inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(2,): the median shift in the region, or of all."""
    own = shift[::CELL, ::CELL][inside[::CELL, ::CELL]]
    return np.median(own if len(own) else shift[::CELL, ::CELL].reshape(-1, 2), axis=0).astype(np.float32)


def _whole(middle: NDArray[np.float32], before: tuple[int, int]) -> tuple[int, int]:
    across, down = (old if abs(new - old) <= SLACK else round(float(new)) for new, old in zip(middle, before))
    return across, down

