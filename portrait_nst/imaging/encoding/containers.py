"""The bytes of a file of each format, for samples that it can hold."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

from portrait_nst.imaging.colour.depth import Codes, with_bits
from portrait_nst.imaging.colour.grey import grey_as_rgb
from portrait_nst.imaging.colour.grey_profiles import srgb_grey_profile
from portrait_nst.imaging.colour.profiles import srgb_profile
from portrait_nst.imaging.encoding.avif import avif
from portrait_nst.imaging.encoding.deep_png import deep_png
from portrait_nst.imaging.encoding.deep_tiff import deep_tiff
from portrait_nst.imaging.encoding.heif import heic
from portrait_nst.imaging.encoding.pixel_planes import stacked
from portrait_nst.imaging.formats import DEPTHS
from portrait_nst.types import Samples

QUALITY = 95
FLAT = 0.5  # the share of pixels equal to their neighbour from which a picture is a drawing rather than a photograph
LOOKED_AT = 64  # rows of the picture that tell
RUNS = 3  # zlib's Z_RLE: of repetitions it finds runs only
_WITH_GREY = ("JPEG", "PNG", "TIFF")


def contained(samples: Samples, kind: str) -> Samples:
    """`samples` as a file of the format `kind` holds them: with the bits that are enough, or else the most that there are.

    Grey becomes RGB with the same tone curve where the format has no grey that every reader knows. JPEG leaves the alpha out.
    """
    depths = DEPTHS[kind]
    samples = with_bits(samples, min((bits for bits in depths if bits >= samples.bits), default=max(depths)))
    if kind == "JPEG":
        samples = replace(samples, alpha=None)
    deep_grey = samples.bits > 8 and samples.alpha is not None
    if kind not in _WITH_GREY or (kind == "TIFF" and deep_grey):  # which Pillow cannot read
        return grey_as_rgb(samples)
    return samples


def file_of(samples: Samples, kind: str, *, texts: dict[str, str], exif: bytes, quality: int) -> bytes:
    """The file of the format `kind` with `samples` that it holds.

    texts:   by their keywords, for PNG only.
    exif:    an EXIF block, or b"" for none.
    quality: 1 to 100, of JPEG and WebP.
    """
    icc = samples.profile
    if icc is None:
        icc = srgb_profile() if samples.values.shape[2] == 3 else srgb_grey_profile()
    if kind == "AVIF":
        return avif(samples, icc, exif)
    if kind == "HEIF":
        return heic(samples, icc, exif)
    if samples.bits == 8:
        return _by_pillow(samples, kind, icc, texts, exif, quality)
    return deep_png(samples, icc, texts, exif) if kind == "PNG" else deep_tiff(samples, icc, exif)


def _by_pillow(samples: Samples, kind: str, icc: bytes, texts: dict[str, str], exif: bytes, quality: int) -> bytes:
    """The file of 8 bits a channel. TIFF stays uncompressed: through libtiff Pillow cannot write the EXIF block."""
    from PIL import Image, PngImagePlugin

    options: dict[str, Any] = {"icc_profile": icc}
    if kind == "PNG" and texts:
        chunks = PngImagePlugin.PngInfo()
        for keyword, text in texts.items():
            chunks.add_itxt(keyword, text)
        options["pnginfo"] = chunks
    values = stacked(samples)
    if kind == "PNG" and not _is_flat(values):
        # A photograph does not repeat itself: to look for that takes five times as long and saves a two-hundredth.
        options["compress_type"] = RUNS
    if kind == "JPEG":
        options |= {"quality": quality, "subsampling": 0}
    if kind == "WEBP":
        # exact: the colours under full transparency stay. WebP itself halves the colour resolution.
        options |= {"quality": quality, "alpha_quality": 100, "exact": True}
    if exif:
        options["exif"] = exif
    file = io.BytesIO()
    Image.fromarray(values).save(file, kind, **options)
    return file.getvalue()


def _is_flat(values: Codes) -> bool:
    """Whether `values` (H, W[, C]) are mostly areas of one colour, as of a drawing."""
    rows = values[:: max(1, len(values) // LOOKED_AT)]
    same = rows[:, 1:] == rows[:, :-1]
    return bool((same if same.ndim == 2 else same.all(2)).mean() > FLAT) if same.size else True
