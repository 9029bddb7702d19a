"""One matte through the frames of a shot: carried along with the person, and corrected by a glance at each frame.

A Kalman filter at each pixel (Kalman, "A New Approach to Linear Filtering and Prediction Problems", 1960), in its steady state.
With m the matte, c what the full segmentation of the last key frame knew better than a glance at that frame, s a glance at this
one, and ' for what is carried along the person's motion:

    m = m' + K (s + c' - m'),      K = (sqrt(q^2 + 4 q) - q) / 2,     q = ((DRIFT v)^2 + STILL^2) / BLUNT^2

where q compares how far the carried edge may be off, which grows with the speed v, with how far a glance's may. A still sitter
keeps the matte of the key frame, sensor noise or not; a moving one is followed. Where s and m' differ over more than an edge, or
where flow is lost, K is 1. As far as K grows with motion, edges are drawn to those of the picture, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from portrait_nst.motion import Motion, warp
from portrait_nst.segmentation.glance import Looks, snapped
from portrait_nst.types import FloatArray, UInt8Array
from portrait_nst.video.foreground_motion import SCALE, foreground_motion
from portrait_nst.video.painter import State

DRIFT = 0.4  # px by which a carried edge goes astray for each px that it moves
STILL = 0.05  # px by which it does where nothing moves
BLUNT = 1.8  # px by which the edge of a glance is off
STILL_GAIN = STILL / BLUNT  # K where nothing moves, a little over it
SNAP = 3.0  # weight of the picture's edges, in those of the glance
DIFFERING = (0.2, 0.5)  # differences of two mattes, averaged over WINDOW, that are none and that are certain
TRUSTED = (
    0.15,
    0.4,
)  # trust in the flow, averaged over two WINDOWs, with which nothing of the last frame is left, and all is
WINDOW = 9  # px of a frame of 512 px
RIM = (0.03, 0.97)  # values below and above become exactly 0 and 1
GROWTH = 32  # px of a frame of 512 px beyond the known matte up to which a glance may add to it without a key frame
OUTWARD = 1.0  # px a frame, in a frame of 512 px, by which somebody leaves
STEEPEST = 1.5  # times that a rim is made steeper in a frame

EVERY = 48  # frames from one key frame to the next
SOONEST = 6  # frames after a key frame until the next one on demand
NEW = 0.004  # share of the frame that is marked, and nobody's yet, for which a key frame is asked
CHANGED = 0.06  # share of the matte that differs for which a key frame is asked
KEY_GAIN = 0.3  # least weight of a key frame's matte: a new one fades in over some frames where nothing moves

Seen = tuple[FloatArray, FloatArray | None]


@dataclass(frozen=True, eq=False)
class _Held:
    """What is known of the last frame: its matte, how it differs from a glance, how far the glance is about this person, and it.

    near: whether the last look was from close by.
    """

    alpha: FloatArray
    better: FloatArray
    share: FloatArray | None
    looks: Looks
    near: bool = True


class MatteTrack:
    """The matte of one person, or of everybody, in the frames of a shot.

    full: finds the matte of a frame as well as can be, given what was expected (H, W) or None: (alpha (H, W), share (H, W));
          share is 1 where a glance marks this person, and 0 where it marks somebody else; None if there is nobody else to
          be told from. In place of both None where it cannot say.
    """

    def __init__(self, full: Callable[[UInt8Array, FloatArray | None], Seen | None]) -> None:
        self._full = full
        self._held: _Held | None = None
        self._since = 0
        self._pause = SOONEST

    def forget(self) -> None:
        """A new shot begins."""
        self._held, self._since, self._pause = None, 0, SOONEST

    def follow(self, rgb: UInt8Array, motion: Motion | None, wanted: int = EVERY) -> FloatArray:
        """The matte of the next frame, (H, W) float32 in [0, 1], exactly 0 and 1 away from the rim.

        rgb: (H, W, 3) uint8. motion: from the frame before, or None for the first of a shot. wanted: a key frame is wanted if
        the last is so many frames ago.
        """
        self._since += 1
        if self._held is None or motion is None:
            self._held = self._first(rgb)
            self._since = 0
        else:
            self._held = self._next(rgb, motion, self._held, wanted)
        return _ramp(self._held.alpha, RIM)

    def _first(self, rgb: UInt8Array) -> _Held:
        nobody = np.zeros(rgb.shape[:2], np.float32)
        alpha, share = self._full(rgb, None) or (nobody, None)
        looks = Looks.first(rgb, alpha)
        better = alpha - _of(looks.seen(rgb.shape), share) if alpha.any() else nobody
        return _Held(alpha, better, share, looks)

    def _next(self, rgb: UInt8Array, motion: Motion, held: _Held, wanted: int) -> _Held:
        back = foreground_motion(motion, held.alpha)
        carried: FloatArray = np.clip(warp(held.alpha, back, sharp=True), 0, 1)
        better = warp(held.better, back)
        share = None if held.share is None else warp(held.share, motion.back)
        unit = max(carried.shape) / 512
        lost = _lost(motion, unit)
        looks = held.looks.next(rgb, carried, back, lost, not held.near)
        look = looks.seen(rgb.shape)
        mine = _of(look, share)
        near = _grown(carried, GROWTH * unit)
        leaving = _leaving(carried, mine * near, motion, unit)
        # By their own flow, else they would not go.
        going = leaving * np.minimum(carried, warp(held.alpha, motion.back))
        lost = lost * (1 - leaving)
        better = better * (1 - lost)
        seen = np.clip(mine * near + better, 0, 1)
        seen = np.maximum(seen, going)
        apart = np.maximum(_apart(seen, carried, unit), lost)
        full = self._asked(rgb, mine * ~near, apart, carried, wanted)
        gain = _gain(back)
        if full is not None:
            seen, share = full
            seen = np.maximum(seen, going)
            mine = _of(look, share)
            apart = _apart(seen, carried, unit)
            if _much(apart, carried):
                self._pause = SOONEST
            gain = np.maximum(gain, np.float32(KEY_GAIN))
        gain = gain + (1 - gain) * apart
        alpha = carried + gain * (seen - carried)
        if full is None:
            weight = np.clip(
                SNAP * (gain - STILL_GAIN), 0, 1
            )  # again and again in a still picture it would wash hair away
            if weight.any():
                alpha += weight * (snapped(rgb, alpha) - alpha)
            better = better * (1 - apart)
        else:
            better = better + gain * (seen - mine - better)
        alpha = _steep(alpha, seen, unit)
        return _Held(alpha, better, share, looks, not held.near)

    def _asked(
        self, rgb: UInt8Array, new: FloatArray, apart: FloatArray, carried: FloatArray, wanted: int
    ) -> Seen | None:
        """What the full segmentation says, where a key frame is due; None where it is not."""
        demanded = (_much(apart, carried) or (new > 0.5).mean() > NEW) and self._since >= self._pause
        if self._since < wanted and not demanded:
            return None
        # What demands key frames in vain, as a dog or a curtain does, is asked less and less often.
        early = self._since < wanted
        self._pause = min(2 * self._pause, EVERY) if early else SOONEST
        self._since = 0
        return self._full(rgb, carried)

    def state(self) -> State:
        """What it remembers, as arrays."""
        found: State = {"since": np.array([self._since, self._pause])}
        if self._held is not None:
            found |= {"alpha": self._held.alpha, "better": self._held.better, "near": np.array(self._held.near)}
            found |= {"look": self._held.looks.whole, "close": self._held.looks.near}
            found |= {} if self._held.share is None else {"share": self._held.share}
        return found

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        """Go on from what `state` returned."""
        self._since, self._pause = (int(v) for v in state["since"])
        self._held = None
        if "alpha" in state:
            alpha, better, whole, near = (
                np.asarray(state[name], np.float32) for name in ("alpha", "better", "look", "close")
            )
            share = np.asarray(state["share"], np.float32) if "share" in state else None
            self._held = _Held(alpha, better, share, Looks(whole, near), bool(state["near"]))


def _of(look: FloatArray, share: FloatArray | None) -> FloatArray:
    return look if share is None else look * share


def _gain(back: FloatArray) -> FloatArray:
    """K of the module's docstring, (H, W)."""
    height, width = back.shape[:2]
    smooth = cv2.resize(back, (max(1, width // SCALE), max(1, height // SCALE)), interpolation=cv2.INTER_LINEAR)
    q = (np.square(smooth).sum(2) * np.float32(DRIFT**2) + np.float32(STILL**2)) / np.float32(BLUNT**2)
    gain = (np.sqrt(q * q + 4 * q) - q) / 2
    return np.asarray(cv2.resize(gain, (width, height), interpolation=cv2.INTER_LINEAR))


def _apart(seen: FloatArray, carried: FloatArray, unit: float) -> FloatArray:
    """Where two mattes differ over more than an edge: (H, W) in [0, 1]. unit: 1 for frames of 512 px."""
    small = _small(seen - carried)
    side = _odd(WINDOW * unit / SCALE)
    step = _ramp(np.abs(cv2.blur(small, (side, side))), DIFFERING)
    grown = cv2.dilate(step * step * (3 - 2 * step), np.ones((side, side), np.uint8))
    return np.asarray(cv2.resize(grown, seen.shape[::-1], interpolation=cv2.INTER_LINEAR))


def _leaving(carried: FloatArray, seen: FloatArray, motion: Motion, unit: float) -> FloatArray:
    """Where the `carried` matte is not `seen` any more only because it leaves the picture: (H, W), 0 or 1.

    Without head and shoulders a body is not known for one. But what was somebody, and goes out over the picture's edge as flow
    follows it, is somebody until it is gone.
    """
    before, now, trust = (_small(plane) for plane in (carried, seen, motion.trust))
    lost = ((before > 0.5) & (now < 0.5)).astype(np.uint8)
    found = np.zeros(lost.shape, np.uint8)
    if lost.mean() < NEW:
        return np.zeros(carried.shape, np.float32)
    height, width = lost.shape
    forth = [-_small(np.ascontiguousarray(motion.back[..., axis])) for axis in (0, 1)]
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(lost)
    for number in range(1, count):
        left, top, wide, high, area = stats[number].tolist()
        piece = pieces == number
        if area < NEW * lost.size or trust[piece].mean() < TRUSTED[1]:
            continue
        across, down = (float(np.median(axis[piece])) for axis in forth)
        out = [-across] * (left == 0) + [across] * (left + wide == width)
        out += [-down] * (top == 0) + [down] * (top + high == height)
        if max(out, default=0.0) >= OUTWARD * unit:
            found[piece] = 1
    wide = cv2.dilate(found, np.ones((3, 3), np.uint8))
    return np.asarray(cv2.resize(wide, carried.shape[::-1], interpolation=cv2.INTER_NEAREST), np.float32)


def _steep(alpha: FloatArray, seen: FloatArray, unit: float) -> FloatArray:
    """`alpha` with rims no wider than those of `seen`: the mean of two edges that lie apart is wider than both.

    The width of a rim is the integral of 4 a (1 - a) across it. Hair, which is wide in both, stays.
    """
    side = _odd(WINDOW * unit)
    wide, wanted = (cv2.blur(a * (1 - a), (side, side)) for a in (alpha, np.clip(seen, 0, 1)))
    times = np.clip(wide / np.maximum(wanted, np.float32(1e-3)), 1, np.float32(STEEPEST))
    return np.asarray(np.clip(np.float32(0.5) + times * (alpha - np.float32(0.5)), 0, 1))


def _much(apart: FloatArray, alpha: FloatArray) -> bool:
    return float((apart > 0.5).sum()) > max(CHANGED * float(alpha.sum()), NEW * alpha.size)


def _lost(motion: Motion, unit: float) -> FloatArray:
    """Where the picture is another one, not only at the rim of what moves: (H, W) in [0, 1]."""
    side = _odd(2 * WINDOW * unit / SCALE)
    lost = 1 - _ramp(np.asarray(cv2.blur(_small(motion.trust), (side, side))), TRUSTED)
    return np.asarray(cv2.resize(lost, motion.size[::-1], interpolation=cv2.INTER_LINEAR))


def _grown(alpha: FloatArray, radius: float) -> NDArray[np.bool_]:
    """All that is so near to where `alpha` is over a half."""
    inside = _small(alpha) > 0.5
    if not inside.any():
        return np.zeros(alpha.shape, bool)
    distance = cv2.distanceTransform((~inside).astype(np.uint8), cv2.DIST_L2, 3) * SCALE
    return np.asarray(cv2.resize(distance, alpha.shape[::-1], interpolation=cv2.INTER_LINEAR) <= radius)


def _small(plane: FloatArray) -> FloatArray:
    """A plane in cells of `SCALE` px: what is asked about areas needs no more."""
    height, width = plane.shape
    size = (max(1, width // SCALE), max(1, height // SCALE))
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)


def _odd(length: float) -> int:
    return 2 * round(length / 2) + 1


def _ramp(values: FloatArray, ends: tuple[float, float]) -> FloatArray:
    """0 below the first of two values, 1 above the second, linear between."""
    low, high = ends
    return np.asarray(np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1))
