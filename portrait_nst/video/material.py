"""What moves along with a filmed body, as if it were printed on it: coordinates.

Each pixel of a frame shows a place of an endless material. Carried along the motion are the places, not what is printed there:
they are smooth, so that they can be interpolated a thousand times and what is looked up stays as sharp as it is (Max & Becker
1995; Neyret 2003, "Advected textures"). Two things would end in a smear, and are mended:

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

from portrait_nst.motion.carry import warp
from portrait_nst.motion.motion import Motion
from portrait_nst.types import FloatArray

STRETCH = 1.4  # how many times as far apart, or as near, places may be than pixels
MANY = 0.3  # the part of a region that is stretched by more, with which its material is renewed
SMEARED = 3.0  # times: a place stretched so far to one side is no longer printed but drawn out; it goes on from those around it
FADE = 24  # frames: one second, over which the fresh material takes over
TRUSTED = 0.5  # of `Motion.trust`, under which nothing is carried
SMALLER = 2  # times, at which places are kept: flow is found for cells of 4 px
CELL = 4  # pixels of a cell in which stretching is measured, and places are gone on with
STEP = CELL // SMALLER  # such a cell in what is kept
REACH = 5  # cells around, of which places are gone on with
SLACK = 0.75  # pixels that the body may be away from its whole `offset`: over a half, so that noise does not move it to and fro


@dataclass(frozen=True, eq=False)
class Material:
    """The places that the pixels of a frame (h, w) show.

    shift:  (h / 2, w / 2, 2) float32, in pixels of the frame: with s = `whole` of it, the pixel at column x and row y shows the
            place (x, y) + s[y, x].
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
        return cls(np.zeros((max(1, size[0] // SMALLER), max(1, size[1] // SMALLER), 2), np.float32))

    def along(self, motion: Motion, region: FloatArray) -> Material:
        """That of the next frame, to which `motion` leads; `region` (h, w; [0, 1]) is what of it counts."""
        import cv2

        small = self.shift.shape[1::-1]
        back, trust = (cv2.resize(plane, small, interpolation=cv2.INTER_AREA) for plane in (motion.back, motion.trust))
        ratio = np.array((small[0] / motion.size[1], small[1] / motion.size[0]), np.float32)
        shift = _carried(self.shift, back, ratio, trust)
        older = None if self.older is None else _carried(self.older, back, ratio, trust)
        inside, fading = cv2.resize(region, small, interpolation=cv2.INTER_NEAREST) > 0.5, self.fading + 1
        if older is not None and fading >= FADE:
            older = None
        middle = _middle(shift, inside)
        if older is None and _stretched(shift, inside) > MANY:
            older, fading = shift, 0
            shift = np.broadcast_to(middle, shift.shape).copy()
        return Material(shift, older, fading if older is not None else 0, _whole(middle, self.offset))

    def printed(
        self, lookup: Callable[[FloatArray], FloatArray], places: Callable[[FloatArray], FloatArray]
    ) -> FloatArray:
        """What is printed: `lookup`, of mean 0, at the `places` that a shift comes to; of both materials while one fades.

        Two noises are mixed by the sine and the cosine of an angle, so that the mixture is as strong as each.
        """
        fresh = lookup(places(self.shift))
        if self.older is None:
            return fresh
        angle = np.pi / 2 * (self.fading + 0.5) / FADE
        old = lookup(places(self.older))
        return np.asarray(np.float32(np.cos(angle)) * old + np.float32(np.sin(angle)) * fresh, np.float32)


def whole(shift: FloatArray, size: tuple[int, int]) -> FloatArray:
    """A `shift`, or an older one, of each pixel of a frame of `size` (height, width): (height, width, 2)."""
    import cv2

    return np.asarray(cv2.resize(shift, size[::-1], interpolation=cv2.INTER_LINEAR))


def _carried(shift: FloatArray, back: FloatArray, ratio: FloatArray, trust: FloatArray) -> FloatArray:
    """back: in pixels of the frame; ratio: (2,), how many pixels of what is kept one of them is."""
    import cv2

    found = warp(shift, back * ratio) + back  # at a border places simply go on
    lost = trust < TRUSTED
    smeared = _narrowest(found) < 1 / SMEARED
    if smeared.any():  # with the cells beside, which are half of it
        wide = cv2.dilate(smeared.view(np.uint8), np.ones((3, 3), np.uint8))
        lost |= cv2.resize(wide, lost.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    if lost.any():
        found[lost] = gone_on(found, lost, STEP)[lost]
    return np.asarray(found, np.float32)


def gone_on(shift: FloatArray, lost: NDArray[np.bool_], cell: int = CELL) -> FloatArray:
    """(h, w, 2): the mean shift of what is not `lost` nearby, or of all. cell: pixels of the arrays in one of `CELL`."""
    import cv2

    height, width = lost.shape
    small = (max(1, width // cell), max(1, height // cell))
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
    cells = shift[::STEP, ::STEP]
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
    area = np.abs(_jacobian(shift)[1])[inside[::STEP, ::STEP]]
    return float(((area < STRETCH**-2) | (area > STRETCH**2)).mean()) if area.size else 0.0


def _middle(shift: FloatArray, inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(2,): the median shift in the region, or of all."""
    own = shift[::STEP, ::STEP][inside[::STEP, ::STEP]]
    return np.median(own if len(own) else shift[::STEP, ::STEP].reshape(-1, 2), axis=0).astype(np.float32)


def _whole(middle: NDArray[np.float32], before: tuple[int, int]) -> tuple[int, int]:
    across, down = (old if abs(new - old) <= SLACK else round(float(new)) for new, old in zip(middle, before))
    return across, down
