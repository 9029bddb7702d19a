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
WINDOW = 15  # px, of the last step of the flow
DAMPING = 0.5  # of that step, in squared levels a pixel
LIGHT = 31  # px over which light that changes is taken out before that step
STRUCTURE = 4.0  # grey levels a pixel: a mean gradient at which a place says itself how it moves
REACH = 12.0  # px, over which places without structure take the motion of those with some
STILL = 0.05  # px of motion for each grey level of sensor noise that count as none: carrying a painting by less blurs it only
STILL_LEAST = 0.02  # px, without noise: cv2.remap rounds to 1/32
HALF_PIXEL = 0.5  # px by which flow may err: so much of the local gradient may colours differ, beside `COLOUR`
COLOUR = 12.0  # levels by which colours may differ in flat places: light that drifts, compression

_Grey = UInt8Array


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
    before, now = (cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (earlier, later))
    back = dense(now, before, fine)
    forth = dense(before, now, fine)
    gradient = _gradient(now)
    agree = agreement(back, forth)
    sigma = noise(now, warp(before, back))
    back = _refined(back, before, now, sigma)
    back = _settled(back, gradient, agree, sigma)
    return Motion(back, agree * _alike(later, warp(earlier, back), gradient))


def dense(of: _Grey, into: _Grey, fine: bool = False) -> FloatArray:
    """(H, W, 2) float32: where pixels of one grey picture are in another; 0 where they are too small for DIS (under 16 px)."""
    if min(of.shape) < 16:
        return np.zeros((*of.shape, 2), np.float32)
    preset = cv2.DISOPTICAL_FLOW_PRESET_MEDIUM if fine else cv2.DISOPTICAL_FLOW_PRESET_FAST
    return np.asarray(cv2.DISOpticalFlow.create(preset).calc(of, into, None), np.float32)


def agreement(back: FloatArray, forth: FloatArray) -> FloatArray:
    """(H, W) in [0, 1]: 1 where going back and forth again leads home, 0 where it does not, or out of the picture.

    |b + f|^2 < 0.01 (|b|^2 + |f|^2) + 0.5 is Sundaram's test; here trust falls from 1 at half of the right side to 0 at twice.
    """
    height, width = back.shape[:2]
    returned = warp(forth, back)
    allowed = 0.01 * (_square(back) + _square(returned)) + 0.5
    trust = np.asarray(np.clip((2 - _square(back + returned) / allowed) / 1.5, 0, 1), np.float32)
    columns = back[..., 0] + np.arange(width, dtype=np.float32)
    rows = back[..., 1] + np.arange(height, dtype=np.float32)[:, None]
    trust[(columns < -0.5) | (columns > width - 0.5) | (rows < -0.5) | (rows > height - 0.5)] = 0
    return trust


def noise(now: _Grey, carried: _Grey) -> float:
    """The sensor's noise, a standard deviation in grey levels: by how much this frame and the one before mostly differ."""
    difference = np.abs(now.astype(np.int16) - carried)
    return float(
        1.4826 / np.sqrt(2) * np.mean(np.sort(difference, axis=None)[difference.size // 4 : -difference.size // 4])
    )


def _refined(back: FloatArray, before: _Grey, now: _Grey, sigma: float) -> FloatArray:
    """One step of Lucas and Kanade at full size, damped by the noise: DIS stops at a quarter (half if fine) of it."""
    target, source = (_without_light(cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 1.0)) for grey in (now, before))
    carried = warp(source, back)
    across, down = (cv2.Sobel((target + carried) / 2, cv2.CV_32F, *d, scale=1 / 8) for d in ((1, 0), (0, 1)))
    missing = target - carried
    window = (WINDOW, WINDOW)
    xx, xy, yy = (cv2.blur(a, window) for a in (across * across, across * down, down * down))
    xt, yt = (cv2.blur(a, window) for a in (across * missing, down * missing))
    damping = DAMPING * (1 + sigma**2)
    xx, yy = xx + damping, yy + damping
    scale = 1 / (xx * yy - xy * xy)
    step = cv2.merge([(yy * xt - xy * yt) * scale, (xx * yt - xy * xt) * scale])
    return np.asarray(back + np.clip(step, -1, 1))


def _without_light(grey: FloatArray) -> FloatArray:
    return np.asarray(grey - cv2.blur(grey, (LIGHT, LIGHT)))


def _settled(back: FloatArray, gradient: FloatArray, agree: FloatArray, sigma: float) -> FloatArray:
    """Places without structure take the mean of those around them; what is smaller than the noise explains is none."""
    sure = agree * (1 - STRUCTURE**2 / (gradient * gradient + STRUCTURE**2))
    packed = [back[..., 0] * sure, back[..., 1] * sure, sure]
    quarter = (max(1, back.shape[1] // 4), max(1, back.shape[0] // 4))  # a mean over 12 px needs no more
    small = cv2.GaussianBlur(cv2.resize(cv2.merge(packed), quarter, interpolation=cv2.INTER_AREA), (0, 0), REACH / 4)
    around = small[..., :2] / np.maximum(small[..., 2:], 1e-3)
    settled = cv2.resize(around, back.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    planes = [there + (own - there) * sure for own, there in zip(cv2.split(back), cv2.split(settled), strict=True)]
    still = max(STILL_LEAST, STILL * sigma)
    moves = np.clip(cv2.magnitude(*planes) / still - 1, 0, 1)
    return np.asarray(cv2.merge([plane * moves for plane in planes]))


def _alike(later: UInt8Array, carried: UInt8Array, gradient: FloatArray) -> FloatArray:
    """(H, W) in [0, 1]: whether the frame before, carried along, looks as this one does, over 3 x 3 pixels."""
    red, green, blue = cv2.split(cv2.absdiff(cv2.blur(later, (3, 3)), cv2.blur(carried, (3, 3))))
    return np.asarray(np.clip(2 - cv2.max(cv2.max(red, green), blue) / (COLOUR + HALF_PIXEL * gradient), 0, 1))


def _gradient(grey: _Grey) -> FloatArray:
    """(H, W): root mean square of the gradient over 9 x 9 pixels, in levels a pixel, of a picture slightly smoothed."""
    smooth = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 1.0)
    across, down = (cv2.Sobel(smooth, cv2.CV_32F, *d, scale=1 / 8) for d in ((1, 0), (0, 1)))
    mean = cv2.blur(across * across + down * down, (9, 9))
    return np.asarray(np.sqrt(np.maximum(mean, 0)))  # running sums end a little under 0


def _square(vectors: FloatArray) -> FloatArray:
    x, y = cv2.split(vectors)
    return np.asarray(x * x + y * y)
