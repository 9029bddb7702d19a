"""Decoding the bytes of a file into samples, for every format, depth and channel layout that we read.

Pillow reads what has 8 bits a channel. Where a file has more, of which Pillow would lose the lower ones, it is read by a
library that keeps them: PNG and AVIF by imagecodecs, TIFF by tifffile, HEIC by libheif. Nothing is clipped on the way.
"""

from __future__ import annotations

import contextlib
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from portrait_nst.errors import InputError, PortraitError, ResourceError
from portrait_nst.imaging import metadata
from portrait_nst.imaging.colour.tags import nclx_profile, png_profile
from portrait_nst.imaging.decoding.decoded import CheckSize, Decoded, is_blank, split_alpha
from portrait_nst.imaging.decoding.heic import read_heic
from portrait_nst.imaging.decoding.iso_media import image_properties
from portrait_nst.imaging.decoding.jpeg_damage import check_pixels
from portrait_nst.imaging.decoding.limits import size_check
from portrait_nst.imaging.decoding.opening import damaged, is_heic, open_image
from portrait_nst.imaging.decoding.pillow_samples import samples_of
from portrait_nst.imaging.decoding.png_texts import without_large
from portrait_nst.imaging.decoding.tiff import needs_tifffile, read_tiff
from portrait_nst.imaging.decoding.truncation import mended
from portrait_nst.imaging.gain_maps.jpeg_segments import SOI
from portrait_nst.imaging.silence import LIBTIFF, silent_stderr

if TYPE_CHECKING:
    from PIL import Image

# An MPO's and a HEIC's others are no later frames of the first.
_SEVERAL_FRAMES = ("GIF", "WEBP", "PNG", "TIFF", "AVIF")
_FRAMES_TRIED = 50  # before the first is taken, blank or not


def decode(data: bytes | Image.Image, name: str, *, max_pixels: int | None, min_side: int) -> Decoded:
    """The picture in `data`, or a PIL image at the frame where it stands.

    name:        the name of the picture in error messages.
    max_pixels:  width times height above which the header is refused, before anything is decoded; None for the default,
                 which the environment variable PORTRAIT_NST_MAX_PIXELS sets.
    min_side:    pixels that the shorter side must have.

    Of several frames or pages it is the first that is not blank. A file whose very end is missing is read with a note that
    says how much of the picture is. Raises InputError for anything less whole, ResourceError where memory ends.
    """
    check_size = size_check(name, max_pixels, min_side, len(data) if isinstance(data, bytes) else None)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # errors are raised below, in words that a user can act on
            if not isinstance(data, bytes):
                check_size(*data.size)
                data.load()
                return _with_metadata(samples_of(data, name), data)
            try:
                decoded = _read(data, name, check_size)
            except (PortraitError, MemoryError):
                raise
            except Exception as error:
                whole = without_large(data, error) or mended(data)
                if whole is None:
                    raise
                data, note = whole
                decoded = _read(data, name, check_size)
                return replace(decoded, notes=(*decoded.notes, note))
            if data.startswith(SOI):
                check_pixels(data, name)
            return decoded
    except PortraitError:
        raise
    except MemoryError:
        raise ResourceError(f"There is not enough memory to decode {name}; use a smaller copy of it.") from None
    except Exception as error:  # whatever a decoder raises on damaged data, it means the same to the user
        raise damaged(name, error, data) from error


def _read(data: bytes, name: str, check_size: CheckSize) -> Decoded:
    """The first frame of the file `data` that is not blank; the first one where all are."""
    image = open_image(data, name)
    if image is None:
        return read_tiff(data, 0, name, check_size)
    check_size(*image.size)
    if is_heic(data):
        return _with_metadata(read_heic(data, check_size), image)
    first = _frame(image, 0, data, name, check_size)
    if image.format not in _SEVERAL_FRAMES or getattr(image, "n_frames", 1) < 2:
        return first
    count, chosen, number = int(getattr(image, "n_frames", 1)), first, 1
    if is_blank(first):
        for later in range(1, min(count, _FRAMES_TRIED)):
            try:
                image.seek(later)
                check_size(*image.size)
                found = _frame(image, later, data, name, check_size)
            except (InputError, OSError, ValueError, EOFError):  # a thumbnail, a page of another kind, a damaged one
                continue
            if not is_blank(found):
                chosen, number = found, later + 1
                break
    kind = "pages" if image.format == "TIFF" else "frames"
    which = "the first" if number == 1 else f"number {number}, the first that is not blank,"
    return replace(chosen, notes=(*chosen.notes, f"it has {count} {kind}: {which} is used"))


def _frame(image: Image.Image, number: int, data: bytes, name: str, check_size: CheckSize) -> Decoded:
    """The frame `number`, from 0, at which `image` stands, at its own depth; with profile, orientation and EXIF."""
    kind = image.format
    if kind == "TIFF" and needs_tifffile(image):
        page = read_tiff(data, number, name, check_size)
        return replace(page, exif=metadata.read_exif(image))
    if kind == "PNG" and number == 0 and data[24] == 16:
        import imagecodecs

        pixels, space, alpha = split_alpha(imagecodecs.png_decode(data))
        decoded = Decoded(pixels, space, 16, alpha)
    elif kind == "AVIF" and (bits := image_properties(data).bits) > 8:
        decoded = _deep_avif(data, number, bits)
    else:
        with silent_stderr(LIBTIFF) if kind == "TIFF" else contextlib.nullcontext():
            image.load()
        decoded = samples_of(image, name)
    decoded = _with_metadata(decoded, image)
    if kind == "PNG":
        icc, notes = png_profile(data, decoded.icc, grey=decoded.space == "L")
    elif kind == "AVIF" and decoded.icc is None and (nclx := image_properties(data).nclx):
        icc, notes = nclx_profile(*nclx, grey=decoded.space == "L")
    else:
        icc, notes = decoded.icc, ()
    return replace(decoded, icc=icc, notes=(*decoded.notes, *notes))


def _deep_avif(data: bytes, number: int, bits: int) -> Decoded:
    import imagecodecs

    samples = imagecodecs.avif_decode(data, index=number)
    pixels, space, alpha = split_alpha(samples)
    return Decoded(pixels, space, bits if samples.dtype == np.uint16 else 8, alpha)


def _with_metadata(decoded: Decoded, image: Image.Image) -> Decoded:
    """`decoded` with the orientation and EXIF of Pillow's `image`, and with its profile where it has none."""
    icc = decoded.icc or image.info.get("icc_profile") or None
    return replace(decoded, icc=icc, orientation=metadata.orientation(image), exif=metadata.read_exif(image))
