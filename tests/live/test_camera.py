from __future__ import annotations

import os
from typing import Any

import cv2
import numpy as np
import pytest

from portrait_nst.clips.frame import Frame
from portrait_nst.errors import InputError
from portrait_nst.live import camera as cameras
from portrait_nst.types import UInt8Array


class Capture:
    """Stands for `cv2.VideoCapture`: `count` pictures, then none; it prints as OpenCV's C++ part does."""

    count = 0
    there = True

    def __init__(self, number: int) -> None:
        os.write(2, b"[ WARN:0@0.012] global cap_v4l.cpp:914 open VIDEOIO(V4L2:/dev/video0): can't open camera\n")
        self.asked: dict[int, float] = {}
        self.left = self.count

    def isOpened(self) -> bool:
        return self.there

    def set(self, what: int, value: float) -> bool:
        self.asked[what] = value
        return True

    def read(self) -> tuple[bool, UInt8Array | None]:
        self.left -= 1
        return (True, np.full((6, 8, 3), (10, 20, 30), np.uint8)) if self.left >= 0 else (False, None)

    def release(self) -> None:
        released.append(self)


released: list[Capture] = []


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> Any:
    released.clear()
    monkeypatch.setattr(cv2, "VideoCapture", Capture)
    monkeypatch.setattr(cameras, "PAUSE", 0.0)
    return monkeypatch


def test_a_camera_that_is_not_there_is_one_line(fake: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    fake.setattr(Capture, "there", False)
    with pytest.raises(InputError, match="There is no camera 7") as error:
        next(cameras.pictures("7"))
    assert "\n" not in str(error.value)
    assert len(released) == 1
    assert capfd.readouterr() == ("", "")


def test_opencv_that_raises_is_no_camera(fake: pytest.MonkeyPatch) -> None:
    def broken(number: int) -> Capture:
        raise cv2.error("no back end")

    fake.setattr(cv2, "VideoCapture", broken)
    with pytest.raises(InputError, match="There is no camera 0"):
        next(cameras.pictures("0"))


def test_a_camera_gives_pictures_until_it_goes_away(
    fake: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    fake.setattr(Capture, "count", 3)
    level = cv2.utils.logging.getLogLevel() if hasattr(cv2.utils, "logging") else None
    found = []
    with pytest.raises(InputError, match="gives no more pictures"):
        for frame in cameras.pictures("0"):
            found.append(frame)
    assert len(found) == 3
    assert capfd.readouterr().err == ""
    assert level is None or cv2.utils.logging.getLogLevel() == level
    assert released[0].asked[cv2.CAP_PROP_FRAME_WIDTH] == cameras.WIDTH


def test_pictures_of_a_camera_are_frames_in_rgb(fake: pytest.MonkeyPatch) -> None:
    fake.setattr(Capture, "count", 2)
    frames = cameras.pictures("0")
    first: Frame = next(frames)
    second = next(frames)
    assert (first.number, second.number) == (0, 1)
    assert (first.rgb == (30, 20, 10)).all()
    assert first.size == (6, 8)
    assert first.pts <= second.pts == round(second.captured * 1e6)
    assert (first.native.to_ndarray(format="rgb24") == first.rgb).all()
