"""Small whole pictures in every format that is read, from which hostile ones are made."""

from __future__ import annotations

import functools
import io
import json
import struct
import zlib
from typing import Any

import imagecodecs
import numpy as np
import pillow_heif
import tifffile
from PIL import Image, PngImagePlugin

from portrait_nst.types import UInt8Array
from tests.imaging.files import icc, picture, png, png_chunk

HEIGHT, WIDTH = 40, 48
RECIPE = json.dumps({"portrait_nst": "0.9", "format": 1, "command": "stylize", "inputs": {}, "settings": {}})


@functools.cache
def seeds() -> dict[str, bytes]:
    """Every picture by its name, which begins with its format: "png 16 bits"."""
    return {**jpegs(), **pngs(), **tiffs(), **others()}


def _rgb(channels: int = 3) -> UInt8Array:
    return picture(HEIGHT, WIDTH, channels)


def _saved(pixels: UInt8Array | Image.Image, kind: str, **options: Any) -> bytes:
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def exif() -> bytes:
    """An EXIF block with a turn, a place, names and our recipe."""
    block = Image.Exif()
    block[0x0112], block[0x010F], block[0x0110], block[0x013B] = 6, "Maker", "Model", "Ann Other"
    block[0x8769] = {0x9286: b"ASCII\0\0\0" + json.dumps({"portrait-nst": {"command": "x"}}).encode(), 0x829A: 0.01}
    block[0x8825] = {1: "N", 2: (50.0, 4.0, 3.0)}
    return block.tobytes()


def jpegs() -> dict[str, bytes]:
    """JPEG by Pillow: baseline, progressive, grey, CMYK, with metadata, with several pictures, with a gain map."""
    rgb = Image.fromarray(_rgb())
    found = {
        "jpeg": _saved(rgb, "JPEG"),
        "jpeg 4:4:4": _saved(rgb, "JPEG", subsampling=0, quality=95),
        "jpeg progressive": _saved(rgb, "JPEG", progressive=True),
        "jpeg restarts": _saved(rgb, "JPEG", restart_marker_blocks=2),
        "jpeg grey": _saved(rgb.convert("L"), "JPEG"),
        "jpeg cmyk": _saved(rgb.convert("CMYK"), "JPEG"),
        "jpeg exif icc": _saved(rgb, "JPEG", exif=exif(), icc_profile=icc(), comment=b"hello"),
        "jpeg mpo": _saved(rgb, "MPO", save_all=True, append_images=[rgb.resize((24, 20))]),
    }
    try:
        hdr = np.ones((HEIGHT, WIDTH, 4), np.float16)
        hdr[..., :3] = _rgb().astype(np.float16) / 100
        found["jpeg ultra hdr"] = bytes(imagecodecs.ultrahdr_encode(hdr))
    except Exception:  # a build of imagecodecs without it
        found["jpeg ultra hdr"] = found["jpeg mpo"]
    return found


def pngs() -> dict[str, bytes]:
    """PNG with every depth and the chunks that we obey."""
    rgb, rgba = _rgb(), _rgb(4)
    deep = rgb.astype(np.uint16) * 257
    text = PngImagePlugin.PngInfo()
    text.add_itxt("portrait-nst", RECIPE)
    text.add_text("Comment", "hello" * 9, zip=True)
    palette = Image.fromarray(rgb).quantize(32)
    space = png_chunk(b"gAMA", struct.pack(">I", 45455)) + png_chunk(b"cICP", bytes([12, 13, 0, 1]))
    rows = [row.tobytes() for row in rgb]
    return {
        "png": _saved(rgb, "PNG"),
        "png alpha": _saved(rgba, "PNG"),
        "png grey": _saved(np.ascontiguousarray(rgb[..., 0]), "PNG"),
        "png grey tRNS": _saved(np.ascontiguousarray(rgb[..., 0]), "PNG", transparency=7),
        "png 1 bit": _saved(Image.fromarray(rgb).convert("1"), "PNG"),
        "png palette": _saved(palette, "PNG", transparency=bytes(range(32))),
        "png 16 bits": bytes(imagecodecs.png_encode(deep)),
        "png 16 bits alpha": bytes(imagecodecs.png_encode(rgba.astype(np.uint16) * 257)),
        "png 16 bits grey": bytes(imagecodecs.png_encode(np.ascontiguousarray(deep[..., 0]))),
        "png interlaced": _interlaced(rgb),
        "png animated": _saved(rgb, "PNG", save_all=True, append_images=[Image.fromarray(255 - rgb)], duration=50),
        "png gAMA cICP": png(WIDTH, HEIGHT, 8, 2, rows, space),
        "png icc exif recipe": _saved(rgb, "PNG", icc_profile=icc(), exif=exif(), pnginfo=text),
    }


