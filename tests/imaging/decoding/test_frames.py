"""Of an animation or of several pages the first that shows something is read, and a note says which."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from portrait_nst.imaging import decode
from portrait_nst.types import UInt8Array
from tests.imaging.files import picture

SHADE = np.full((40, 50, 3), 77, np.uint8)
CLEAR = np.dstack([picture(), np.zeros((40, 50), np.uint8)])


def animation(kind: str, *frames: UInt8Array) -> bytes:
    file = io.BytesIO()
    images = [Image.fromarray(frame) for frame in frames]
    options: dict[str, Any] = {"lossless": True} if kind == "WEBP" else {"disposal": 2} if kind == "GIF" else {}
    images[0].save(file, kind, save_all=True, append_images=images[1:], **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_the_first_that_is_not_blank(kind: str) -> None:
    photo = decode(animation(kind, SHADE, 255 - SHADE, picture(), picture(seed=30)), "a photo")
    assert np.abs(photo.rgb.astype(int) - picture()).mean() < (8 if kind == "GIF" else 0.001)  # a palette
    assert len(photo.notes) == 1 and "4 " in photo.notes[0] and "number 3" in photo.notes[0]


@pytest.mark.parametrize("kind", ["WEBP", "PNG", "TIFF"])
def test_what_is_transparent_is_blank(kind: str) -> None:
    whole = np.dstack([picture(seed=30), np.full((40, 50), 255, np.uint8)])
    photo = decode(animation(kind, CLEAR, whole), "a photo")
    assert np.array_equal(photo.rgb, picture(seed=30)) and "number 2" in photo.notes[0]


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_the_first_where_it_shows_something_or_nothing_does(kind: str) -> None:
    first = decode(animation(kind, picture(), SHADE), "a photo")
    assert np.abs(first.rgb.astype(int) - picture()).mean() < 8 and "the first" in first.notes[0]
    blank = decode(animation(kind, SHADE, 255 - SHADE), "a photo")
    assert np.array_equal(blank.rgb, SHADE) and "the first" in blank.notes[0]


def test_a_picture_of_one_frame_has_no_note() -> None:
    for kind in ("GIF", "WEBP", "PNG", "TIFF"):
        photo = decode(animation(kind, SHADE), "a photo")
        assert np.array_equal(photo.rgb, SHADE) and photo.notes == ()


def test_pages_of_16_bits_and_of_other_sizes() -> None:
    deep = np.random.default_rng(0).integers(0, 65536, (30, 40, 3), np.uint16)
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(np.zeros((8, 8, 3), np.uint8) + np.arange(8, dtype=np.uint8)[:, None, None], photometric="rgb")
        writer.write(np.zeros((50, 20, 3), np.uint16), photometric="rgb")
        writer.write(deep, photometric="rgb", planarconfig="contig")
    pages = file.getvalue()
    with pytest.raises(Exception, match="at least 16"):
        decode(pages, "a photo")
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(np.zeros((50, 20, 3), np.uint8), photometric="rgb")
        writer.write(np.zeros((8, 8, 3), np.uint8) + np.arange(8, dtype=np.uint8)[:, None, None], photometric="rgb")
        writer.write(deep, photometric="rgb", planarconfig="contig")
    photo = decode(file.getvalue(), "a photo")
    assert photo.native is not None and np.array_equal(photo.native.values, deep)
    assert "3 pages" in photo.notes[0] and "number 3" in photo.notes[0]


def test_the_search_is_bounded() -> None:
    frames = [np.full((20, 20), shade, np.uint8) for shade in range(60)]
    last = np.arange(400, dtype=np.uint16).astype(np.uint8).reshape(20, 20)
    photo = decode(animation("TIFF", *frames, last), "a photo")
    assert not photo.rgb.any() and "61 pages" in photo.notes[0] and "the first" in photo.notes[0]
