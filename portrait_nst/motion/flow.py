"""Optical flow between two frames, and where it can be trusted.

DIS flow: Kroeger et al., "Fast Optical Flow using Dense Inverse Search" (ECCV 2016), as OpenCV has it. The check is that of
Sundaram et al., "Dense Point Trajectories by GPU-accelerated Large Displacement Optical Flow" (ECCV 2010), softened. To them
come a last step after Lucas and Kanade (1981) at full size, a mean over places without structure, a threshold under which
motion is the sensor's noise, and for the trust a comparison of colours.
"""

from __future__ import annotations

import cv2
import numpy as np

from portrait_nst.motion.carry import warp
from portrait_nst.motion.motion import Motion
from portrait_nst.motion.resize import scaled
from portrait_nst.types import FloatArray, UInt8Array

LONGEST = 512  # px of the longest side at which flow is looked for; finer motion than this shows is lost in its error
CELL = 4  # px of a cell: DIS finds one vector for each, and more are not told apart afterwards
DAMPING = 0.5  # of that step, in squared levels a pixel
LIGHT = 28  # px over which light that changes is taken out before that step
STRUCTURE = 5.0  # grey levels a pixel: a mean gradient at which a place says itself how it moves
GRAIN = 0.2  # levels a pixel: the gradient that `_gradient` sees of noise of one level; twice that says nothing about motion
REACH = 12.0  # px, over which places without structure take the motion of those with some
STILL = 0.06  # px of motion for each grey level of sensor noise that count as none: carrying a painting by less blurs it only
STILL_LEAST = 0.02  # px, without noise: cv2.remap rounds to 1/32
HALF_PIXEL = 0.5  # px by which flow may err: so much of the local gradient may colours differ, beside `COLOUR`
COLOUR = 12.0  # levels by which colours may differ in flat places: light that drifts, compression

_Grey = UInt8Array

WINDOW = np.array([0.5, 1, 1, 1, 0.5], np.float32) / 4  # cells: 16 px, of the last step of the flow


def between(earlier: UInt8Array, later: UInt8Array, fine: bool = False) -> Motion:
    """How the picture moved from one frame to the next.

    earlier, later: (H, W, 3) uint8 sRGB, of one size.
    fine:           DIS on a finer grid (MEDIUM for FAST): twice the time, half the error, and better at thin things.

    Equal frames give no motion at all, and so does what is under the sensor's noise. Flow is looked for at `LONGEST` px at most.
    Raises ValueError for frames of different sizes.
    """
    if earlier.shape != later.shape or earlier.ndim != 3:
        raise ValueError(f"frames of one size (H, W, 3) are compared, not {earlier.shape} and {later.shape}")
    height, width = earlier.shape[:2]
    shrink = min(1.0, LONGEST / max(height, width))
    if shrink < 1:
        small = max(1, round(width * shrink)), max(1, round(height * shrink))
        before, now = (cv2.resize(frame, small, interpolation=cv2.INTER_AREA) for frame in (earlier, later))
    else:
        before, now = earlier, later
    return scaled(_between(before, now, fine), (height, width))


def _between(earlier: UInt8Array, later: UInt8Array, fine: bool) -> Motion:
    height, width = earlier.shape[:2]
    earlier, later = _whole_cells(earlier), _whole_cells(later)
    size = (later.shape[1], later.shape[0])
    half, cells = (size[0] // 2, size[1] // 2), (size[0] // CELL, size[1] // CELL)
    before, now = (cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (earlier, later))
    # From here on flows are those of cells, in pixels: DIS looks for them at a quarter of the size too.
    back, forth = (
        cv2.resize(dense(*pair, fine), cells, interpolation=cv2.INTER_AREA) for pair in ((now, before), (before, now))
    )
    agree = agreement(back, forth)
    step, gradient = _step(before, now, back)
    back = np.asarray(back + step, np.float32)
    back = _settled(back, gradient, agree, noise(before, now, back))
    agree[~back.any(axis=2)] = 1  # what does not move need not be found again, if it only looks the same
    seen = [cv2.resize(frame, half, interpolation=cv2.INTER_AREA) for frame in (earlier, later)]
    carried = warp(seen[0], cv2.resize(back, half, interpolation=cv2.INTER_LINEAR) * np.float32(0.5))
    trust = cv2.resize(agree, half, interpolation=cv2.INTER_LINEAR)
    trust *= _alike(seen[1], carried, cv2.resize(gradient, half, interpolation=cv2.INTER_LINEAR))
    whole = (np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR)) for plane in (back, trust))
    back, trust = (np.ascontiguousarray(plane[:height, :width]) for plane in whole)
    return Motion(back, trust)


def _whole_cells(frame: UInt8Array) -> UInt8Array:
    """The frame with its last rows and columns repeated, so that it has whole cells."""
    below, beyond = (-length % CELL for length in frame.shape[:2])
    if not (below or beyond):
        return frame
    return np.asarray(cv2.copyMakeBorder(frame, 0, below, 0, beyond, cv2.BORDER_REPLICATE))


def dense(of: _Grey, into: _Grey, fine: bool = False) -> FloatArray:
    """(H, W, 2) float32: where pixels of one grey picture are in another; 0 where they are too small for DIS (under 16 px)."""
    if min(of.shape) < 16:
        return np.zeros((*of.shape, 2), np.float32)
    preset = cv2.DISOPTICAL_FLOW_PRESET_MEDIUM if fine else cv2.DISOPTICAL_FLOW_PRESET_FAST
    return np.asarray(cv2.DISOpticalFlow.create(preset).calc(of, into, None), np.float32)


