"""The sizes of a photo at the scales of a painting."""

from __future__ import annotations

import pytest

from portrait_nst.planning import frame_sizes


@pytest.mark.parametrize(
    "height, width, longest, fractions, expected",
    [
        (3000, 4000, 512, (0.25, 0.5, 1.0), [(96, 128), (192, 256), (384, 512)]),
        (4000, 3000, 512, (1.0,), [(512, 384)]),
        (300, 400, 512, (0.5, 1.0), [(150, 200), (300, 400)]),  # never enlarged
        (1001, 667, 1001, (1.0,), [(1001, 667)]),  # full size is exactly the photo's
        (1000, 100, 512, (0.25, 0.5, 1.0), [(512, 51)]),  # 13 and 26 pixels wide are too few
        (1000, 100, 1000, (0.25, 0.5, 1.0), [(500, 50), (1000, 100)]),
        (2000, 20, 512, (0.25, 0.5, 1.0), [(512, 5)]),  # the last one stays
        (100_000, 1, 512, (0.5, 1.0), [(512, 1)]),
        (1, 1, 512, (0.25, 1.0), [(1, 1)]),
        (33, 33, 512, (0.98, 0.99, 1.0), [(32, 32), (33, 33)]),  # no size twice
    ],
)
def test_frame_sizes(
    height: int, width: int, longest: int, fractions: tuple[float, ...], expected: list[tuple[int, int]]
) -> None:
    assert frame_sizes(height, width, longest, fractions) == expected


@pytest.mark.parametrize("size", [(97, 131), (480, 640), (1080, 1920), (3456, 2304), (4032, 3024)])
def test_full_size_is_exactly_the_photos(size: tuple[int, int]) -> None:
    assert frame_sizes(size[0], size[1], max(size), (0.25, 0.5, 0.71, 1.0))[-1] == size
