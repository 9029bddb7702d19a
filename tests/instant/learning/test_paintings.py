"""Paintings as they are looked at, odd ones too."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.instant.learning.paintings import KEPT, LONGEST, NARROWEST, LearnPainting
from portrait_nst.types import Photo


def painting(height: int, width: int) -> LearnPainting:
    rgb = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return LearnPainting(rgb)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((900, 1200), (384, 512)),
        ((300, 400), (300, 400)),  # it is not enlarged
        ((16, 16), (NARROWEST, NARROWEST)),
        ((16, 5000), (NARROWEST, LONGEST * 512)),
        ((1, 5000), (NARROWEST, LONGEST * 512)),
        ((5000, 100), (799, NARROWEST)),
    ],
)
def test_the_size_at_which_a_painting_is_looked_at(size: tuple[int, int], expected: tuple[int, int]) -> None:
    picture, guide = painting(*size).tensors(512)
    assert picture.shape == (1, 3, *expected)
    assert guide.shape == (1, *expected)
    assert float(picture.min()) >= 0 and float(picture.max()) <= 1 and float(guide.min()) == 1


def test_a_small_painting_is_continued_by_its_mirror_image() -> None:
    own = painting(16, 20)
    picture, _ = own.tensors(512)
    pixels = np.rint(picture[0].permute(1, 2, 0).numpy() * 255).astype(np.uint8)
    assert (pixels[:16, :20] == own.rgb).all()
    assert (pixels[16:32, :20] == own.rgb[::-1]).all()
    assert (pixels[:16, 20:40] == own.rgb[:, ::-1]).all()


def test_no_more_of_a_large_painting_is_kept_than_can_be_looked_at() -> None:
    rgb = np.zeros((3000, 6000, 3), np.uint8)
    own, same, other = LearnPainting(rgb, np.ones((3000, 6000), np.float32)), LearnPainting(rgb), LearnPainting(rgb + 1)
    assert own.rgb.shape == (KEPT // 2, KEPT, 3) and own.mask is not None and own.mask.shape == (KEPT // 2, KEPT)
    assert own.sha256 == same.sha256 != other.sha256


def test_what_decides_what_is_learned_is_in_the_key() -> None:
    photo = Photo(painting(20, 20).rgb, sha256="ab")
    mask = np.ones((20, 20), np.float32)
    keys = [LearnPainting.of(photo), LearnPainting.of(photo, mask), LearnPainting.of(photo, weight=2), painting(20, 20)]
    assert len({own.key for own in keys}) == 4
    assert LearnPainting.of(photo).described.sha256 == "ab"
