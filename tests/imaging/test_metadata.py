"""What is written beside the pixels: the recipe, sRGB, and no identities."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin
from PIL.TiffImagePlugin import IFDRational

from portrait_nst.errors import InputError
from portrait_nst.imaging import clean_exif, encode, load, read_recipe, save
from portrait_nst.types import Photo
from tests.imaging.files import picture
from tests.leaks import leaks

SUFFIXES = [".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff"]
RECIPE = {"style": 'Größe "7" 🎨\n', "seed": 3, "weights": [1e-7, 0.1, None, True], "hash": {"a": "f" * 64}}
SECRETS = [
    "Erika Mustermann",
    "SN-4711",
    "LENS-0815",
    "unique-id-99",
    "garden-pc",
    "my home",
    "2024:05:06",
    "secret maker",
]


def identifying_exif() -> bytes:
    """A phone's EXIF with everything that should not get out, and some that may."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Acme", "Cam 3000"
    exif[0x010E], exif[0x013B], exif[0x8298], exif[0x013C] = (
        "my home",
        "Erika Mustermann",
        "Erika Mustermann",
        "garden-pc",
    )
    exif[0x0132], exif[0x0112] = "2024:05:06 07:08:09", 1
    exif[0x8769] = {
        0x829A: IFDRational(1, 250),
        0x829D: 1.8,
        0x8827: 400,
        0xA434: "Acme 50mm",
        0x9003: "2024:05:06 07:08:09",
        0x927C: b"secret maker note",
        0x9286: b"ASCII\0\0\0my home",
        0xA420: "unique-id-99",
        0xA430: "Erika Mustermann",
        0xA431: "SN-4711",
        0xA435: "LENS-0815",
    }
    exif[0x8825] = {1: "N", 2: (48.0, 8.0, 13.0), 3: "E", 4: (11.0, 34.0, 31.0)}
    return exif.tobytes()


def read_back(path: Path) -> tuple[Image.Exif, dict[int, Any], dict[int, Any]]:
    with Image.open(path) as image:
        image.load()
        exif = image.getexif()
        return exif, exif.get_ifd(0x8769), exif.get_ifd(0x8825)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_recipe_comes_back(tmp_path: Path, suffix: str) -> None:
    path = save(Photo(picture()), tmp_path / f"out{suffix}", recipe=RECIPE)
    assert read_recipe(path) == RECIPE


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_same_values_give_the_same_bytes(suffix: str) -> None:
    photo = Photo(picture(), exif=identifying_exif())
    first = encode(photo, suffix, recipe=RECIPE, keep_metadata=True)
    assert first == encode(photo, suffix, recipe=dict(reversed(RECIPE.items())), keep_metadata=True)
    assert first != encode(photo, suffix, recipe=RECIPE | {"seed": 4}, keep_metadata=True)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_no_recipe_says_so(tmp_path: Path, suffix: str) -> None:
    path = save(Photo(picture(), exif=identifying_exif()), tmp_path / f"out{suffix}", keep_metadata=True)
    with pytest.raises(InputError, match="holds no recipe"):
        read_recipe(path)


