"""Masks that the user gives: a picture for all frames, a clip with one for each."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from portrait_nst.errors import InputError, MaskError
from portrait_nst.types import UInt8Array
from portrait_nst.video.given_mask import GivenMask
from portrait_nst.video.track import Track
from tests.video.frames import StillFrame


def bar(x: int) -> UInt8Array:
    mask = np.zeros((48, 64, 3), np.uint8)
    mask[:, x : x + 16] = 255
    return mask


@pytest.fixture
def moving(tmp_path: Path) -> Path:
    path = tmp_path / "mask.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv444p"
        for x in (0, 16, 32):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(bar(x), format="rgb24")))
        container.mux(stream.encode())
    return path


def test_a_picture_is_the_mask_of_all_frames(tmp_path: Path) -> None:
    path = tmp_path / "mask.png"
    cv2.imwrite(str(path), bar(16))
    track = Track(mask=GivenMask(path))
    for number in range(2):
        alpha = track.follow(StillFrame(number, np.full((48, 64, 3), 99, np.uint8)), 0).alpha
        assert (alpha == (bar(16)[..., 0] > 0)).all()


def test_a_clip_has_a_mask_for_each_frame(moving: Path) -> None:
    mask = GivenMask(moving)
    for number in (0, 1, 2, 1):
        assert np.abs(mask.of(number, (48, 64)) - bar(16 * number)[..., 0] / 255).max() < 0.01
    assert mask.of(0, (24, 32)).shape == (24, 32)


def test_a_clip_of_masks_that_is_too_short(moving: Path) -> None:
    mask = GivenMask(moving)
    mask.of(2, (48, 64))
    with pytest.raises(MaskError, match="ends before the clip, at frame 3"):
        mask.of(3, (48, 64))


def test_other_proportions(moving: Path) -> None:
    with pytest.raises(MaskError, match="other proportions"):
        GivenMask(moving).of(0, (64, 48))


def test_no_clip(tmp_path: Path) -> None:
    path = tmp_path / "mask.mp4"
    path.write_text("no clip")
    with pytest.raises(InputError):
        GivenMask(path).of(0, (48, 64))