def _interlaced(rgb: UInt8Array) -> bytes:
    """A PNG with Adam7's seven passes."""
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    parts = [rgb[top::down, left::across] for top, left, down, across in passes]
    data = zlib.compress(b"".join(b"\0" + row.tobytes() for part in parts for row in part))
    header = struct.pack(">IIBBBBB", rgb.shape[1], rgb.shape[0], 8, 2, 0, 0, 1)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")


def _tiff(values: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    big = options.pop("bigtiff", False)
    order = options.pop("byteorder", "<")
    pages = options.pop("pages", 1)
    with tifffile.TiffWriter(file, bigtiff=big, byteorder=order) as writer:
        for _ in range(pages):
            writer.write(values, **{"photometric": "rgb", "metadata": None, **options})
    return file.getvalue()


def tiffs() -> dict[str, bytes]:
    """TIFF: depths, layouts, compressions, byte orders, pages."""
    rgb, deep = _rgb(), _rgb().astype(np.uint16) * 257
    unit = (rgb / 255).astype(np.float32)
    grey = np.ascontiguousarray(rgb[..., 0])
    found = {
        "tiff": _tiff(rgb),
        "tiff big endian": _tiff(rgb, byteorder=">"),
        "tiff bigtiff": _tiff(rgb, bigtiff=True),
        "tiff 16 bits": _tiff(deep),
        "tiff 16 bits planar": _tiff(deep.transpose(2, 0, 1).copy(), planarconfig="separate"),
        "tiff float": _tiff(unit),
        "tiff float planar": _tiff(unit.transpose(2, 0, 1).copy(), planarconfig="separate"),
        "tiff float grey": _tiff(unit[..., 0].copy(), photometric="minisblack"),
        "tiff grey 16 bits": _tiff(deep[..., 0].copy(), photometric="minisblack"),
        "tiff white is zero": _tiff(grey, photometric="miniswhite"),
        "tiff tiled deflate": _tiff(rgb, tile=(16, 16), compression="zlib"),
        "tiff strips predictor": _tiff(deep, rowsperstrip=8, compression="zlib", predictor=True),
        "tiff lzw": _tiff(rgb, compression="lzw"),
        "tiff zstd": _tiff(rgb, compression="zstd"),
        "tiff extra sample": _tiff(_rgb(4), extrasamples=["unspecified"]),
        "tiff alpha 16 bits": _tiff(_rgb(4).astype(np.uint16) * 257, extrasamples=["unassalpha"]),
        "tiff pages": _tiff(rgb, pages=3),
        "tiff jpeg": _tiff(rgb, compression="jpeg"),
        "tiff cmyk": _tiff(_rgb(4), photometric="separated"),
        "tiff exif icc": _saved(rgb, "TIFF", icc_profile=icc(), exif=exif()),
    }
    for compression in ("group4", "packbits", "tiff_lzw", "jpeg"):
        image = Image.fromarray(rgb).convert("1" if compression == "group4" else "RGB")
        found[f"tiff by libtiff {compression}"] = _saved(image, "TIFF", compression=compression)
    return found


def others() -> dict[str, bytes]:
    """WebP, BMP, GIF, AVIF and HEIC."""
    rgb, image = _rgb(), Image.fromarray(_rgb())
    more = [Image.fromarray(255 - rgb)]
    heif = io.BytesIO()
    pillow_heif.from_pillow(image).save(heif, format="HEIF", exif=exif())
    return {
        "webp": _saved(rgb, "WEBP"),
        "webp lossless": _saved(rgb, "WEBP", lossless=True),
        "webp alpha icc exif": _saved(_rgb(4), "WEBP", icc_profile=icc(), exif=exif()),
        "webp animated": _saved(rgb, "WEBP", save_all=True, append_images=more),
        "bmp": _saved(rgb, "BMP"),
        "bmp palette": _saved(image.quantize(16), "BMP"),
        "gif": _saved(image.quantize(64), "GIF"),
        "gif animated": _saved(image, "GIF", save_all=True, append_images=more, transparency=3),
        "avif": _saved(rgb, "AVIF", speed=10, exif=exif()),
        "avif 10 bits": bytes(imagecodecs.avif_encode(rgb.astype(np.uint16) * 4, bitspersample=10, speed=10)),
        "heic": heif.getvalue(),
    }


def with_profile(profile: bytes, kind: str) -> bytes:
    """A picture of that format with any bytes as its ICC profile."""
    return _saved(_rgb(), kind, icc_profile=profile)
