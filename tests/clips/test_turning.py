from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.clips.info import ColourTags
from portrait_nst.clips.layout import layout_of
from portrait_nst.clips.planes import Planes
from portrait_nst.clips.turning import mirrored, orientation, turned_planes
from tests.clips import makers
from tests.clips.test_blending import noise

def smooth(size: tuple[int, int]) -> Planes:
    """Samples of 4:2:0 that change slowly: where a size is odd swscale stretches chroma by a little, which noise would show."""
    y, x = np.mgrid[: size[0], : size[1]]
    rgb = np.stack([x * 2, 200 - y, 30 + (x + y) / 2], axis=2).astype(np.uint8)
    frame = makers.in_time(noise(layout_of("yuv420p"), size))
    return frame.over(rgb, np.ones(size, np.float32)).samples


SHOWN = 1 << 16  # 1 in a display matrix, of which the last column has another unit


def matrix(a: float, b: float, c: float, d: float) -> bytes:
    return np.array([a * SHOWN, b * SHOWN, 0, c * SHOWN, d * SHOWN, 0, 0, 0, 1 << 30], np.int32).tobytes()


@pytest.mark.parametrize(
    "abcd", ((1, 0, 0, 1), (0, 1, -1, 0), (-1, 0, 0, -1), (0, -1, 1, 0), (-1, 0, 0, 1), (1, 0, 0, -1), (0, 1, 1, 0), (0, -1, -1, 0))
)
def test_a_display_matrix_is_obeyed(abcd: tuple[float, float, float, float]) -> None:
    """Against where the matrix takes each pixel: (x, y) to (a x + c y, b x + d y)."""
    picture = np.arange(12).reshape(3, 4)
    degrees, mirrors = orientation(matrix(*abcd))
    a, b, c, d = abcd
    places = {(a * x + c * y, b * x + d * y): picture[y, x] for y in range(3) for x in range(4)}
    columns, rows = sorted({x for x, _ in places}), sorted({y for _, y in places})
    expected = np.array([[places[x, y] for x in columns] for y in rows])
    assert np.array_equal(np.rot90(picture[:, ::-1] if mirrors else picture, round(degrees) // 90), expected)


@pytest.mark.parametrize("degrees", (0, 90, 180, 270))
@pytest.mark.parametrize("name", ("yuv420p", "yuv422p", "yuv444p10le", "yuv440p", "yuv411p", "gbrp", "gray", "yuva420p"))
def test_turned_planes_are_turned_pictures(name: str, degrees: int) -> None:
    samples = noise(layout_of(name), (48, 64), ColourTags(1, 1, 0 if name == "gbrp" else 1, True))
    new = turned_planes(samples, degrees)
    for old, made in zip(samples.planes, new.planes, strict=True):
        if old.shape == made.shape or old.shape == made.shape[::-1]:
            assert np.array_equal(made, np.rot90(old, degrees // 90))
    sideways = degrees % 180 == 90 and name in ("yuv422p", "yuv440p", "yuv411p")
    assert new.layout.block == ((1, 1) if sideways else samples.layout.block)
    seen = np.rot90(makers.in_time(samples).rgb, degrees // 90)
    assert np.abs(makers.in_time(new).rgb.astype(int) - seen).max() <= 3


@pytest.mark.parametrize("degrees", (90, 180, 270))
def test_odd_sizes_are_turned_without_a_shift_of_chroma(degrees: int) -> None:
    samples = smooth((161, 97))
    new = turned_planes(samples, degrees)
    assert new.layout == layout_of("yuv444p")
    seen = np.rot90(makers.in_time(samples).rgb, degrees // 90)
    assert np.abs(makers.in_time(new).rgb.astype(int) - seen).max() <= 5


@pytest.mark.parametrize("size", ((48, 64), (48, 63)))
def test_mirrored_planes_are_mirrored_pictures(size: tuple[int, int]) -> None:
    samples = smooth(size)
    made = mirrored(samples)
    assert np.array_equal(made.planes[0], samples.planes[0][:, ::-1])
    seen = makers.in_time(samples).rgb[:, ::-1]
    assert np.abs(makers.in_time(made).rgb.astype(int) - seen).max() <= 3
