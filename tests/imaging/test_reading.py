"""Every kind of file that is read, against pixels known beforehand."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from portrait_nst.imaging import load
from portrait_nst.types import UInt8Array
from tests.imaging.files import P3_TO_XYZ, SRGB_TO_XYZ, icc, picture, png, png_chunk


def write(tmp_path: Path, image: Image.Image | NDArray[Any], name: str, **options: Any) -> Path:
    path = tmp_path / name
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(path, **options)
    return path


@pytest.mark.parametrize(
    ("name", "tolerance"), [("a.jpg", 8), ("a.png", 0), ("a.webp", 12), ("a.tif", 0), ("a.bmp", 0), ("ä b'\n😀.png", 0)]
)
def test_formats(tmp_path: Path, name: str, tolerance: int) -> None:
    path = write(tmp_path, picture(), name, quality=95)
    photo = load(path)
    assert np.abs(photo.rgb.astype(int) - picture()).max() <= tolerance
    assert photo.alpha is None and photo.path == path
    assert photo.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert photo.rgb.flags.c_contiguous and photo.rgb.flags.writeable


def test_the_suffix_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "really-a-png.jpg"
    Image.fromarray(picture()).save(path, "PNG")
    assert np.array_equal(load(str(path)).rgb, picture())


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.webp"])
def test_alpha_is_kept(tmp_path: Path, name: str) -> None:
    rgba = picture(channels=4)
    photo = load(write(tmp_path, rgba, name, lossless=True, exact=True))
    assert photo.alpha is not None and np.array_equal(photo.alpha, rgba[..., 3])
    assert np.array_equal(photo.rgb, rgba[..., :3])


def test_alpha_that_hides_nothing_is_none(tmp_path: Path) -> None:
    assert load(write(tmp_path, np.dstack([picture(), np.full((40, 50), 255, np.uint8)]), "a.png")).alpha is None


def test_grey_with_alpha(tmp_path: Path) -> None:
    two = picture()[..., :2]
    photo = load(write(tmp_path, Image.fromarray(np.ascontiguousarray(two), "LA"), "a.png"))
    assert np.array_equal(photo.rgb, np.repeat(two[..., :1], 3, -1))
    assert photo.alpha is not None and np.array_equal(photo.alpha, two[..., 1])


def test_grey_and_one_bit(tmp_path: Path) -> None:
    grey = picture()[..., 0]
    assert np.array_equal(load(write(tmp_path, grey, "a.jpg", quality=100)).rgb.std(axis=2), np.zeros(grey.shape))
    assert np.array_equal(load(write(tmp_path, grey, "a.png")).rgb, np.repeat(grey[..., None], 3, -1))
    bits = grey > 100
    photo = load(write(tmp_path, Image.fromarray(bits), "b.png"))
    assert np.array_equal(photo.rgb, np.repeat(bits[..., None] * np.uint8(255), 3, -1))


def test_palette_with_transparency(tmp_path: Path) -> None:
    index = (np.arange(20 * 30).reshape(20, 30) % 3).astype(np.uint8)
    palette = np.array([[255, 0, 0], [0, 200, 0], [10, 20, 30]], np.uint8)
    extra = png_chunk(b"PLTE", palette.tobytes()) + png_chunk(b"tRNS", bytes([255, 0, 128]))
    path = tmp_path / "p.png"
    path.write_bytes(png(30, 20, 8, 3, [row.tobytes() for row in index], extra))
    photo = load(path)
    assert np.array_equal(photo.rgb, palette[index])
    assert photo.alpha is not None and np.array_equal(photo.alpha, np.array([255, 0, 128], np.uint8)[index])


@pytest.mark.parametrize("colour_type", [0, 2])
def test_one_transparent_colour(tmp_path: Path, colour_type: int) -> None:
    pixels = picture(20, 30, 3 if colour_type == 2 else 1)
    key = pixels[4, 7]
    extra = png_chunk(b"tRNS", b"".join(b"\0" + bytes([value]) for value in key))
    path = tmp_path / "t.png"
    path.write_bytes(png(30, 20, 8, colour_type, [row.tobytes() for row in pixels], extra))
    photo = load(path)
    assert np.array_equal(photo.rgb, np.broadcast_to(pixels, (20, 30, 3)))
    assert np.array_equal(photo.alpha == 0, (pixels == key).all(-1))


@pytest.mark.parametrize("name", ["c.jpg", "c.tif"])
def test_cmyk(tmp_path: Path, name: str) -> None:
    """No ink is white and all ink is black: Adobe's inverted JPEGs have it the other way round in the file."""
    ink = np.zeros((32, 64, 4), np.uint8)
    ink[:, 16:32, 3], ink[:, 32:48, 0], ink[:, 48:, 1:3] = 255, 255, 255
    rgb = load(write(tmp_path, Image.fromarray(ink, "CMYK"), name, quality=100)).rgb.astype(int)
    for column, expected in ((8, (255, 255, 255)), (24, (0, 0, 0)), (40, (0, 255, 255)), (56, (255, 0, 0))):
        assert np.abs(rgb[16, column] - expected).max() <= 6, column


