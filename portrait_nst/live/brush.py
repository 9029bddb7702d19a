"""Paints what the eyes have seen, with the style and the strength of this moment."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from math import gcd
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from portrait_nst import imaging
from portrait_nst.live.camera import CameraFrame
from portrait_nst.live.controls import Controls
from portrait_nst.live.stages import Shown
from portrait_nst.types import FloatArray, UInt8Array

if TYPE_CHECKING:
    from portrait_nst.video.painter import FramePainter
    from portrait_nst.video.seen import SeenFrame

SAMPLES = 6  # frames from which statistics are taken
APART = 0.25  # seconds between two of them
MARGIN = 4  # pixels around a box on which Lanczos' weights, and so the pixels in it, depend
FIRST = 3  # of them are enough to begin with: cameras find their exposure in the first half second

Painters = Callable[[int, float], "FramePainter"]


class LiveBrush:
    """A `stages.Brush`. Statistics are taken from the first frames that show somebody, and then held until asked for anew."""

    def __init__(self, painters: Painters, controls: Callable[[], Controls]) -> None:
        """painters: makes the painter of a style's number with a strength. controls: those of this moment."""
        self._painters, self._controls = painters, controls
        self._samples: deque[SeenFrame] = deque(maxlen=SAMPLES)
        self._painter: FramePainter | None = None
        self._made_for: tuple[object, ...] = ()

    def __call__(self, seen: SeenFrame) -> Shown:
        """The picture that is shown for this frame."""
        controls, frame = self._controls(), seen.frame
        assert isinstance(frame, CameraFrame)
        if not controls.matte:
            seen = replace(seen, alpha=np.ones_like(seen.alpha))
        self._collect(seen)
        wanted = (controls.style, controls.strength, controls.matte, controls.fresh, seen.shot)
        if wanted != self._made_for and len(self._samples) >= (1 if self._painter else FIRST):
            self._begin(wanted, controls, seen)
        if self._painter is None or controls.strength == 0 or not seen.alpha.any():
            return Shown(frame, frame.rgb, self._painter is not None)
        return Shown(frame, laid_over(frame.rgb, self._painter.paint(seen), seen.alpha), True)

    def _begin(self, wanted: tuple[object, ...], controls: Controls, seen: SeenFrame) -> None:
        if self._made_for and wanted[2:] != self._made_for[2:]:  # another region, or asked for: as it is seen now
            self._samples.clear()
            self._samples.append(seen)
        self._painter = self._painters(controls.style, controls.strength)
        self._painter.begin(tuple(self._samples))
        self._made_for = wanted

    def _collect(self, seen: SeenFrame) -> None:
        last = self._samples[-1].frame.pts / 1e6 if self._samples else float("-inf")
        if seen.alpha.any() and seen.frame.pts / 1e6 - last >= APART and len(self._samples) < SAMPLES:
            self._samples.append(seen)


def laid_over(rgb: UInt8Array, painted: FloatArray, alpha: FloatArray) -> UInt8Array:
    """The camera's picture with the painting laid over it, in the camera's size: what is not painted stays as the camera saw it.

    rgb:     (H, W, 3) uint8.
    painted: (h, w, 3) float32 in [0, 1], of any size.
    alpha:   (h, w) float32 in [0, 1].

    Painting and matte are enlarged as `imaging.resize` and `imaging.resize_mask` do it, but only around the person.
    """
    found = rgb.copy()
    tall = _span(alpha.max(1) > 0, rgb.shape[0])
    wide = _span(alpha.max(0) > 0, rgb.shape[1])
    if tall is None or wide is None:
        return found
    (rows, below), (columns, right) = tall, wide
    size = below.stop - below.start, right.stop - right.start
    part = imaging.resize(imaging.to_uint8(painted[rows, columns]), size)
    matte = imaging.resize_mask(np.ascontiguousarray(alpha[rows, columns]), size)
    found[below, right] = imaging.composite(np.ascontiguousarray(rgb[below, right]), part, matte)
    return found


def _span(there: NDArray[np.bool_], length: int) -> tuple[slice, slice] | None:
    """From where to where something is there, with a margin, in pixels of the matte and in those of a picture of this `length`.

    Both ends are whole numbers in both, so that a part is enlarged exactly as it would be with all the rest.
    """
    (where,) = np.nonzero(there)
    if not where.size:
        return None
    common = gcd(there.size, length)
    step = there.size // common
    first, last = max(0, where[0] - MARGIN) // step, -(-min(there.size, where[-1] + 1 + MARGIN) // step)
    times = length // common
    return slice(first * step, last * step), slice(first * times, last * times)