def agreement(back: FloatArray, forth: FloatArray) -> FloatArray:
    """(h, w) in [0, 1], for flows of cells: 1 where going back and forth leads home, 0 where it does not, or out of the picture.

    |b + f|^2 < 0.01 (|b|^2 + |f|^2) + 0.5 is Sundaram's test; here trust falls from 1 at half of the right side to 0 at twice.
    """
    height, width = back.shape[:2]
    returned = warp(forth, back * np.float32(1 / CELL))
    allowed = 0.01 * (_square(back) + _square(returned)) + 0.5
    trust = np.asarray(np.clip((2 - _square(back + returned) / allowed) / 1.5, 0, 1), np.float32)
    columns, rows = (centres + back[..., axis] for axis, centres in enumerate(_centres(height, width)))
    outside = (columns < -0.5) | (columns > width * CELL - 0.5) | (rows < -0.5) | (rows > height * CELL - 0.5)
    trust[outside] = 0
    return trust


def noise(before: _Grey, now: _Grey, back: FloatArray) -> float:
    """The sensor's noise, a standard deviation in grey levels: by how much this frame and the one before mostly differ.

    back: the flow of cells; one pixel of each is compared.
    """
    there = np.ascontiguousarray(now[CELL // 2 :: CELL, CELL // 2 :: CELL])
    columns, rows = (centres + back[..., axis] + np.float32(0.5) for axis, centres in enumerate(_centres(*there.shape)))
    difference = cv2.absdiff(there, cv2.remap(before, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
    middle = np.sort(difference, axis=None)[difference.size // 4 : -difference.size // 4]
    return float(1.4826 / np.sqrt(2) * middle.mean())


def _step(before: _Grey, now: _Grey, back: FloatArray) -> tuple[FloatArray, FloatArray]:
    """One step of Lucas and Kanade at full size, damped by the noise: DIS stops at a quarter (half if fine) of it.

    Returns the step (h, w, 2) of each cell, in pixels, and the root mean square of the gradient around, in levels a pixel.
    """
    size = (now.shape[1], now.shape[0])
    sigma = noise(before, now, back)
    source, target = (cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 1.0) for grey in (before, now))
    carried = warp(source, np.asarray(cv2.resize(back, size, interpolation=cv2.INTER_LINEAR)))
    missing = target - carried
    missing -= _light(missing)
    both = target + carried
    across, down = (cv2.Sobel(both, cv2.CV_32F, *d, scale=1 / 16) for d in ((1, 0), (0, 1)))  # of the mean of both
    xx, yy, xy, xt, yt = (
        _around(cv2.multiply(*pair))
        for pair in ((across, across), (down, down), (across, down), (across, missing), (down, missing))
    )
    gradient = np.sqrt(np.maximum(xx + yy, 0))  # running sums end a little under 0
    damping = np.float32(DAMPING * (1 + sigma**2))
    xx, yy = xx + damping, yy + damping
    scale = 1 / (xx * yy - xy * xy)
    step = cv2.merge([(yy * xt - xy * yt) * scale, (xx * yt - xy * xt) * scale])
    return np.clip(step, -1, 1), gradient


def _around(plane: FloatArray) -> FloatArray:
    """The mean over a `WINDOW` around each cell."""
    cells = (plane.shape[1] // CELL, plane.shape[0] // CELL)
    return np.asarray(
        cv2.sepFilter2D(cv2.resize(plane, cells, interpolation=cv2.INTER_AREA), cv2.CV_32F, WINDOW, WINDOW)
    )


def _light(plane: FloatArray) -> FloatArray:
    """The mean over `LIGHT` pixels around each pixel, smoothly."""
    cells = (plane.shape[1] // CELL, plane.shape[0] // CELL)
    side = (LIGHT // CELL, LIGHT // CELL)
    mean = cv2.blur(cv2.resize(plane, cells, interpolation=cv2.INTER_AREA), side)
    return np.asarray(cv2.resize(mean, plane.shape[::-1], interpolation=cv2.INTER_LINEAR))


def _settled(back: FloatArray, gradient: FloatArray, agree: FloatArray, sigma: float) -> FloatArray:
    """Places without structure take the mean of those around them; what is smaller than the noise explains is none."""
    sure = agree * (1 - STRUCTURE**2 / (gradient * gradient + STRUCTURE**2))
    packed = cv2.merge([back[..., 0] * sure, back[..., 1] * sure, sure])
    small = np.asarray(cv2.GaussianBlur(packed, (0, 0), REACH / CELL))
    around = small[..., :2] / (small[..., 2:] + 1e-3 + 4 * (GRAIN * sigma / STRUCTURE) ** 2)
    settled = np.asarray(around + (back - around) * sure[..., None], np.float32)
    still = max(STILL_LEAST, STILL * sigma)
    moves = np.clip(np.sqrt(_square(settled)) / still - 1, 0, 1)
    return np.asarray(settled * moves[..., None], np.float32)


def _alike(later: UInt8Array, carried: UInt8Array, gradient: FloatArray) -> FloatArray:
    """(h, w) in [0, 1]: whether the frame before, carried along, looks as this one does, both at half the size."""
    red, green, blue = cv2.split(cv2.absdiff(later, carried))
    return np.asarray(np.clip(2 - cv2.max(cv2.max(red, green), blue) / (COLOUR + HALF_PIXEL * gradient), 0, 1))


def _centres(height: int, width: int) -> tuple[FloatArray, FloatArray]:
    """Columns and rows, in pixels, of the centres of `height` x `width` cells: (w,), (h, 1)."""
    columns, rows = (CELL * np.arange(n, dtype=np.float32) + np.float32((CELL - 1) / 2) for n in (width, height))
    return columns, rows[:, None]


def _square(vectors: FloatArray) -> FloatArray:
    x, y = cv2.split(vectors)
    return np.asarray(x * x + y * y)
