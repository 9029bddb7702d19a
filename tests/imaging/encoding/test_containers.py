"""The photo's own samples in files of every format: what went in comes out, in every reader."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import imagecodecs
import numpy as np
import pillow_heif
import pytest
import tifffile
from PIL import Image

from portrait_nst.errors import InputError
from portrait_nst.imaging import encode, lost_in, read_recipe, save
from portrait_nst.imaging.colour.depth import as_codes, with_bits
from portrait_nst.imaging.colour.grey_profiles import curve_of_grey, srgb_grey_profile
from portrait_nst.imaging.colour.profiles import srgb_profile
from portrait_nst.imaging.formats import DEPTHS, FORMATS
from portrait_nst.types import Photo, Samples
from tests.imaging.spaces import GREY_18, P3, PROPHOTO, SPACES, photo_in

pillow_heif.register_heif_opener()
SIZE = (30, 44)
LOSSLESS = (".png", ".tif", ".avif", ".heic")
RECIPE = {"style": "köln.png", "seed": 7, "long": "x" * 3000}


def profile_in(data: bytes) -> bytes | None:
    with Image.open(io.BytesIO(data)) as image:
        found = image.info.get("icc_profile")
        return found if found is None else bytes(found)


def samples_in(data: bytes, suffix: str, bits: int) -> np.ndarray:
    """(H, W[, channels]): the codes in a file, by a decoder that knows their depth."""
    if suffix == ".png":
        return np.asarray(imagecodecs.png_decode(data))
    if suffix == ".tif":
        return np.asarray(tifffile.imread(io.BytesIO(data)))
    if suffix == ".avif":
        return np.asarray(imagecodecs.avif_decode(data))
    codes = np.asarray(pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=False))
    return codes if bits == 8 else codes >> (16 - bits)


def held(own: Samples, suffix: str) -> tuple[np.ndarray, int]:
    """The codes that a file should have, with all bits that it can hold, and their number."""
    depths = DEPTHS[FORMATS[suffix]]
    bits = min([b for b in depths if b >= own.bits] or [max(depths)])
    white = 2**own.bits - 1
    values = own.values if own.alpha is None else np.dstack([own.values, own.alpha])
    return np.rint(values.astype(np.float64) * (2**bits - 1) / white).astype(int).squeeze(), bits


def test_a_png_of_a_drawing_is_small_and_one_of_a_photograph_quick() -> None:
    """Repeated dots are found in a drawing; a photograph, which has none, is not searched for them, and is hardly larger."""
    dots = np.zeros((300, 300, 3), np.uint8)
    dots[4::20, 4::20] = dots[5::20, 4::20] = 255
    with Image.open("samples/astronaut.jpg") as image:
        photograph = np.asarray(image.convert("RGB"))
    for rgb in (dots, photograph):
        data, by_pillow = encode(Photo(rgb), ".png"), io.BytesIO()
        Image.fromarray(rgb).save(by_pillow, "PNG", icc_profile=srgb_profile())
        assert len(data) < 1.03 * len(by_pillow.getvalue())
        with Image.open(io.BytesIO(data)) as image:
            assert np.array_equal(np.asarray(image), rgb)


@pytest.mark.parametrize("suffix", LOSSLESS)
@pytest.mark.parametrize(
    ("space", "alpha"),
    [*((space, False) for space in SPACES), *((space, True) for space in ("P3", "P3 10", "ProPhoto 16", "grey 16"))],
)
def test_every_sample_comes_back(space: str, alpha: bool, suffix: str) -> None:
    photo = photo_in(space, SIZE, alpha=alpha)
    own = photo.native
    assert own is not None
    data = encode(photo, suffix)
    wanted, bits = held(own, suffix)
    found = samples_in(data, suffix, bits)
    if own.values.shape[2] == 1 and (found.ndim == 3 and found.shape[2] > 2):  # no grey in this kind of file
        wanted = np.dstack([wanted] if wanted.ndim == 2 else [wanted[..., :1], wanted[..., 1:]])
        wanted = np.concatenate([np.repeat(wanted[..., :1], 3, -1), wanted[..., 1:]], -1)
        expected = curve_of_grey(own.profile)
    else:
        grey = own.values.shape[2] == 1
        expected = own.profile or (srgb_grey_profile() if grey else srgb_profile())
    assert np.array_equal(found, wanted)
    assert profile_in(data) == expected
    assert data == encode(photo, suffix)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("space", ["P3", "ProPhoto 16", "P3 10", "grey 16"])
def test_the_recipe_and_the_camera_come_back(space: str, suffix: str, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x8769] = "Camera", {0x829A: 0.5}
    photo = photo_in(space, SIZE)
    path = save(photo, tmp_path / f"out{suffix}", recipe=RECIPE, exif=exif.tobytes())
    assert read_recipe(path) == RECIPE
    with Image.open(path) as image:
        assert image.size == SIZE[::-1]
        assert image.getexif()[0x010F] == "Camera" and image.getexif().get_ifd(0x8769)[0x829A] == 0.5


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_deep_files_open_in_pillow_and_opencv(suffix: str, alpha: bool) -> None:
    photo = photo_in("ProPhoto 16", SIZE, alpha=alpha)
    assert photo.native is not None
    data = encode(photo, suffix, recipe=RECIPE)
    with Image.open(io.BytesIO(data)) as image:
        assert image.mode == ("RGBA" if alpha else "RGB")
        high = np.asarray(image)[..., :3]
    assert np.abs(high.astype(int) - photo.native.values / 257).max() < 1
    other = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert other is not None and np.array_equal(other[..., 2::-1], photo.native.values)


@pytest.mark.parametrize("suffix", [".jpg", ".webp"])
def test_eight_bits_are_written_with_the_photos_profile_and_said(suffix: str) -> None:
    smooth = np.linspace(0, 65535, SIZE[0] * SIZE[1] * 3).reshape(*SIZE, 3).astype(np.uint16)
    photo = Photo(np.zeros((*SIZE, 3), np.uint8), native=Samples(smooth, 16, PROPHOTO))
    data = encode(photo, suffix)
    assert profile_in(data) == PROPHOTO
    with Image.open(io.BytesIO(data)) as image:
        assert np.abs(np.asarray(image.convert("RGB")) - smooth / 257).mean() < 2
    (note,) = lost_in(photo, suffix)
    assert f"{suffix} holds 8 bits a channel, the photo has 16" in note and ".png .tif .tiff" in note
    assert lost_in(photo, ".tif") == lost_in(photo, suffix, profile="srgb") == ()


def test_more_bits_than_avif_and_heic_hold_are_said() -> None:
    deep, phone = photo_in("ProPhoto 16", SIZE), photo_in("P3 10", SIZE)
    assert ["holds 12 bits" in note for note in (*lost_in(deep, ".avif"), *lost_in(deep, ".HEIC"))] == [True, True]
    assert lost_in(phone, ".avif") == lost_in(phone, ".heic") == lost_in(phone, ".png") == ()


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
def test_srgb_is_what_a_photo_without_samples_of_its_own_gets(suffix: str) -> None:
    photo = photo_in("P3 10", SIZE)
    plain = Photo(photo.rgb)
    assert encode(photo, suffix, profile="srgb") == encode(plain, suffix) != encode(photo, suffix)
    with pytest.raises(InputError, match="photo or srgb"):
        encode(photo, suffix, profile="p3")


def test_grey_is_one_channel_where_there_is_one() -> None:
    photo = photo_in("grey gamma 1.8", SIZE)
    for suffix, mode in ((".jpg", "L"), (".png", "L"), (".tif", "L"), (".webp", "RGB"), (".heic", "RGB")):
        data = encode(photo, suffix)
        with Image.open(io.BytesIO(data)) as image:
            assert image.mode == mode
        assert profile_in(data) == (GREY_18 if mode == "L" else curve_of_grey(GREY_18))


@pytest.mark.parametrize("bits", [8, 10, 12])
def test_more_bits_come_back_exactly(bits: int) -> None:
    codes = np.arange(2**bits)
    own = Samples(as_codes(np.repeat(codes[:, None, None], 3, 2), bits), bits, P3, as_codes(codes[:, None], bits))
    assert own.alpha is not None
    deep = with_bits(own, 16)
    assert deep.values.max() == 65535 and np.array_equal(deep.values[:, 0, 0], np.rint(codes * (65535 / (2**bits - 1))))
    back = with_bits(deep, bits)
    assert np.array_equal(back.values, own.values) and back.alpha is not None and np.array_equal(back.alpha, own.alpha)


def test_jpeg_leaves_out_an_alpha_that_is_opaque_in_8_bits() -> None:
    values = np.full((20, 20, 3), 300, np.uint16)
    photo = Photo(np.zeros((20, 20, 3), np.uint8), native=Samples(values, 16, P3, np.full((20, 20), 65534, np.uint16)))
    assert encode(photo, ".jpg")[:2] == b"\xff\xd8"