def deep(channels: int, seed: int = 3) -> NDArray[np.uint16]:
    return np.random.default_rng(seed).integers(0, 65536, (20, 30, channels), np.uint16)


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_16_bit_is_scaled_and_rounded(tmp_path: Path, suffix: str, channels: int) -> None:
    values = deep(channels)
    path = tmp_path / f"deep{suffix}"
    path.write_bytes(
        cv2.imencode(suffix, values[..., [2, 1, 0, 3][:channels]] if channels > 1 else values)[1].tobytes()
    )
    photo = load(path)
    expected = np.rint(values / 257).astype(np.uint8)
    assert np.array_equal(photo.rgb, np.broadcast_to(expected[..., :3], (20, 30, 3)))
    if channels == 4:
        assert photo.alpha is not None and np.array_equal(photo.alpha, expected[..., 3])
    else:
        assert photo.alpha is None


def test_16_bit_grey_with_alpha(tmp_path: Path) -> None:
    values = deep(2)
    path = tmp_path / "la.png"
    path.write_bytes(png(30, 20, 16, 4, [row.astype(">u2").tobytes() for row in values]))
    photo = load(path)
    assert np.array_equal(photo.rgb[..., 1], np.rint(values[..., 0] / 257))
    assert photo.alpha is not None and np.array_equal(photo.alpha, np.rint(values[..., 1] / 257))


def test_16_bit_grey_with_white_as_zero(tmp_path: Path) -> None:
    values = deep(1)[..., 0]
    path = write(tmp_path, values, "inverted.tif", tiffinfo={262: 0})
    assert np.array_equal(load(path).rgb[..., 0], np.rint((65535 - values.astype(int)) / 257))


@pytest.mark.parametrize("white", [1, 255, 65535])
def test_float_grey_tiff(tmp_path: Path, white: int) -> None:
    values = np.linspace(0, 1, 600, dtype=np.float32).reshape(20, 30)
    photo = load(write(tmp_path, Image.fromarray(values * np.float32(white)), "f.tif"))
    assert np.abs(photo.rgb[..., 0] - values * 255).max() <= 0.51


def test_float_rgb_tiff(tmp_path: Path) -> None:
    values = np.random.default_rng(0).random((20, 30, 3), np.float32)
    path = tmp_path / "f.tif"
    # Uncompressed: OpenCV 4 would choose LogLuv, which rounds.
    path.write_bytes(cv2.imencode(".tiff", values[..., ::-1], [cv2.IMWRITE_TIFF_COMPRESSION, 1])[1].tobytes())
    assert np.array_equal(load(path).rgb, np.rint(values * 255))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["o.jpg", "o.png", "o.tif", "o.webp"])
def test_orientation_is_applied_once(tmp_path: Path, orientation: int, name: str) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "Acme"
    path = write(tmp_path, picture(channels=3), name, exif=exif.tobytes(), quality=100, lossless=True)
    photo = load(path)
    with Image.open(path) as image:
        expected = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    assert np.array_equal(photo.rgb, expected)
    if orientation == 6:  # the phone held upright: turn the stored rows clockwise
        assert np.abs(photo.rgb.astype(int) - np.rot90(picture(), -1)).max() <= 6
    kept = Image.Exif()
    assert photo.exif is not None
    kept.load(photo.exif)
    assert 0x0112 not in kept and kept[0x010F] == "Acme"


