"""What becomes of the background's own samples, for every kind of photo and every format of the result.

    python -m tests.benchmarks.samples --out FOLDER

The astronaut is written as a phone, a camera or a scanner would (by pillow-heif, tifffile, imagecodecs and Pillow, not by us),
painted with an ellipse as mask, saved in each format, and both files are decoded by the same libraries. The table has the
greatest difference where the mask is black, in codes of the photo, and the bits a channel of the result.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import imagecodecs
import numpy as np
import pillow_heif
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from portrait_nst import imaging, stylize
from portrait_nst.imaging.colour.depth import Codes, as_codes
from portrait_nst.result import Result
from tests.benchmarks.speed.tables import markdown
from tests.imaging.spaces import ADOBE, GREY_18, P3, PROPHOTO

ROOT = Path(__file__).parents[2]
SIDE = 256
FORMATS = (".png", ".tif", ".avif", ".heic", ".webp", ".jpg")


@dataclass(frozen=True)
class Kind:
    """A kind of photo: the suffix of its file, bits a channel, profile, and what makes the file's bytes of 16-bit RGB."""

    suffix: str
    bits: int
    profile: bytes | None
    make: Callable[[NDArray[np.uint16], Kind], bytes]
    grey: bool = False


def _codes(rgb: NDArray[np.uint16], kind: Kind) -> Codes:
    values = rgb[..., 1] if kind.grey else rgb
    return as_codes(values >> (16 - kind.bits), kind.bits)


def _pillow(format: str, mode: str = "") -> Callable[[NDArray[np.uint16], Kind], bytes]:
    def make(rgb: NDArray[np.uint16], kind: Kind) -> bytes:
        file = io.BytesIO()
        image = Image.fromarray(np.asarray(_codes(rgb, kind), np.uint8))
        image = image.convert(mode) if mode else image
        image.save(file, format, quality=95, lossless=True, icc_profile=kind.profile)
        return file.getvalue()

    return make


def _tiff(rgb: NDArray[np.uint16], kind: Kind) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, _codes(rgb, kind), photometric="minisblack" if kind.grey else "rgb", iccprofile=kind.profile)
    return file.getvalue()


def _heic(rgb: NDArray[np.uint16], kind: Kind) -> bytes:
    codes = _codes(rgb, kind)
    mode, data = ("RGB", codes) if kind.bits == 8 else ("RGB;16", codes << (16 - kind.bits))
    image = pillow_heif.from_bytes(mode, (rgb.shape[1], rgb.shape[0]), np.ascontiguousarray(data).tobytes())
    image.info["icc_profile"] = kind.profile
    file = io.BytesIO()
    before = pillow_heif.options.SAVE_HDR_TO_12_BIT
    pillow_heif.options.SAVE_HDR_TO_12_BIT = kind.bits == 12
    image.save(file, quality=90)
    pillow_heif.options.SAVE_HDR_TO_12_BIT = before
    return file.getvalue()


def _avif(rgb: NDArray[np.uint16], kind: Kind) -> bytes:
    return bytes(imagecodecs.avif_encode(_codes(rgb, kind), level=90, bitspersample=kind.bits))


def _gif(rgb: NDArray[np.uint16], kind: Kind) -> bytes:
    shown = Image.fromarray(_codes(rgb, kind)).quantize(200)
    file = io.BytesIO()
    Image.new("RGB", shown.size, "white").quantize(2).save(file, "GIF", save_all=True, append_images=[shown])
    return file.getvalue()


