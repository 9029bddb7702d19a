"""Damage that Pillow passes over is seen where a decoder can see it, and what is said of a damaged file is in plain words."""

from __future__ import annotations

import io
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from portrait_nst.errors import InputError
from portrait_nst.imaging import decode
from portrait_nst.imaging.decoding.opening import open_header
from tests.imaging.files import picture, png_chunk

NOISE = np.random.default_rng(0).integers(-20, 20, (1000, 160, 3))
PHOTO = np.clip(picture(1000, 160).astype(int) + NOISE, 0, 255).astype(np.uint8)


def file_of(kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(PHOTO).save(file, kind, **options)
    return file.getvalue()


def heic() -> bytes:
    import pillow_heif

    file = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(PHOTO)).save(file)
    return file.getvalue()


@pytest.mark.parametrize("options", [{}, {"subsampling": 0}, {"restart_marker_rows": 4}], ids=str)
def test_bytes_missing_within_the_pixels_are_damage(options: dict[str, Any], capfd: pytest.CaptureFixture[str]) -> None:
    data = file_of("JPEG", **options)
    middle = len(data) // 2
    assert decode(data, "a photo").notes == ()
    for broken in (data[:middle] + data[middle + 300 :], data[: middle + 400] + data[middle:]):
        with pytest.raises(InputError, match="a photo is damaged"):
            decode(broken, "a photo")
    assert capfd.readouterr() == ("", "")


def test_random_damage_is_mostly_seen() -> None:
    """What is not seen is a valid JPEG again, which damage of fewer bytes than a block has becomes easily."""
    data, rng = file_of("JPEG"), np.random.default_rng(0)
    refused = 0
    for _ in range(30):
        at = int(rng.integers(len(data) // 4, len(data) * 3 // 4))
        try:
            decode(data[:at] + rng.integers(0, 256, 60, np.uint8).tobytes() + data[at + 60 :], "a photo")
        except InputError:
            refused += 1
    assert refused >= 12


@pytest.mark.parametrize("filling", [b"\0", b"\1\2", bytes(500), b"\x20" * 64], ids=len)
def test_bytes_that_only_fill_are_no_damage(filling: bytes) -> None:
    data = file_of("JPEG")
    whole = decode(data, "a photo")
    for filled in (data[:-2] + filling + data[-2:], data + filling, data + data):
        photo = decode(filled, "a photo")
        assert photo.notes == () and np.array_equal(photo.rgb, whole.rgb)


def test_an_end_mark_set_too_early_hides_nothing() -> None:
    """Programs that save what was downloaded end it with the mark."""
    data = file_of("JPEG", subsampling=0)
    for length in (len(data) - 60, len(data) // 2):
        with pytest.raises(InputError, match="damaged"):
            decode(data[:length] + data[-2:], "a photo")


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "AVIF", "HEIF"])
def test_half_a_file_ends_before_its_pixels(kind: str, share: float) -> None:
    data = heic() if kind == "HEIF" else file_of(kind)
    with pytest.raises(
        InputError, match=r"damaged or incomplete \(the file ends before its pixels do\); get a whole copy"
    ):
        decode(data[: int(len(data) * share)], "a photo")


def test_large_texts_and_profiles_of_a_sound_png_cost_nothing_else() -> None:
    data, large = file_of("PNG"), zlib.compress(bytes(2_000_000))
    for kind, words in ((b"zTXt", "its texts are too large"), (b"iCCP", "its colour profile is too large")):
        for at in (33, len(data) - 12) if kind == b"zTXt" else (33,):  # behind the header, before the end
            photo = decode(data[:at] + png_chunk(kind, b"a\0\0" + large) + data[at:], "a photo")
            assert words in photo.notes[0] and np.array_equal(photo.rgb, PHOTO)
    header = open_header(data[:33] + png_chunk(b"zTXt", b"a\0\0" + large) + data[33:], "a photo")
    assert header.size == (160, 1000)


def test_a_profile_of_another_kind_of_picture_is_said_to_be_ignored() -> None:
    from portrait_nst.imaging.colour.profiles import srgb_profile

    for mode, count in (("L", 1), ("RGB", 0)):
        file = io.BytesIO()
        Image.fromarray(PHOTO).convert(mode).save(file, "PNG", icc_profile=srgb_profile())
        notes = decode(file.getvalue(), "a photo").notes
        assert len(notes) == count and all("for another kind of picture and ignored" in note for note in notes)
