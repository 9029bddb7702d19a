from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from portrait_nst.clips import colour
from portrait_nst.clips.info import ColourTags
from portrait_nst.clips.layout import Layout, layout_of
from portrait_nst.clips.planar_frame import PlanarFrame
from portrait_nst.clips.planes import Plane, Planes
from tests.clips.makers import in_time

# Kr and Kb of BT.709, BT.601 and BT.2020 (ITU-T H.273, table 4).
WEIGHTS = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}
BLOCKS = {"420": (2, 2), "422": (1, 2), "444": (1, 1)}
COLOURS = np.random.default_rng(3).random((5, 6, 3))
COLOURS[0, :3] = np.eye(3)
COLOURS[1, :3] = 1 - np.eye(3)
COLOURS[2, :2] = [[0, 0, 0], [1, 1, 1]]
STEP = 16  # pixels of a square of one colour


def codes(rgb: NDArray[np.float64], matrix: int, bits: int, full: bool) -> list[NDArray[np.float64]]:
    """Y', Cb and Cr as ITU-T H.273 defines them, not rounded."""
    red, blue = WEIGHTS[matrix]
    luma = red * rgb[..., 0] + (1 - red - blue) * rgb[..., 1] + blue * rgb[..., 2]
    cb, cr = (rgb[..., 2] - luma) / (2 * (1 - blue)), (rgb[..., 0] - luma) / (2 * (1 - red))
    unit = 2 ** (bits - 8)
    if full:
        return [luma * (2**bits - 1), *(c * (2**bits - 1) + 128 * unit for c in (cb, cr))]
    return [(219 * luma + 16) * unit, *((224 * c + 128) * unit for c in (cb, cr))]


def stored(rgb: NDArray[np.float64], matrix: int, bits: int, full: bool, chroma: str) -> Planes:
    down, across = BLOCKS[chroma]
    kind = np.uint8 if bits == 8 else np.uint16
    luma, cb, cr = (np.clip(np.rint(c), 0, 2**bits - 1).astype(kind) for c in codes(rgb, matrix, bits, full))
    planes: tuple[Plane, ...] = (luma, cb[::down, ::across], cr[::down, ::across])
    return Planes(Layout("yuv", bits, BLOCKS[chroma]), planes, ColourTags(1, 1, matrix, full, True))


def squares() -> NDArray[np.float64]:
    return np.repeat(np.repeat(COLOURS, STEP, axis=0), STEP, axis=1)


def inner() -> NDArray[np.bool_]:
    """Pixels that no chroma sample of another square reaches."""
    row = (np.arange(STEP) >= 2) & (np.arange(STEP) < STEP - 2)
    return np.tile(row[:, None] & row[None], COLOURS.shape[:2])


@pytest.mark.parametrize(
    "matrix, full, bits, chroma", [*itertools.product((1, 5, 6, 9), (False, True), (8, 10), ("420", "422", "444"))]
)
def test_colours_are_seen_within_two_levels(matrix: int, full: bool, bits: int, chroma: str) -> None:
    rgb = squares()
    frame = in_time(stored(rgb, matrix, bits, full, chroma))
    assert np.abs(frame.rgb - rgb * 255)[inner()].max() <= (2 if bits == 8 else 1.5)


@pytest.mark.parametrize("matrix, full, bits", [*itertools.product((1, 6, 9), (False, True), (8, 10, 16))])
def test_codes_are_those_of_the_standard_and_signal_is_their_inverse(matrix: int, full: bool, bits: int) -> None:
    rgb = squares()
    form, tags = Layout("yuv", bits), ColourTags(1, 1, matrix, full)
    made = colour.codes(rgb.astype(np.float32), form, tags)
    for ours, theirs in zip(made, codes(rgb, matrix, bits, full), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-7 * 2**bits)
    samples = stored(rgb, matrix, bits, full, "444")
    assert np.abs(colour.signal(samples) - rgb).max() < 2.5 / 2**bits


def test_a_chroma_sample_is_the_mean_of_its_block() -> None:
    values = np.arange(35, dtype=np.float32).reshape(5, 7)
    mean = colour.block_mean(values, (2, 2))
    assert mean.shape == (3, 4)
    assert mean[0, 0] == (0 + 1 + 7 + 8) / 4
    assert mean[2, 3] == 34  # of one pixel
    assert colour.block_mean(values, (1, 2))[0, 3] == 6


def test_rgb_and_grey_samples_are_their_colours() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (6, 8, 3)).astype(np.uint8)
    tags = ColourTags(1, 13, 0, True)
    planes = Planes(Layout("rgb", 8), tuple(rgb[..., i] for i in (1, 2, 0)), tags)
    assert np.array_equal(in_time(planes).rgb, rgb)
    made = colour.codes(rgb / np.float32(255), Layout("rgb", 10), tags)
    np.testing.assert_allclose(made[2], rgb[..., 0] / 255 * 1023, atol=1e-3)
    grey = Planes(Layout("grey", 8), (rgb[..., 0],), ColourTags(1, 1, 1, True))
    assert np.array_equal(in_time(grey).rgb, np.repeat(rgb[..., :1], 3, axis=2))
    limited = Planes(Layout("grey", 8), (np.array([[16, 235]], np.uint8),), ColourTags(1, 1, 1, False))
    assert in_time(limited).rgb.tolist() == [[[0] * 3, [255] * 3]]


UNSAID = (2, 2, 2, 0)  # primaries, transfer, matrix, range


@pytest.mark.parametrize(
    "name, size, said, expected",
    [
        ("yuv420p", (480, 640), UNSAID, (6, 6, 6, False, False)),
        ("yuv420p", (576, 720), UNSAID, (5, 6, 5, False, False)),
        ("yuv420p", (720, 1280), UNSAID, (1, 1, 1, False, False)),
        ("yuv420p", (536, 1280), UNSAID, (1, 1, 1, False, False)),
        ("yuv420p", (1280, 720), UNSAID, (1, 1, 1, False, False)),
        ("yuv420p", (480, 640), (2, 2, 1, 2), (1, 1, 1, True, True)),
        ("yuv420p10le", (480, 640), (9, 16, 2, 0), (9, 16, 9, False, False)),
        ("yuv420p10le", (2160, 3840), (2, 2, 9, 1), (9, 1, 9, False, True)),
        ("gbrp", (48, 64), UNSAID, (1, 13, 0, True, False)),
        ("gray", (48, 64), UNSAID, (6, 6, 6, True, False)),
    ],
)
def test_what_a_clip_leaves_out_is_what_players_assume(
    name: str, size: tuple[int, int], said: tuple[int, int, int, int], expected: tuple[int, int, int, bool, bool]
) -> None:
    assert colour.complete(layout_of(name), size, *said) == ColourTags(*expected)


def test_the_frame_knows_its_size_and_time() -> None:
    samples = stored(squares(), 1, 8, False, "420")
    frame = PlanarFrame(samples, 90, number=3, pts=7, duration=2, time_base=in_time(samples).time_base)
    assert frame.size == (96, 80) and frame.time == 7 * float(frame.time_base)
