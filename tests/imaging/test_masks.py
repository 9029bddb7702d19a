"""Masks that users give: any picture, any size, exact where they are sure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from portrait_nst.errors import InputError, MaskError
from portrait_nst.imaging import load_mask
from portrait_nst.types import UInt8Array
from tests.imaging.files import icc, picture


def write(tmp_path: Path, pixels: UInt8Array, name: str = "mask.png", **options: Any) -> Path:
    path = tmp_path / name
    Image.fromarray(pixels).save(path, **options)
    return path


def disc(height: int = 60, width: int = 80) -> UInt8Array:
    y, x = np.mgrid[0:height, 0:width]
    return np.asarray((((x - width / 2) / width) ** 2 + ((y - height / 2) / height) ** 2) < 0.1, np.uint8) * np.uint8(
        255
    )


def test_grey_at_its_own_size_is_exact(tmp_path: Path) -> None:
    grey = picture()[..., 0]
    mask = load_mask(write(tmp_path, grey), (40, 50))
    assert mask.dtype == np.float32
    assert np.array_equal(mask, grey.astype(np.float32) / np.float32(255))


def test_a_profile_does_not_bend_it(tmp_path: Path) -> None:
    grey = picture()[..., 0]
    mask = load_mask(write(tmp_path, grey, icc_profile=icc(b"GRAY", 1.8)), (40, 50))
    assert np.array_equal(mask, grey.astype(np.float32) / np.float32(255))


def test_16_bits_are_respected(tmp_path: Path) -> None:
    values = np.arange(600, dtype=np.uint16).reshape(20, 30) * 100
    cv2.imwrite(str(tmp_path / "m.png"), values)
    assert np.allclose(load_mask(tmp_path / "m.png", (20, 30)), values / 65535, atol=1e-7)


@pytest.mark.parametrize("size", [(240, 320), (30, 40), (13, 17), (61, 81), (97, 128)])
def test_any_size_keeps_what_is_sure(tmp_path: Path, size: tuple[int, int]) -> None:
    mask = load_mask(write(tmp_path, disc()), size)
    assert mask.shape == size and mask.min() == 0 and mask.max() == 1
    # Compare with the nearest pixel: wherever a wide neighbourhood agrees, the value must be exact.
    wide = np.ones((13, 13), np.uint8)
    sure_in = cv2.resize(cv2.erode(disc(), wide), size[::-1], interpolation=cv2.INTER_NEAREST) == 255
    sure_out = cv2.resize(cv2.dilate(disc(), wide), size[::-1], interpolation=cv2.INTER_NEAREST) == 0
    assert sure_in.sum() > 5 and sure_out.sum() > 5
    assert (mask[sure_in] == 1).all() and (mask[sure_out] == 0).all()
    assert mask.mean() == pytest.approx(disc().mean() / 255, abs=0.02)


@pytest.mark.parametrize("size", [(200, 150), (240, 40), (64, 80)])
def test_other_proportions_are_refused_whatever_the_scale(tmp_path: Path, size: tuple[int, int]) -> None:
    path = write(tmp_path, disc())
    with pytest.raises(
        InputError, match=rf"mask\.png is 80x60, the photo {size[1]}x{size[0]}: .*same proportions.*Make it"
    ):
        load_mask(path, size)
    with pytest.raises(InputError, match=r"the painting \d+x\d+"):
        load_mask(path, size, of="the painting")


def test_rgb_is_taken_by_luma(tmp_path: Path) -> None:
    pixels = np.zeros((20, 30, 3), np.uint8)
    pixels[:, :10], pixels[:, 10:20], pixels[:, 20:] = (255, 0, 0), (255, 255, 255), (0, 0, 0)
    mask = load_mask(write(tmp_path, pixels), (20, 30))
    assert mask[0, 5] == pytest.approx(0.299, abs=1e-6) and mask[0, 15] == 1 and mask[0, 25] == 0


@pytest.mark.parametrize("shade", [0, 255])
def test_alpha_of_a_plain_picture(tmp_path: Path, shade: int) -> None:
    pixels = np.dstack([np.full((60, 80, 3), shade, np.uint8), disc()])
    assert np.array_equal(load_mask(write(tmp_path, pixels), (60, 80)), disc() / np.float32(255))


def test_alpha_of_a_cut_out_photo(tmp_path: Path) -> None:
    pixels = np.dstack([picture(60, 80), disc()])
    assert np.array_equal(load_mask(write(tmp_path, pixels), (60, 80)), disc() / np.float32(255))


def test_grey_with_alpha_is_their_product(tmp_path: Path) -> None:
    grey = picture(60, 80)[..., :1]
    pixels = np.dstack([grey, grey, grey, disc()])
    mask = load_mask(write(tmp_path, pixels), (60, 80))
    assert np.allclose(mask, (grey[..., 0] / 255) * (disc() / 255), atol=1e-6)


def test_orientation_is_applied(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    mask = load_mask(write(tmp_path, picture()[..., 0], exif=exif.tobytes()), (50, 40))
    assert np.array_equal(mask, np.rot90(picture()[..., 0], -1) / np.float32(255))


def test_one_pixel_is_a_mask_too(tmp_path: Path) -> None:
    assert (load_mask(write(tmp_path, np.full((1, 1), 255, np.uint8)), (9, 7)) == 1).all()


def test_black_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MaskError, match=r"mask\.png is black everywhere"):
        load_mask(write(tmp_path, np.zeros((20, 20), np.uint8)), (40, 40))


def test_bad_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        load_mask(tmp_path / "none.png", (4, 4))