def test_alpha_turns_with_the_picture(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 8
    photo = load(write(tmp_path, picture(channels=4), "a.png", exif=exif.tobytes()))
    assert photo.alpha is not None and np.array_equal(photo.alpha, np.rot90(picture(channels=4)[..., 3]))


def by_matrix(rgb: UInt8Array, gamma: float, primaries: NDArray[np.float64]) -> NDArray[np.float64]:
    """Encoded colours of a matrix profile as sRGB, float64."""
    linear = (rgb / 255.0) ** gamma @ (np.linalg.inv(SRGB_TO_XYZ) @ primaries).T
    linear = np.clip(linear, 0, 1)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("name", ["p3.png", "p3.tif", "p3.jpg"])
def test_a_wide_profile_is_converted(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, picture(), name, icc_profile=icc(), quality=100, subsampling=0)
    with Image.open(path) as image:
        stored = np.asarray(image)
    rgb = load(path).rgb
    assert np.abs(rgb - by_matrix(stored, 2.2, P3_TO_XYZ)).max() <= 2
    assert np.abs(rgb.astype(int) - stored).max() > 20  # or there would have been nothing to convert


def test_alpha_survives_conversion(tmp_path: Path) -> None:
    rgba = picture(channels=4)
    photo = load(write(tmp_path, rgba, "p3.png", icc_profile=icc()))
    assert photo.alpha is not None and np.array_equal(photo.alpha, rgba[..., 3])
    assert np.abs(photo.rgb - by_matrix(rgba[..., :3], 2.2, P3_TO_XYZ)).max() <= 2


def test_a_grey_profile_is_converted(tmp_path: Path) -> None:
    grey = picture()[..., 0]
    rgb = load(write(tmp_path, grey, "g.png", icc_profile=icc(b"GRAY", 1.8))).rgb
    assert np.abs(rgb[..., 1] - by_matrix(np.repeat(grey[..., None], 3, -1), 1.8, SRGB_TO_XYZ)[..., 1]).max() <= 2
    assert np.abs(rgb[..., 1].astype(int) - grey).max() > 8  # or there would have been nothing to convert


def test_an_srgb_profile_changes_no_byte(tmp_path: Path) -> None:
    everything = np.stack(np.meshgrid(*[np.arange(0, 256, 5, dtype=np.uint8)] * 3), -1).reshape(52, -1, 3)
    # Littlecms' own, and one like the camera makers', which a conversion would bring back with other last digits.
    own = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (own, icc(gamma=None, primaries=SRGB_TO_XYZ)):
        assert np.array_equal(load(write(tmp_path, everything, "s.png", icc_profile=profile)).rgb, everything)


@pytest.mark.parametrize("profile", [b"not a profile", icc()[:200], icc(b"GRAY"), icc()[:128] + bytes(400)])
def test_a_profile_that_makes_no_sense_is_ignored(tmp_path: Path, profile: bytes) -> None:
    assert np.array_equal(load(write(tmp_path, picture(), "b.png", icc_profile=profile)).rgb, picture())


def test_the_first_frame_of_an_animation(tmp_path: Path) -> None:
    frames = [Image.fromarray(picture(seed=seed)).quantize(200) for seed in (0, 30)]
    first = np.asarray(frames[0].convert("RGB"))
    for name in ("a.gif", "a.webp", "a.png"):
        options = {"lossless": True} if name == "a.webp" else {}
        path = write(tmp_path, frames[0], name, save_all=True, append_images=frames[1:], **options)
        assert np.array_equal(load(path).rgb, first), name


def test_a_damaged_exif_block_does_not_cost_the_picture(tmp_path: Path) -> None:
    path = write(tmp_path, picture(), "e.jpg", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12\0\3garbage")
    assert load(path).rgb.shape == (40, 50, 3)


def test_bytes_from_a_pipe() -> None:
    from portrait_nst.imaging import decode

    file = io.BytesIO()
    Image.fromarray(picture()).save(file, "PNG")
    photo = decode(file.getvalue(), "standard input")
    assert np.array_equal(photo.rgb, picture()) and photo.path is None