def test_a_recipe_of_no_picture(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_text("hello")
    with pytest.raises(InputError, match="not a picture"):
        read_recipe(tmp_path / "x.png")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_file_is_tagged_srgb(tmp_path: Path, suffix: str) -> None:
    path = save(Photo(picture()), tmp_path / f"out{suffix}")
    with Image.open(path) as image:
        profile = image.info["icc_profile"]
    assert "sRGB" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    assert profile[24:36] == bytes.fromhex("07d0 0001 0001 0000 0000 0000")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_identities_are_dropped(tmp_path: Path, suffix: str) -> None:
    path = save(Photo(picture(), exif=identifying_exif()), tmp_path / f"out{suffix}", recipe=RECIPE)
    data = path.read_bytes()
    for secret in SECRETS:
        assert secret.encode() not in data and secret.encode() in identifying_exif()
    main, inner, gps = read_back(path)
    assert not gps and 0x0112 not in main
    assert (main[0x010F], main[0x0110]) == ("Acme", "Cam 3000")
    assert (float(inner[0x829A]), inner[0x8827], inner[0xA434]) == (0.004, 400, "Acme 50mm")
    assert read_recipe(path) == RECIPE


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_keep_metadata_keeps_all_but_orientation(tmp_path: Path, suffix: str) -> None:
    """A sideways photo with full EXIF, loaded, saved, loaded: pixels turned once, tags all there."""
    exif = Image.Exif()
    exif.load(identifying_exif())
    exif[0x0112] = 6
    Image.fromarray(picture()).save(tmp_path / "in.png", exif=exif.tobytes())
    photo = load(tmp_path / "in.png")
    path = save(photo, tmp_path / f"out{suffix}", recipe=RECIPE, keep_metadata=True)
    main, inner, gps = read_back(path)
    assert gps[1] == "N" and tuple(map(float, gps[2])) == (48.0, 8.0, 13.0)
    assert main[0x013B] == "Erika Mustermann" and inner[0xA431] == "SN-4711" and inner[0x927C] == b"secret maker note"
    assert 0x0112 not in main
    again = load(path)
    assert again.rgb.shape == photo.rgb.shape == (50, 40, 3)
    assert read_recipe(path) == RECIPE
    # And once more through a TIFF or JPEG of ours: nothing is lost on the way.
    again_main, again_inner, again_gps = read_back(save(again, tmp_path / "again.jpg", keep_metadata=True))
    assert again_main[0x013B] == "Erika Mustermann" and again_inner[0xA431] == "SN-4711" and again_gps[1] == "N"


def test_exif_given_overrides_the_photos_own(tmp_path: Path) -> None:
    other = Image.Exif()
    other[0x010F] = "Other"
    photo = Photo(picture(), exif=identifying_exif())
    assert read_back(save(photo, tmp_path / "a.jpg", exif=other.tobytes()))[0][0x010F] == "Other"
    assert not read_back(save(photo, tmp_path / "b.jpg", exif=b""))[0]


def test_clean_exif_on_odd_blocks() -> None:
    assert (
        clean_exif(b"") == b"" and clean_exif(b"garbage") == b"" and clean_exif(b"Exif\0\0MM\0*\0\0\0\x08\xff") == b""
    )
    exif = Image.Exif()
    exif[0x0110] = "x" * 65  # no camera's name: something hides here
    exif[0x8769] = {0xA434: "tab\there", 0x8827: "Erika"}
    assert b"xxxx" not in clean_exif(exif.tobytes()) and b"tab" not in clean_exif(exif.tobytes())


def test_the_thumbnail_of_the_unpainted_photo_is_not_kept(tmp_path: Path) -> None:
    """EXIF's second directory holds a small JPEG of the original."""
    import struct

    thumbnail = b"\xff\xd8thumbnail of the original\xff\xd9"
    first = struct.pack(">HHHI4sI", 1, 0x010F, 2, 4, b"Abc\0", 26)
    second = struct.pack(">HHHIIHHIII", 2, 0x0201, 4, 1, 56, 0x0202, 4, 1, len(thumbnail), 0)
    block = b"Exif\0\0MM\0*\0\0\0\x08" + first + second + thumbnail
    Image.fromarray(picture()).save(tmp_path / "in.jpg", exif=block)
    assert thumbnail in (tmp_path / "in.jpg").read_bytes()
    path = save(load(tmp_path / "in.jpg"), tmp_path / "out.jpg", keep_metadata=True)
    assert b"thumbnail" not in path.read_bytes() and read_back(path)[0][0x010F] == "Abc"


def test_jpeg_gives_up_maker_notes_before_it_fails(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x013B] = "Erika"
    exif[0x8769] = {0x927C: bytes(60000)}
    photo = Photo(picture(), exif=exif.tobytes())
    path = save(photo, tmp_path / "a.jpg", recipe={"long": "x" * 10000}, keep_metadata=True)
    main, inner, _ = read_back(path)
    assert main[0x013B] == "Erika" and 0x927C not in inner and read_recipe(path) == {"long": "x" * 10000}
    with pytest.raises(InputError, match=r"use \.png"):
        save(photo, tmp_path / "b.jpg", recipe={"long": "x" * 70000})
    assert not (tmp_path / "b.jpg").exists()
    save(photo, tmp_path / "b.png", recipe={"long": "x" * 70000})
    assert np.array_equal(load(tmp_path / "b.png").rgb, picture())


def telling(suffix: str) -> bytes:
    """A picture whose text chunks, XMP, comment or profile tell of its owner, as far as a file of that kind has them."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", SECRETS[0])
    info.add_itxt("XML:com.adobe.xmp", f"<x:xmpmeta>{SECRETS[1]}</x:xmpmeta>", zip=True)
    info.add_text("Raw profile type iptc", SECRETS[2], zip=True)
    xmp = f"<x:xmpmeta>{SECRETS[1]}</x:xmpmeta>".encode()
    kinds: dict[str, dict[str, Any]] = {
        ".png": {"pnginfo": info},
        ".jpg": {"comment": SECRETS[0].encode(), "xmp": xmp},
        ".webp": {"xmp": xmp},
        ".tif": {"tiffinfo": {700: xmp, 33723: SECRETS[2].encode(), 315: SECRETS[0], 305: SECRETS[3]}},
        ".avif": {"xmp": xmp},
        ".gif": {"comment": SECRETS[0].encode()},
    }
    file = io.BytesIO()
    kind = {".jpg": "JPEG", ".tif": "TIFF"}.get(suffix, suffix[1:].upper())
    Image.fromarray(picture()).save(file, kind, **kinds[suffix])
    return file.getvalue()


@pytest.mark.parametrize("read", [".png", ".jpg", ".webp", ".tif", ".avif", ".gif"])
@pytest.mark.parametrize("keep", [False, True])
def test_texts_that_are_no_exif_are_never_carried(tmp_path: Path, read: str, keep: bool) -> None:
    """Not even with `keep_metadata`, which keeps the EXIF block; TIFF's own tags are EXIF."""
    (tmp_path / f"in{read}").write_bytes(telling(read))
    photo = load(tmp_path / f"in{read}")
    for suffix in SUFFIXES:
        path = save(photo, tmp_path / f"out{suffix}", overwrite=True, keep_metadata=keep)
        found = leaks(path, SECRETS)
        assert found == [] or (keep and read == ".tif" and set(found) <= {SECRETS[0], SECRETS[3]}), (suffix, found)
