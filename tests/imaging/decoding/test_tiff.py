"""TIFF of every layout comes through reading as its tags say; where Pillow reads the upper bytes, they agree."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from portrait_nst.errors import InputError
from portrait_nst.imaging import decode, decode_mask

VALUES = np.random.default_rng(0).integers(0, 65536, (40, 50, 3), np.uint16)


def tiff(values: NDArray[Any], **options: Any) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, values, metadata=None, **{"photometric": "rgb"} | options)
    return file.getvalue()


LAYOUTS: list[dict[str, Any]] = [
    {},
    {"byteorder": ">"},
    {"bigtiff": True},
    {"bigtiff": True, "byteorder": ">"},
    {"tile": (16, 16)},
    {"rowsperstrip": 7},
    {"compression": "lzw"},
    {"compression": "lzw", "predictor": True},
    {"compression": "zlib"},
    {"compression": "zlib", "predictor": True, "byteorder": ">", "tile": (32, 16)},
    {"compression": "zstd", "predictor": True},
    {"compression": "packbits", "rowsperstrip": 5},
    {"compression": "lzma"},
]


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize("options", LAYOUTS, ids=str)
def test_16_bits_of_every_layout(options: dict[str, Any], planar: bool) -> None:
    values = np.ascontiguousarray(np.moveaxis(VALUES, 2, 0)) if planar else VALUES
    data = tiff(values, planarconfig="separate" if planar else "contig", **options)
    photo = decode(data, "a photo")
    assert photo.native is not None and np.array_equal(photo.native.values, VALUES)
    assert np.array_equal(photo.rgb, np.rint(VALUES / 257)) and photo.alpha is None
    try:
        upper = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    except (OSError, ValueError):
        return  # Pillow does not know this layout
    if not planar:  # nor planes of 16 bits, which it reads as something else
        assert np.array_equal(photo.native.values >> 8, upper)


@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize(
    "options", [{}, {"predictor": 3, "compression": "zlib"}, {"tile": (16, 16), "byteorder": ">"}], ids=str
)
@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_floats(kind: Any, options: dict[str, Any], planar: bool) -> None:
    values = (VALUES / 65535).astype(kind)
    stored = np.ascontiguousarray(np.moveaxis(values, 2, 0)) if planar else values
    photo = decode(tiff(stored, planarconfig="separate" if planar else "contig", **options), "a photo")
    assert np.array_equal(photo.rgb, np.rint(values.astype(np.float32) * 255))
    assert photo.native is None and "8 bits" in photo.notes[0]


@pytest.mark.parametrize(("kinds", "place"), [([0], None), ([2], 3), ([0, 2], 4), ([0, 0], None)])
def test_only_a_sample_that_is_called_alpha_is_alpha(kinds: list[int], place: int | None) -> None:
    values = np.random.default_rng(1).integers(0, 65536, (40, 50, 3 + len(kinds)), np.uint16)
    photo = decode(tiff(values, extrasamples=kinds), "a photo")
    assert photo.native is not None and np.array_equal(photo.native.values, values[..., :3])
    if place is None:
        assert photo.native.alpha is None and photo.alpha is None
    else:
        assert photo.native.alpha is not None and np.array_equal(photo.native.alpha, values[..., place])


def test_an_alpha_that_is_multiplied_in_is_divided_out() -> None:
    alpha = np.random.default_rng(2).integers(30000, 65536, (40, 50, 1), np.uint16)
    alpha[:, :5] = 65535
    multiplied = np.rint(VALUES * (alpha / 65535)).astype(np.uint16)
    native = decode(tiff(np.dstack([multiplied, alpha]), extrasamples=[1]), "a photo").native
    assert native is not None and np.array_equal(native.values[:, :5], VALUES[:, :5])
    assert np.abs(native.values.astype(int) - VALUES).max() <= 2


@pytest.mark.parametrize("photometric", ["miniswhite", "minisblack"])
def test_which_end_is_white(photometric: str) -> None:
    values = VALUES[..., 0]
    native = decode(tiff(values, photometric=photometric), "a photo").native
    assert native is not None
    assert np.array_equal(native.values[..., 0], 65535 - values if photometric == "miniswhite" else values)


def test_12_bits() -> None:
    values = np.asarray(VALUES[..., 0] >> 4, np.uint16)
    native = decode(packed_12(values), "a photo").native
    assert native is not None and native.bits == 12 and np.array_equal(native.values[..., 0], values)


def packed_12(values: NDArray[np.uint16]) -> bytes:
    """A TIFF of 12 bits, two of them in three bytes, which tifffile reads and does not write."""
    left, right = values[:, 0::2].astype(int), values[:, 1::2].astype(int)
    packed = np.stack([left >> 4, (left & 15) << 4 | right >> 8, right & 255], -1).astype(np.uint8).tobytes()
    data = tiff(np.frombuffer(packed, np.uint8).reshape(len(values), -1), photometric="minisblack")
    return with_tags(bytes(data), {256: values.shape[1], 258: 12})


def with_tags(data: bytes, tags: dict[int, int]) -> bytes:
    """The little-endian TIFF with other values of tags, each of which holds one number."""
    changed = bytearray(data)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        for tag, value in tags.items():
            at = file.pages.first.tags[tag].valueoffset
            changed[at : at + 2] = value.to_bytes(2, "little")
    return bytes(changed)


def test_a_mask_of_planes() -> None:
    grey = np.repeat(VALUES[..., :1], 3, axis=2)
    mask = decode_mask(tiff(np.ascontiguousarray(np.moveaxis(grey, 2, 0)), planarconfig="separate"), "m.tif", (40, 50))
    assert np.allclose(mask, VALUES[..., 0] / 65535, atol=1e-6)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("options", LAYOUTS[:-1], ids=str)
def test_cut_and_damaged_files_are_refused_in_silence(
    options: dict[str, Any], kind: type, capfd: pytest.CaptureFixture[str]
) -> None:
    data = tiff(VALUES.astype(kind), **options)
    for part in (0.2, 0.5, 0.9):
        with pytest.raises(InputError) as caught:
            decode(data[: int(len(data) * part)], "a photo")
        assert "\n" not in str(caught.value)
    damaged = bytearray(data)
    damaged[len(data) // 2 : len(data) // 2 + 40] = bytes(40)
    try:
        decode(bytes(damaged), "a photo")
    except InputError as error:
        assert "\n" not in str(error)
    assert capfd.readouterr() == ("", "")


def test_a_bomb_of_a_tile(monkeypatch: pytest.MonkeyPatch) -> None:
    data = with_tags(tiff(VALUES, tile=(16, 16), compression="zlib"), {322: 65520, 323: 65520})
    with pytest.raises(InputError, match="of a kind"):
        decode(data, "a photo")
    monkeypatch.setenv("PORTRAIT_NST_MAX_PIXELS", "1999")
    with pytest.raises(InputError, match="limit"):
        decode(tiff(VALUES), "a photo")


def test_an_uncompressed_file_that_lacks_rows_is_refused() -> None:
    """Pillow would leave them black."""
    data = with_tags(tiff(VALUES.astype(np.uint8)), {257: 400})
    with pytest.raises(InputError, match="incomplete"):
        decode(data, "a photo")


@pytest.mark.parametrize("compression", ["group4", "jpeg", "tiff_lzw"])
def test_libtiff_is_silent(compression: str, capfd: pytest.CaptureFixture[str]) -> None:
    file, image = io.BytesIO(), Image.fromarray(VALUES.astype(np.uint8))
    modes = {"group4": "1", "tiff_lzw": "P"}
    image.convert(modes.get(compression, "RGB")).save(file, "TIFF", compression=compression)
    data = bytearray(file.getvalue())
    middle = len(data) // 3
    data[middle : middle + 300] = bytes(300)
    for damaged in (bytes(data), file.getvalue()[: len(data) // 2]):
        with contextlib.suppress(InputError):
            decode(damaged, "a photo")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("planar", [0, 32767])
def test_an_unknown_order_of_samples_is_refused(planar: int) -> None:
    """Tifffile gave memory that nobody had filled for two of three planes."""
    data = tiff(VALUES.astype(np.uint8), compression="lzw")
    with pytest.raises(InputError, match="of a kind that cannot be read"):
        decode(with_tags(data, {284: planar}), "a photo")
