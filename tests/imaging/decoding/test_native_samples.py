"""The file's own samples come through reading untouched, and sRGB is computed from their full depth."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pillow_heif
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from portrait_nst.imaging import decode, load
from portrait_nst.types import Photo, Samples
from tests.imaging.colours import ADOBE, D65, P3, SRGB, as_srgb, power, srgb_encode
from tests.imaging.files import SRGB_TO_XYZ, icc, picture, png_chunk

P3_ICC = imagecodecs.cms_profile("rgb", whitepoint=D65, primaries=P3, gamma=2.2)
ADOBE_ICC = imagecodecs.cms_profile("rgb", whitepoint=D65, primaries=ADOBE, gamma=563 / 256)
LINEAR_ICC = imagecodecs.cms_profile("rgb", whitepoint=D65, primaries=SRGB, gamma=1.0)


def file_of(pixels: NDArray[Any], kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def deep(channels: int = 3, bits: int = 16, seed: int = 0) -> NDArray[np.uint16]:
    return np.random.default_rng(seed).integers(0, 2**bits, (24, 36, channels), np.uint16)


def deep_png(values: NDArray[np.uint16], profile: bytes | None = None, before: bytes = b"") -> bytes:
    data = imagecodecs.png_encode(np.ascontiguousarray(values.squeeze()))
    if profile:
        import zlib

        before += png_chunk(b"iCCP", b"x\0\0" + zlib.compress(profile))
    return bytes(data[:33] + before + data[33:])


def native_of(photo: Photo) -> Samples:
    assert photo.native is not None
    return photo.native


@pytest.mark.parametrize(
    ("profile", "primaries", "gamma"), [(P3_ICC, P3, 2.2), (ADOBE_ICC, ADOBE, 563 / 256)], ids=["p3", "adobe"]
)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "JPEG"])
def test_8_bits_of_a_wide_space(kind: str, profile: bytes, primaries: tuple[float, ...], gamma: float) -> None:
    data = file_of(picture(), kind, icc_profile=profile, quality=100, lossless=True)
    stored = np.asarray(Image.open(io.BytesIO(data)))
    photo = decode(data, "a photo")
    native = native_of(photo)
    assert np.array_equal(native.values, stored) and native.bits == 8 and native.profile == profile
    assert np.abs(photo.rgb - as_srgb(stored, 8, primaries, power(gamma))).max() <= 1
    assert photo.notes == ()


def test_srgb_by_any_maker_has_no_native() -> None:
    for profile in (
        None,
        icc(gamma=None, primaries=SRGB_TO_XYZ),
    ):
        photo = decode(file_of(picture(), "PNG", icc_profile=profile), "a photo")
        assert photo.native is None and photo.notes == ()


@pytest.mark.parametrize("gamma", [None, 1.8])
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "JPEG"])
def test_grey_stays_grey(kind: str, gamma: float | None) -> None:
    profile = gamma and imagecodecs.cms_profile("gray", whitepoint=D65, gamma=gamma)
    data = file_of(picture()[..., 0], kind, icc_profile=profile, quality=100)
    stored = np.asarray(Image.open(io.BytesIO(data)))
    photo = decode(data, "a photo")
    native = native_of(photo)
    assert native.values.shape == (40, 50, 1) and np.array_equal(native.values[..., 0], stored)
    assert native.profile == profile
    expected = 255 * srgb_encode((stored / 255) ** gamma) if gamma else stored
    assert np.abs(photo.rgb - expected[..., None]).max() <= (1 if gamma else 0)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("kind", ["png", "tiff"])
def test_16_bits(channels: int, kind: str) -> None:
    values = deep(channels)
    if kind == "png":
        data = deep_png(values)
    else:
        file = io.BytesIO()
        extra = ["unassalpha"] if channels in (2, 4) else None
        tifffile.imwrite(
            file,
            values.squeeze(),
            photometric="rgb" if channels > 2 else "minisblack",
            extrasamples=extra,
            planarconfig="contig" if channels > 1 else None,
        )
        data = file.getvalue()
    photo = decode(data, "a photo")
    native, colours = native_of(photo), 3 if channels > 2 else 1
    assert np.array_equal(native.values, values[..., :colours]) and native.bits == 16 and native.profile is None
    assert np.array_equal(photo.rgb, np.broadcast_to(np.rint(values[..., :colours] / 257), photo.rgb.shape))
    if channels in (2, 4):
        assert native.alpha is not None and np.array_equal(native.alpha, values[..., -1])
        assert photo.alpha is not None and np.array_equal(photo.alpha, np.rint(values[..., -1] / 257))
    else:
        assert native.alpha is None and photo.alpha is None


def test_16_bits_are_converted_from_their_full_depth() -> None:
    """A linear ramp of 16 bits fills the dark levels, of which 8 bits would leave most out."""
    ramp = np.repeat(np.linspace(0, 2000, 24 * 36).astype(np.uint16).reshape(24, 36, 1), 3, axis=2)
    photo = decode(deep_png(ramp, LINEAR_ICC), "a photo")
    assert native_of(photo).profile == LINEAR_ICC
    assert np.abs(photo.rgb - as_srgb(ramp, 16, SRGB, power(1))).max() <= 0.51
    assert len(np.unique(photo.rgb[..., 0])) == int(photo.rgb.max()) + 1
    values = deep()
    photo = decode(deep_png(values, P3_ICC), "a photo")
    assert np.array_equal(native_of(photo).values, values)
    assert np.abs(photo.rgb - as_srgb(values, 16, P3, power(2.2))).max() <= 1


def test_an_opaque_alpha_is_none() -> None:
    values = deep(4)
    values[..., 3] = 65535
    photo = decode(deep_png(values), "a photo")
    assert photo.alpha is None and native_of(photo).alpha is None


def test_one_transparent_colour_of_16_bits() -> None:
    values = deep()
    key = values[3, 5]
    photo = decode(deep_png(values, before=png_chunk(b"tRNS", key.astype(">u2").tobytes())), "a photo")
    clear = (values == key).all(-1)
    assert np.array_equal(photo.alpha == 0, clear) and np.array_equal(native_of(photo).values, values)


@pytest.mark.parametrize("orientation", [3, 5, 6, 8])
def test_they_are_turned_upright(orientation: int) -> None:
    values = deep(4)
    upright = {3: np.rot90(values, 2), 5: values.swapaxes(0, 1), 6: np.rot90(values, -1), 8: np.rot90(values)}
    file = io.BytesIO()
    tifffile.imwrite(
        file, values, photometric="rgb", extrasamples=["unassalpha"], extratags=[(274, 3, 1, orientation, True)]
    )
    native = native_of(decode(file.getvalue(), "a photo"))
    assert np.array_equal(native.values, upright[orientation][..., :3])
    assert native.alpha is not None and np.array_equal(native.alpha, upright[orientation][..., 3])


@pytest.mark.parametrize("profile", [b"not a profile", P3_ICC[:200], imagecodecs.cms_profile("gray", gamma=1.8)])
def test_a_profile_that_makes_no_sense_is_noted(profile: bytes) -> None:
    photo = decode(file_of(picture(), "PNG", icc_profile=profile), "a photo")
    assert np.array_equal(photo.rgb, picture()) and photo.native is None
    assert len(photo.notes) == 1 and "ignored" in photo.notes[0]


def test_cmyk_has_none_and_says_so() -> None:
    file = io.BytesIO()
    Image.fromarray(picture(channels=4), "CMYK").save(file, "TIFF")
    photo = decode(file.getvalue(), "a photo")
    assert photo.native is None and "CMYK" in photo.notes[0] and "RGB" in photo.notes[0]


def test_pil_images_have_them_too() -> None:
    image = Image.fromarray(picture())
    image.info["icc_profile"] = P3_ICC
    native = native_of(decode(image, "the photo"))
    assert np.array_equal(native.values, picture()) and native.profile == P3_ICC
    grey = deep(1)[..., 0]
    native = native_of(decode(Image.fromarray(grey), "the photo"))
    assert np.array_equal(native.values[..., 0], grey) and native.bits == 16


def heic(values: NDArray[Any], mode: str, **options: Any) -> bytes:
    file = io.BytesIO()
    options = {"quality": -1, "chroma": 444, "matrix_coefficients": 0} | options
    pillow_heif.encode(mode, values.shape[1::-1], np.ascontiguousarray(values).tobytes(), file, **options)
    return file.getvalue()


def test_heic_of_8_bits() -> None:
    photo = decode(heic(picture(), "RGB"), "a photo")
    assert np.array_equal(photo.rgb, picture()) and photo.native is None and photo.notes == ()
    native = native_of(
        decode(heic(picture(channels=4), "RGBA", icc_profile=P3_ICC, icc_profile_type="prof"), "a photo")
    )
    assert np.array_equal(native.values, picture()) and native.profile == P3_ICC
    assert native.alpha is not None and np.array_equal(native.alpha, picture(channels=4)[..., 3])
    native = native_of(decode(heic(picture()[..., 0], "L"), "a photo"))
    assert np.array_equal(native.values[..., 0], picture()[..., 0])


@pytest.mark.parametrize("bits", [10, 12])
def test_heic_of_10_and_12_bits(bits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pillow_heif.options, "SAVE_HDR_TO_12_BIT", bits == 12)
    values = deep(bits=bits)
    photo = decode(heic(values << (16 - bits), "RGB;16", icc_profile=P3_ICC, icc_profile_type="prof"), "a photo")
    native = native_of(photo)
    assert np.array_equal(native.values, values) and native.bits == bits and native.profile == P3_ICC
    assert np.abs(photo.rgb - as_srgb(values, bits, P3, power(2.2))).max() <= 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_heic_is_turned_once(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "Acme"
    path = tmp_path / "a.heic"
    pillow_heif.from_pillow(Image.fromarray(picture())).save(
        path, exif=exif.tobytes(), quality=-1, chroma=444, matrix_coefficients=0
    )
    jpeg = decode(file_of(picture(), "PNG", exif=exif.tobytes()), "a photo")
    photo = load(path)
    assert np.array_equal(photo.rgb, jpeg.rgb)
    kept = Image.Exif()
    kept.load(photo.exif or b"")
    assert kept.get(0x010F) == "Acme" and 0x0112 not in kept


def test_heic_of_several_pictures_gives_the_primary_one() -> None:
    file, other = io.BytesIO(), 255 - picture()
    several = pillow_heif.from_pillow(Image.fromarray(picture()))
    several.add_from_pillow(Image.fromarray(other))
    several.save(file, primary_index=1, quality=-1, chroma=444, matrix_coefficients=0)
    assert np.array_equal(decode(file.getvalue(), "a photo").rgb, other)


def avif(values: NDArray[Any], **options: Any) -> bytes:
    return bytes(imagecodecs.avif_encode(values, **options))


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("bits", [10, 12])
def test_avif_of_10_and_12_bits(bits: int, channels: int) -> None:
    values = np.ascontiguousarray(picture(48, 64, 4).astype(np.uint16)[..., :channels] << (bits - 8))
    data = avif(values if channels > 1 else values[..., 0], level=100, bitspersample=bits)
    photo = decode(data, "a photo")
    native, colours = native_of(photo), min(channels, 3)
    assert native.bits == bits and np.array_equal(
        native.values, imagecodecs.avif_decode(data).reshape(48, 64, -1)[..., :colours]
    )
    assert np.abs(native.values.astype(int) - values[..., :colours]).max() <= 2
    assert (native.alpha is not None) == (channels == 4)
    assert np.array_equal(photo.rgb, np.broadcast_to(np.rint(native.values * (255 / (2**bits - 1))), photo.rgb.shape))


@pytest.mark.parametrize("orientation", [1, 3, 6, 7])
def test_avif_is_turned_once(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = file_of(picture(), "AVIF", exif=exif.tobytes(), quality=100, subsampling="4:4:4", icc_profile=P3_ICC)
    native = native_of(decode(data, "a photo"))
    expected = decode(file_of(picture(), "PNG", exif=exif.tobytes()), "a photo").rgb
    assert native.profile == P3_ICC and np.abs(native.values.astype(int) - expected).max() <= 6
