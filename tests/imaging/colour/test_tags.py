"""Colours that a file states without an ICC profile are obeyed, in the order that its format lays down."""

from __future__ import annotations

import io
import struct
import zlib

import imagecodecs
import numpy as np
import pillow_heif
import pytest
from PIL import Image

from portrait_nst.imaging import decode
from portrait_nst.imaging.colour.profiles import EXACT, srgb_profile
from portrait_nst.types import Photo
from tests.imaging.colours import (
    ADOBE,
    BT2020,
    D65,
    P3,
    SRGB,
    Curve,
    as_srgb,
    hlg_decode,
    power,
    pq_decode,
    srgb_decode,
)
from tests.imaging.files import icc, picture, png_chunk


def gama(value: float) -> bytes:
    return png_chunk(b"gAMA", struct.pack(">I", round(value * 100000)))


def chrm(primaries: tuple[float, ...], white: tuple[float, float] = D65) -> bytes:
    return png_chunk(b"cHRM", struct.pack(">8I", *(round(value * 100000) for value in (*white, *primaries))))


def cicp(primaries: int, transfer: int, matrix: int = 0, full: int = 1) -> bytes:
    return png_chunk(b"cICP", bytes([primaries, transfer, matrix, full]))


SRGB_CHUNK = png_chunk(b"sRGB", b"\0")
ADOBE_ICCP = png_chunk(b"iCCP", b"x\0\0" + zlib.compress(icc()))


def photo_of(chunks: bytes, *, grey: bool = False, deep: bool = False) -> Photo:
    pixels = picture()[..., 0] if grey else picture()
    if deep:
        data = bytes(imagecodecs.png_encode(pixels.astype(np.uint16) * 257))
    else:
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        data = file.getvalue()
    return decode(data[:33] + chunks + data[33:], "a photo")


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize(
    ("chunks", "primaries", "curve"),
    [
        (gama(1 / 1.8), SRGB, power(1.8)),
        (gama(1.0), SRGB, power(1.0)),
        (chrm(ADOBE) + gama(1 / 2.2), ADOBE, srgb_decode),  # 45455 stands for sRGB's curve
        (chrm(ADOBE) + gama(0.5), ADOBE, power(2.0)),
        (cicp(12, 13), P3, srgb_decode),
        (cicp(9, 13), BT2020, srgb_decode),
        (cicp(12, 8), P3, power(1.0)),
        (cicp(9, 16), BT2020, pq_decode),
        (cicp(9, 18), BT2020, hlg_decode),
        (cicp(1, 4), SRGB, power(2.2)),
        (cicp(12, 13) + ADOBE_ICCP + SRGB_CHUNK + gama(1.0), P3, srgb_decode),
        (ADOBE_ICCP + SRGB_CHUNK + gama(1.0), None, None),
    ],
)
def test_they_are_obeyed_in_order(
    chunks: bytes, primaries: tuple[float, ...] | None, curve: Curve | None, deep: bool
) -> None:
    photo = photo_of(chunks, deep=deep)
    stored = picture().astype(np.uint16) * 257 if deep else picture()
    assert photo.native is not None and np.array_equal(photo.native.values, stored)
    if primaries is None or curve is None:
        assert photo.native.profile == icc()
    else:
        assert photo.native.profile is not None
        assert np.abs(photo.rgb - as_srgb(picture(), 8, primaries, curve)).max() <= 1


@pytest.mark.parametrize(
    "chunks",
    [
        gama(0.45455),
        chrm(SRGB) + gama(0.45455),
        SRGB_CHUNK + gama(1.0) + chrm(ADOBE),
        chrm(ADOBE),
        cicp(1, 13) + gama(1.0),
        cicp(1, 1),
        cicp(2, 2),
        cicp(12, 13, matrix=1),
        gama(0),
    ],
)
def test_what_means_srgb_changes_nothing(chunks: bytes) -> None:
    photo = photo_of(chunks)
    assert np.array_equal(photo.rgb, picture()) and photo.native is None and photo.notes == ()


def test_primaries_that_make_no_sense_are_noted() -> None:
    photo = photo_of(chrm((0.0,) * 6, (0.0, 0.0)) + gama(0.5))
    assert np.array_equal(photo.rgb, picture()) and photo.native is None
    assert len(photo.notes) == 1 and "ignored" in photo.notes[0]


def test_grey_has_a_curve_only() -> None:
    photo = photo_of(gama(1 / 1.8), grey=True)
    assert photo.native is not None and photo.native.values.shape == (40, 50, 1)
    assert np.abs(photo.rgb - as_srgb(picture()[..., [0, 0, 0]], 8, SRGB, power(1.8))).max() <= 1
    assert np.array_equal(photo_of(gama(0.45455) + chrm(ADOBE), grey=True).rgb, picture()[..., [0, 0, 0]])


@pytest.mark.parametrize(("transfer", "code"), [(16, 0.5807), (18, 0.7500)])
def test_white_is_painted_at_203_nits(transfer: int, code: float) -> None:
    """The profile's inverse gives white the code of a page, not that of the brightest light."""
    photo = photo_of(cicp(9, transfer), deep=True)
    assert photo.native is not None and photo.native.profile is not None and "HDR" in photo.notes[0]
    levels = np.repeat(np.array([[255], [128], [20]], np.uint8)[..., None], 3, axis=2)
    for source in (levels, levels.astype(np.uint16) * 257):
        codes = imagecodecs.cms_transform(
            source,
            srgb_profile(),
            photo.native.profile,
            colorspace="rgb",
            outcolorspace="rgb",
            outdtype="u2",
            flags=EXACT,
        )
        assert codes[0, 0] / 65535 == pytest.approx(code, abs=0.003)
        assert np.abs(as_srgb(codes, 16, BT2020, pq_decode if transfer == 16 else hlg_decode) - levels).max() <= 1


@pytest.mark.parametrize("kind", ["HEIC", "AVIF"])
@pytest.mark.parametrize(
    ("primaries", "transfer", "known", "curve"),
    [(12, 13, P3, srgb_decode), (9, 16, BT2020, pq_decode), (1, 13, None, None), (1, 1, None, None)],
)
def test_nclx(kind: str, primaries: int, transfer: int, known: tuple[float, ...] | None, curve: Curve | None) -> None:
    if kind == "HEIC":
        file = io.BytesIO()
        options = {"quality": -1, "chroma": 444, "matrix_coefficients": 0}
        options |= {"color_primaries": primaries, "transfer_characteristics": transfer}
        pillow_heif.encode("RGB", (50, 40), picture().tobytes(), file, **options)
        data = file.getvalue()
    else:
        data = bytes(
            imagecodecs.avif_encode(picture(), level=100, bitspersample=8, primaries=primaries, transfer=transfer)
        )
    photo = decode(data, "a photo")
    if known is None or curve is None:
        assert photo.native is None and np.abs(photo.rgb.astype(int) - picture()).max() <= 1
    else:
        assert photo.native is not None and np.abs(photo.native.values.astype(int) - picture()).max() <= 1
        assert np.abs(photo.rgb - as_srgb(photo.native.values, 8, known, curve)).max() <= 1


def test_the_same_file_gives_the_same_profile() -> None:
    first, second = (photo_of(cicp(12, 13)).native for _ in range(2))
    assert first is not None and second is not None and first.profile == second.profile
