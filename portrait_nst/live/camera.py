"""Where live pictures come from: a camera, or a file that is played in its place."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from portrait_nst import imaging
from portrait_nst.errors import InputError
from portrait_nst.types import FloatArray, UInt8Array

if TYPE_CHECKING:
    from portrait_nst.clips.info import ClipInfo

MICROSECOND = Fraction(1, 1_000_000)
WIDTH, HEIGHT, RATE = 640, 480, 30  # what a camera is asked for; it gives what it can
MISSED = 50  # pictures in a row that a camera may fail to give before it counts as gone
PAUSE = 0.02  # seconds between such failures


@dataclass(frozen=True, eq=False)
class CameraFrame:
    """A picture of the camera; it is a `clips.Frame`.

    number:   from 0.
    captured: the `time.monotonic()` at which it was there.
    rgb:      (H, W, 3) uint8.
    """

    number: int
    captured: float
    rgb: UInt8Array
    duration: int = 0
    time_base: Fraction = MICROSECOND
    alpha: UInt8Array | None = None

    @property
    def pts(self) -> int:
        """`captured` in microseconds."""
        return round(self.captured * 1e6)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""
        return self.rgb.shape[0], self.rgb.shape[1]

    def over(self, painted: UInt8Array | FloatArray, alpha: FloatArray) -> CameraFrame:
        """With `painted` (H, W, 3) laid over it as `alpha` (H, W) says."""
        return self.replaced(imaging.composite(self.rgb, _bytes(painted), alpha))

    def replaced(self, rgb: UInt8Array | FloatArray, opacity: FloatArray | None = None) -> CameraFrame:
        """Another picture at the same time; it is opaque."""
        return CameraFrame(self.number, self.captured, _bytes(rgb))


def pictures(source: str) -> Iterator[CameraFrame]:
    """The pictures of a camera, given by its number, or of a clip, played over and over at its own pace.

    Raises InputError for a camera that is not there or gives nothing, and as `clips.read` does.
    """
    return _of_camera(int(source)) if source.isdecimal() else _of_file(Path(source))


def probe_source(source: str) -> ClipInfo | None:
    """Check that `source` can be played: what is known of a file, None for a camera. Raises InputError."""
    if source.isdecimal():
        return None
    from portrait_nst import clips

    return clips.probe(Path(source))


def _of_camera(number: int) -> Iterator[CameraFrame]:
    import cv2

    cv2.setLogLevel(0)  # it warns of every back end that it tries
    camera = cv2.VideoCapture(number)
    try:
        if not camera.isOpened():
            raise InputError(
                f"There is no camera {number}, or another program uses it. Give another number with --camera, or a clip in its "
                "place: --camera FILE."
            )
        for what, value in (
            (cv2.CAP_PROP_FRAME_WIDTH, WIDTH),
            (cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT),
            (cv2.CAP_PROP_FPS, RATE),
            (cv2.CAP_PROP_BUFFERSIZE, 1),  # what waits in a buffer is late
        ):
            camera.set(what, value)
        yield from _grabbed(camera, number)
    finally:
        camera.release()


def _grabbed(camera: object, number: int) -> Iterator[CameraFrame]:
    count = missed = 0
    while missed < MISSED:
        there, bgr = camera.read()  # type: ignore[attr-defined]
        if there and bgr is not None:
            yield CameraFrame(count, time.monotonic(), np.ascontiguousarray(bgr[..., ::-1]))
            count, missed = count + 1, 0
        else:
            missed += 1
            time.sleep(PAUSE)
    raise InputError(f"The camera {number} gives no more pictures; is it still plugged in?")


def _of_file(path: Path) -> Iterator[CameraFrame]:
    from portrait_nst import clips

    number = 0
    while True:
        with clips.read(path) as reader:
            began, first = time.monotonic(), None
            for frame in reader:
                at = float(frame.pts * frame.time_base)
                first = at if first is None else first
                wait = began + at - first - time.monotonic()
                if wait > 0:
                    time.sleep(wait)
                yield CameraFrame(number, time.monotonic(), frame.rgb)
                number += 1


def _bytes(picture: UInt8Array | FloatArray) -> UInt8Array:
    return picture if picture.dtype == np.uint8 else imaging.to_uint8(picture)  # type: ignore[return-value]