KINDS = {
    "JPEG, sRGB": Kind(".jpg", 8, None, _pillow("JPEG")),
    "JPEG, Adobe RGB": Kind(".jpg", 8, ADOBE, _pillow("JPEG")),
    "HEIC, Display P3": Kind(".heic", 8, P3, _heic),
    "HEIC, Display P3, 10 bits": Kind(".heic", 10, P3, _heic),
    "AVIF, 10 bits": Kind(".avif", 10, None, _avif),
    "PNG, Display P3": Kind(".png", 8, P3, _pillow("PNG")),
    "TIFF, ProPhoto, 16 bits": Kind(".tif", 16, PROPHOTO, _tiff),
    "TIFF, grey, 16 bits": Kind(".tif", 16, None, _tiff, grey=True),
    "PNG, grey of gamma 1.8": Kind(".png", 8, GREY_18, _pillow("PNG"), grey=True),
    "JPEG, CMYK": Kind(".jpg", 8, None, _pillow("JPEG", "CMYK")),
    "GIF, its first frame blank": Kind(".gif", 8, None, _gif),
}


def decoded(data: bytes, suffix: str, bits: int) -> NDArray[np.float64]:
    """(H, W, channels): the codes in a file as `bits` a channel, by a library that knows its depth."""
    if suffix == ".tif":
        codes = tifffile.imread(io.BytesIO(data))
    elif suffix == ".heic":
        file = pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=False)
        depth = file.info["bit_depth"]
        codes = np.asarray(file) >> (16 - depth if depth > 8 else 0)
        return _scaled(codes, depth, bits)
    elif suffix in (".png", ".avif"):
        codes = np.asarray((imagecodecs.png_decode if suffix == ".png" else imagecodecs.avif_decode)(data))
        if suffix == ".avif" and codes.dtype == np.uint16:
            return _scaled(codes, 10 if codes.max() < 1024 else 12, bits)
    else:
        with Image.open(io.BytesIO(data)) as image:
            image.seek(1 if suffix == ".gif" else 0)
            codes = np.asarray(image.convert("RGB" if image.mode in ("CMYK", "P") else image.mode))
    return _scaled(codes, 8 * codes.dtype.itemsize, bits)


def _scaled(codes: NDArray[np.generic], old: int, new: int) -> NDArray[np.float64]:
    values = np.asarray(codes, np.float64) * (2**new - 1) / (2**old - 1)
    return np.asarray(np.rint(values[..., None] if values.ndim == 2 else values[..., :3]))


def depth_of(data: bytes, suffix: str) -> int:
    """The bits a channel of a file that we wrote."""
    photo = imaging.decode(data, f"a{suffix}")
    return 8 if photo.native is None else photo.native.bits


def row(name: str, kind: Kind, folder: Path, rgb: NDArray[np.uint16], mask: Image.Image) -> list[str]:
    """The row of a kind of photo: its name, and for each format the greatest difference and the bits of the result."""
    path = folder / f"{'-'.join(name.replace(',', '').split())}{kind.suffix}"
    path.write_bytes(kind.make(rgb, kind))
    result: Result = stylize(path, "impasto", mask=mask, size=128, quality="draft", iterations=3)
    before = decoded(path.read_bytes(), kind.suffix, kind.bits)
    if "CMYK" in name:
        before = imaging.load(path).rgb.astype(np.float64)
    background = np.asarray(mask) == 0
    cells = [name]
    for suffix in FORMATS:
        out = result.save(path.with_name(f"{path.stem}-painted{suffix}"), overwrite=True).read_bytes()
        after = decoded(out, suffix, kind.bits)
        worst = np.abs(after - before)[background].max()
        cells.append(f"{worst:.0f} ({depth_of(out, suffix)} bits)")
    print("; ".join(result.notes))
    return cells


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="a folder for the files and samples.md")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    image = Image.open(ROOT / "samples" / "astronaut.jpg").convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    noise = np.random.default_rng(0).integers(0, 257, (SIDE, SIDE, 3))
    rgb = np.minimum(np.asarray(image).astype(int) * 257 + noise, 65535).astype(np.uint16)
    mask = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(mask).ellipse((60, 20, 200, 240), fill=255)
    rows = [row(name, kind, args.out, rgb, mask) for name, kind in KINDS.items()]
    table = markdown(("photo", *FORMATS), rows)
    (args.out / "samples.md").write_text(table)
    print(table)


if __name__ == "__main__":
    main()
