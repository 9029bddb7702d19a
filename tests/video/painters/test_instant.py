"""A clip painted by a learned network: steady, as its photos are, and gone on with."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import pytest

from portrait_nst import imaging
from portrait_nst.errors import InputError
from portrait_nst.motion import warp
from portrait_nst.pipeline.instant.canvas import painted_region
from portrait_nst.pipeline.stylizer import Stylizer
from portrait_nst.segmentation import faces
from portrait_nst.settings import Settings
from portrait_nst.types import FloatArray, Photo, UInt8Array
from portrait_nst.video.painters.instant import InstantFrames, instant_frames
from portrait_nst.video.painters.region import View
from portrait_nst.video.seen import SeenFrame
from tests.video.scenes import motion_of, pan, seen

STYLIZER = Stylizer(device="cpu")
EDGE = 16


def painter(style: Any = "impasto", **changes: Any) -> InstantFrames:
    chosen = {"quality": "instant", "size": 128, "threads": 1, "precision": "float32", "device": "cpu"} | changes
    return instant_frames(style, Settings(**chosen), STYLIZER)


@pytest.fixture(scope="module")
def photo(small_portrait: Any) -> UInt8Array:
    return np.ascontiguousarray(imaging.load(small_portrait).rgb[16:144, 4:132])


@pytest.fixture(scope="module")
def matte() -> FloatArray:
    there = np.zeros((128, 128), np.float32)
    cv2.ellipse(there, (64, 70), (40, 60), 0, 0, 360, 1, -1)
    return np.asarray(cv2.GaussianBlur(there, (0, 0), 1.5) * (cv2.blur(there, (15, 15)) > 0), np.float32)


def painted(frames: InstantFrames, clip: Sequence[SeenFrame]) -> list[FloatArray]:
    frames.begin(clip[::4])
    return [frames.paint(each) for each in clip]


def apart(pictures: Sequence[FloatArray], clip: Sequence[SeenFrame]) -> float:
    """The rms of what frames differ by from the one before, carried along."""
    found = []
    for before, now, each in zip(pictures, pictures[1:], clip[1:]):
        assert each.motion is not None
        found.append(np.square((now - warp(before, each.motion.back))[EDGE:-EDGE, EDGE:-EDGE]).mean())
    return float(np.sqrt(np.mean(found)))


def one_by_one(frames: InstantFrames, clip: Sequence[SeenFrame]) -> list[FloatArray]:
    """Each frame as a photo."""
    region, found = frames._regions[0], []
    for each in clip:
        content, alpha, local, there, stroke = region._given(View(each))
        size = (each.rgb.shape[0], each.rgb.shape[1])
        picture = painted_region(region.painter, content, alpha, local, there, frames._settings, size, stroke)
        found.append(imaging.to_float(picture))
    return found


@pytest.mark.parametrize(("step", "noise", "most"), [(1, 0, 0.005), (3, 2, 0.01)])
def test_a_pan_errs_by_less_than_a_third_of_frame_by_frame_painting(
    photo: UInt8Array, step: int, noise: float, most: float
) -> None:
    clip, frames = pan(photo, 7, step, noise=noise), painter()
    steady = apart(painted(frames, clip), clip)
    assert steady < most
    assert steady < apart(one_by_one(frames, clip), clip) / 3


def test_the_painting_moves_along_and_stays_sharp(photo: UInt8Array) -> None:
    clip, frames = pan(photo, 7, 3), painter()
    found = painted(frames, clip)
    stands = float(np.sqrt(np.square(found[-1] - found[-2])[EDGE:-EDGE, EDGE:-EDGE].mean()))
    assert stands > 10 * apart(found, clip)  # no frozen texture over a moving face
    fine = [np.square(np.diff(picture[-1], axis=1)).mean() for picture in (found, one_by_one(frames, clip))]
    assert fine[0] > 0.9 * fine[1]


def test_a_first_frame_is_painted_as_a_photo_is(photo: UInt8Array, matte: FloatArray) -> None:
    clip, frames = [seen(photo, matte)], painter()
    found, as_photo = painted(frames, clip)[0], one_by_one(frames, clip)[0]
    inside = (matte == 1)[EDGE:-EDGE, EDGE:-EDGE]
    difference = np.abs(found - as_photo)[EDGE:-EDGE, EDGE:-EDGE][inside]
    assert difference.mean() < 2 / 255  # the grid of cells begins elsewhere


def test_a_sitter_who_sits_still_keeps_their_colours(photo: UInt8Array) -> None:
    random, size = np.random.default_rng(1), photo.shape[:2]
    noisy = [np.clip(np.rint(photo + random.normal(0, 2, photo.shape)), 0, 255).astype(np.uint8) for _ in range(12)]
    clip = [seen(rgb, motion=motion_of((size[0], size[1]), 0, 0) if n else None) for n, rgb in enumerate(noisy)]
    found = painted(painter(), clip)
    means = np.stack([picture.mean((0, 1)) for picture in found]) * 255
    assert np.abs(means - means[0]).max() < 0.5
    assert apart(found[6:], clip[6:]) < 1.5 / 255


@pytest.mark.parametrize("changes", [{}, {"colours": "pca"}, {"background": "mosaic"}, {"strength": 0.3}, {"likeness": 0.99}])
def test_another_process_goes_on_as_if_there_had_been_no_break(
    photo: UInt8Array, matte: FloatArray, changes: dict[str, Any]
) -> None:
    found = tuple(faces(Photo(photo)))
    clip = [SeenFrame(each.frame, each.rgb, each.alpha, found, each.motion, 0) for each in pan(photo, 5, 2, matte)]
    whole = painted(painter(**changes), clip)
    first, second = painter(**changes), painter(**changes)
    first.begin(clip[::4])
    for each in clip[:3]:
        first.paint(each)
    file = io.BytesIO()
    np.savez(file, **first.state())
    file.seek(0)
    with np.load(file, allow_pickle=False) as kept:
        second.restore(dict(kept))
    for expected, each in zip(whole[3:], clip[3:]):
        np.testing.assert_array_equal(second.paint(each), expected)


def test_a_state_keeps_a_material_that_fades(photo: UInt8Array) -> None:
    first = painter()
    first.begin([seen(photo)])
    first.paint(seen(photo))
    rows, columns = np.mgrid[:128, :128].astype(np.float32)
    nearer = motion_of((128, 128), 0, 0)
    nearer.back[...] = (np.stack([columns, rows], -1) - 64) * np.float32(1 / 1.5 - 1)
    first.paint(seen(photo, motion=nearer))
    state = first.state()
    assert "0.older" in state
    second = painter()
    second.restore(state)
    following = seen(photo, motion=motion_of((128, 128), 0, 0))
    np.testing.assert_array_equal(second.paint(following), first.paint(following))


def test_a_styled_background_is_painted_by_its_own_network_and_holds_still(photo: UInt8Array, matte: FloatArray) -> None:
    clip = [seen(photo, matte, motion_of((128, 128), 0, 0) if number else None) for number in range(4)]
    frames = painter(background="mosaic")
    found = painted(frames, clip)
    alone = painted(painter(), clip)
    np.testing.assert_allclose(found[0][matte == 1], alone[0][matte == 1], atol=1e-6)
    assert np.abs(found[0] - imaging.to_float(photo))[matte == 0].mean() > 0.03
    assert max(float(np.abs(now - found[0]).max()) for now in found[1:]) < 1e-6
    assert [network["of"][0]["file"] for network in frames.networks] == ["impasto.jpg", "mosaic.jpg"]


def test_whoever_leaves_and_comes_back_is_painted_as_for_the_first_time(photo: UInt8Array, matte: FloatArray) -> None:
    frames, still = painter(), motion_of((128, 128), 0, 0)
    frames.begin([seen(photo, np.zeros_like(matte))])  # in none of the samples
    nobody = frames.paint(seen(photo, np.zeros_like(matte)))
    np.testing.assert_array_equal(nobody, imaging.to_float(photo))
    first = frames.paint(seen(photo, matte, still))
    frames.paint(seen(photo, np.zeros_like(matte), still))
    np.testing.assert_array_equal(frames.paint(seen(photo, matte, still)), first)


def test_a_clip_without_colours_is_painted_without(photo: UInt8Array) -> None:
    grey = imaging.as_grey(photo)
    found = painted(painter("pen_and_ink"), pan(grey, 3, 1))[-1]
    assert np.ptp(found, axis=2).max() < 1e-6


def test_no_strength_leaves_the_frame(photo: UInt8Array) -> None:
    np.testing.assert_array_equal(painted(painter(strength=0.0), [seen(photo)])[0], imaging.to_float(photo))


def test_small_frames_are_not_enlarged_and_large_ones_take_more_canvases(photo: UInt8Array) -> None:
    frames = painter()
    frames.begin([seen(photo)])
    frozen = frames._trails[0].frozen
    assert frozen is not None
    assert len(frozen.maps) == 1
    large, broad = cv2.resize(photo, (256, 256)), painter(size=256, style_scale=2.0)
    found = painted(broad, pan(np.asarray(large, np.uint8), 2, 1))
    frozen = broad._trails[0].frozen
    assert frozen is not None
    assert len(frozen.maps) == 2
    assert found[0].shape == (256, 255, 3)


def test_styles_by_label_are_refused() -> None:
    with pytest.raises(InputError, match="one style"):
        painter({"1": "impasto"})


def test_a_painting_that_was_not_learned_comes_with_a_note(small_style: Any) -> None:
    assert "learn" in painter(str(small_style)).notes[0]
    assert painter().notes == ()
