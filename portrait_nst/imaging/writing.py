"""Writing pictures to files, whole or not at all: tagged as sRGB, with their recipe, and without identifying metadata."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from portrait_nst.errors import InputError, ResourceError
from portrait_nst.imaging import metadata
from portrait_nst.imaging.atomic import check_writable, write_atomic
from portrait_nst.imaging.file_objects import SupportsWrite, check_suffix, is_file_object, suffix_for, write_to
from portrait_nst.imaging.formats import FORMATS
from portrait_nst.imaging.profiles import srgb_profile
from portrait_nst.types import Photo

QUALITY = 95
_LONGEST = {"JPEG": 65500, "WEBP": 16383}
_JPEG_EXIF = 65533 - 6  # bytes that fit into one JPEG segment beside its header


def check_output(
    path: object,
    *,
    overwrite: bool = False,
    inputs: Sequence[str | Path] = (),
    alpha: bool = False,
    size: tuple[int, int] | None = None,
) -> Path:
    """Raise now what `save` would raise after an expensive run; returns the path to save to.

    overwrite: whether a file of that name may be replaced.
    inputs:    files that must not be overwritten, whatever `overwrite` says.
    alpha:     whether the picture will have transparency, which JPEG cannot hold.
    size:      (height, width) of the picture where it is known: JPEG and WebP have limits.

    Raises InputError; ResourceError where the disk has no room even for an empty file.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise InputError(
            f"A picture is saved under a path or in an open binary file, not in a {type(path).__name__}; "
            "for the bytes of a file use imaging.encode."
        )
    target = Path(path)
    check_format(target, alpha=alpha, size=size)
    check_writable(target, overwrite=overwrite, inputs=inputs, kind="picture file")
    return target


def check_format(path: Path, *, alpha: bool = False, size: tuple[int, int] | None = None) -> None:
    """The part of `check_output` that looks at the format only, for what goes to no file. Raises InputError."""
    _check_fits(path, _format(path), alpha, size)


def save(
    photo: Photo,
    path: str | Path | SupportsWrite,
    *,
    format: str | None = None,
    recipe: dict[str, Any] | None = None,
    overwrite: bool = False,
    exif: bytes | None = None,
    keep_metadata: bool = False,
    quality: int = QUALITY,
) -> Path:
    """Write `photo` to `path` in the format of its suffix (.jpg .jpeg .png .webp .tif .tiff); returns the path.

    path may be an open binary file too (`io.BytesIO()`, a pipe), which gets all bytes at once; its name, or `-`, is returned.

    format:        "png", "jpg" and so on: the format of an open file, unless its name has a suffix.
    recipe:        JSON-ready values that `read_recipe` gives back: a text chunk of PNG, the EXIF UserComment elsewhere.
    overwrite:     replace a file of that name.
    exif:          the EXIF block to write, cleaned by `clean_exif`; by default the photo's own, b"" for none.
    keep_metadata: write all of the EXIF block, uncleaned, but for orientation, thumbnail and UserComment.
    quality:       the quality of JPEG (4:4:4) and WebP, 1 to 100; PNG and TIFF are lossless.

    The file is tagged sRGB. The same values give the same bytes. Raises InputError for a name, folder or format that
    cannot be used, ResourceError where the disk is full; nothing is overwritten or half-written then.
    """
    if is_file_object(path):
        suffix = suffix_for(format, str(getattr(path, "name", "")))
        data = encode(photo, suffix, recipe=recipe, exif=exif, keep_metadata=keep_metadata, quality=quality)
        return write_to(path, data)
    size = (photo.height, photo.width)
    target = check_output(path, overwrite=overwrite, alpha=photo.alpha is not None, size=size)
    check_suffix(target, format)
    data = encode(photo, target.suffix, recipe=recipe, exif=exif, keep_metadata=keep_metadata, quality=quality)
    # A symbolic link stays one, and the file behind it is replaced.
    write_atomic(Path(os.path.realpath(target)), data, overwrite=overwrite)
    return target


def encode(
    photo: Photo,
    suffix: str,
    *,
    recipe: dict[str, Any] | None = None,
    exif: bytes | None = None,
    keep_metadata: bool = False,
    quality: int = QUALITY,
) -> bytes:
    """The bytes of the file that `save` would write; `suffix` with its dot. Raises as `save` does."""
    from PIL import Image, PngImagePlugin

    name = Path("picture" + suffix)
    kind = _format(name)
    _check_fits(name, kind, photo.alpha is not None, (photo.height, photo.width))
    if not 1 <= quality <= 100:
        raise InputError(f"quality is {quality}; expected 1 (smallest file) to 100 (best picture).")
    block = (photo.exif if exif is None else exif) or b""
    block = block if keep_metadata else metadata.clean_exif(block) if block else b""
    options: dict[str, Any] = {"icc_profile": srgb_profile()}
    if kind == "PNG":
        if recipe is not None:
            chunks = PngImagePlugin.PngInfo()
            chunks.add_itxt(metadata.KEY, metadata.recipe_text(recipe))
            options["pnginfo"] = chunks
    else:
        block = metadata.with_recipe(block, recipe)
    if kind == "JPEG":
        block = _fit_jpeg(block)
        options |= {"quality": quality, "subsampling": 0}
    if kind == "WEBP":
        # exact: the colours under full transparency stay. WebP itself halves the colour resolution.
        options |= {"quality": quality, "alpha_quality": 100, "exact": True}
    # TIFF stays uncompressed: through libtiff Pillow cannot write the EXIF block.
    if block:
        options["exif"] = block
    pixels = photo.rgb if photo.alpha is None else np.dstack([photo.rgb, photo.alpha])
    file = io.BytesIO()
    try:
        Image.fromarray(np.ascontiguousarray(pixels)).save(file, kind, **options)
    except MemoryError:
        raise ResourceError("There is not enough memory to encode the picture; use a smaller --size.") from None
    return file.getvalue()


def _format(path: Path) -> str:
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        found = f"the suffix {path.suffix!r}" if path.suffix else "no suffix"
        raise InputError(f"{path} has {found}; expected one of {' '.join(FORMATS)}, which chooses the format.")
    return kind


def _check_fits(path: Path, kind: str, alpha: bool, size: tuple[int, int] | None) -> None:
    if alpha and kind == "JPEG":
        raise InputError(f"{path} is a JPEG, which cannot hold transparency; use .png, .webp or .tif instead.")
    longest = _LONGEST.get(kind)
    if size is not None and longest is not None and max(size) > longest:
        raise InputError(
            f"{path}: {kind} holds at most {longest} pixels a side, the picture has {size[1]} x {size[0]}; use .png."
        )


def _fit_jpeg(exif: bytes) -> bytes:
    """`exif` small enough for JPEG: maker notes go first. Raises InputError where that is not enough."""
    if len(exif) > _JPEG_EXIF:
        exif = metadata.without_maker_note(exif)
    if len(exif) > _JPEG_EXIF:
        raise InputError(
            f"The metadata takes {len(exif)} bytes, JPEG holds {_JPEG_EXIF}; use .png, or leave --keep-metadata out."
        )
    return exif
