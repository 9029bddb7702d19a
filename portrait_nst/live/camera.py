"""Where live pictures come from: a camera, or a file that is played in its place."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from portrait_nst import imaging
from portrait_nst.errors import InputError
from portrait_nst.imaging.silence import silent_stderr
from portrait_nst.types import FloatArray, UInt8Array

if TYPE_CHECKING:
    from av import VideoFrame
    from cv2 import VideoCapture

    from portrait_nst.clips.info import ClipInfo

MICROSECOND = Fraction(1, 1_000_000)
WIDTH, HEIGHT, RATE = 640, 480, 30  # what a camera is asked for; it gives what it can
MISSED = 50  # pictures in a row that a camera may fail to give before it counts as gone
PAUSE = 0.02  # seconds between such failures
EVERYTHING = re.compile(rb".*")  # what OpenCV, GStreamer and the drivers print while they look for a camera


@dataclass(eq=False)
class CameraFrame:
    """A picture of the camera; it is a `clips.Frame`.

    number:   from 0.
    captured: the `time.monotonic()` at which it was there.
    rgb:      (H, W, 3) uint8, in the camera's own size.
    pts:      `captured` in microseconds.
    """

    number: int
    captured: float
    rgb: UInt8Array
    duration: int = 0
    time_base: Fraction = MICROSECOND
    alpha: UInt8Array | None = None
    pts: int = field(init=False)

    def __post_init__(self) -> None:
        self.pts = round(self.captured * 1e6)

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

    @property
    def native(self) -> VideoFrame:
        """As PyAV's frame."""
        from portrait_nst.clips.drawn import drawn

        return drawn(self.rgb, self.number, self.pts, self.time_base).native

    upright = native


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

    camera = _opened(number)
    try:
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


def _opened(number: int) -> VideoCapture:
    import cv2

    camera = None
    with _quiet(), contextlib.suppress(cv2.error):
        camera = cv2.VideoCapture(number)
        if camera.isOpened():
            return camera
    if camera is not None:
        camera.release()
    raise InputError(
        f"There is no camera {number}, or another program uses it. Give another number with --camera, or a clip in its place: "
        "--camera FILE."
    )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without OpenCV's warnings of every back end that it tries, and what these print."""
    import cv2

    # OpenCV 5 has the functions in a module of its own alone, early ones of OpenCV 4 outside of it.
    logging = getattr(getattr(cv2, "utils", None), "logging", cv2)
    before = logging.getLogLevel()
    logging.setLogLevel(0)
    try:
        with silent_stderr(EVERYTHING):
            yield
    finally:
        logging.setLogLevel(before)


def _grabbed(camera: VideoCapture, number: int) -> Iterator[CameraFrame]:
    count = missed = 0
    while missed < MISSED:
        there, bgr = camera.read()
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
    if picture.dtype == np.uint8:
        return cast(UInt8Array, picture)
    return imaging.to_uint8(cast(FloatArray, picture))
