"""Writing pictures to files, whole or not at all: in the photo's own colours and depth, with profile and recipe.

Metadata that could identify somebody stay out.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from portrait_nst.errors import InputError, ResourceError
from portrait_nst.imaging import metadata
from portrait_nst.imaging.atomic import check_writable, write_atomic
from portrait_nst.imaging.encoding.containers import QUALITY, contained, file_of
from portrait_nst.imaging.file_objects import SupportsWrite, check_suffix, is_file_object, suffix_for, write_to
from portrait_nst.imaging.formats import DEPTHS, FORMATS, LONGEST
from portrait_nst.imaging.gain_maps.gain_map import lost_gain_map
from portrait_nst.imaging.gain_maps.writing import attach
from portrait_nst.types import Photo, Samples

PROFILES = ("photo", "srgb")
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
    if os.path.isdir(target):  # noqa: PTH112 (which raises nothing for names that no file can have)
        raise InputError(f"{path} is a folder; expected the name of a picture file to write.")
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
    profile: str = "photo",
) -> Path:
    """Write `photo` to `path` in the format of its suffix; returns the path.

    path:          ends in .jpg .jpeg .png .webp .tif .tiff .avif .heic .heif or .hif; or an open binary file (`io.BytesIO()`, a
                   pipe), which gets all bytes at once: its name, or `-`, is returned.
    format:        "png", "jpg" and so on: the format of an open file, unless its name has a suffix.
    recipe:        JSON-ready values that `read_recipe` gives back: a text chunk of PNG, the EXIF UserComment elsewhere.
    overwrite:     replace a file of that name.
    exif:          the EXIF block to write, cleaned by `clean_exif`; by default the photo's own, b"" for none.
    keep_metadata: write all of the EXIF block, uncleaned, but for orientation, thumbnail and UserComment.
    quality:       the quality of JPEG (4:4:4), with its gain map, and WebP, 1 to 100; PNG, TIFF, AVIF and HEIC are lossless.
    profile:       "photo" writes `photo.native` where there is one, with its ICC profile and as many bits as the format holds
                   (see `lost_in`); "srgb" writes 8-bit sRGB.

    The file is tagged with its profile. The same values give the same bytes. Raises InputError for a name, folder or format that
    cannot be used, ResourceError where the disk is full; nothing is overwritten or half-written then.
    """
    if is_file_object(path):
        suffix = suffix_for(format, str(getattr(path, "name", "")))
        data = encode(
            photo, suffix, recipe=recipe, exif=exif, keep_metadata=keep_metadata, quality=quality, profile=profile
        )
        return write_to(path, data)
    size = (photo.height, photo.width)
    target = check_output(path, overwrite=overwrite, alpha=photo.alpha is not None, size=size)
    check_suffix(target, format)
    data = encode(
        photo, target.suffix, recipe=recipe, exif=exif, keep_metadata=keep_metadata, quality=quality, profile=profile
    )
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
    profile: str = "photo",
) -> bytes:
    """The bytes of the file that `save` would write; `suffix` with its dot. Raises as `save` does."""
    name = Path("picture" + suffix)
    kind = _format(name)
    _check_fits(name, kind, photo.alpha is not None, (photo.height, photo.width))
    if not 1 <= quality <= 100:
        raise InputError(f"quality is {quality}; expected 1 (smallest file) to 100 (best picture).")
    samples = _samples(photo, profile)
    block = (photo.exif if exif is None else exif) or b""
    block = block if keep_metadata else metadata.clean_exif(block) if block else b""
    texts = {}
    if kind != "PNG":
        block = metadata.with_recipe(block, recipe)
    elif recipe is not None:
        texts[metadata.KEY] = metadata.recipe_text(recipe)
    if kind == "JPEG":
        block = _fit_jpeg(block)
    try:
        data = file_of(contained(samples, kind), kind, texts=texts, exif=block, quality=quality)
        if photo.gain_map is None or lost_gain_map(photo, kind, profile):
            return data
        return attach(data, photo.gain_map, quality)
    except MemoryError:
        raise ResourceError("There is not enough memory to encode the picture; use a smaller --size.") from None


def lost_in(photo: Photo, suffix: str, *, profile: str = "photo") -> tuple[str, ...]:
    """What `save` cannot write of the photo's own samples and gain map in a file with this `suffix`, as remarks."""
    kind = _format(Path("picture" + suffix))
    samples, most = _samples(photo, profile), max(DEPTHS[kind])
    gain_map = lost_gain_map(photo, kind, profile)
    if samples.bits <= most:
        return gain_map
    deeper = " ".join(sorted(known for known, other in FORMATS.items() if max(DEPTHS[other]) >= samples.bits))
    return (
        *gain_map,
        f"{suffix.lower()} holds {most} bits a channel, the photo has {samples.bits}: they were rounded; {deeper} hold them all",
    )


def _samples(photo: Photo, profile: str) -> Samples:
    """The samples to write. Raises InputError for an unknown word for the profile."""
    if profile not in PROFILES:
        raise InputError(f"profile must be {' or '.join(PROFILES)}, not {profile!r}.")
    if photo.native is None or profile == "srgb":
        return Samples(photo.rgb, alpha=photo.alpha)
    return photo.native


def _format(path: Path) -> str:
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        found = f"the suffix {path.suffix!r}" if path.suffix else "no suffix"
        raise InputError(f"{path} has {found}; expected one of {' '.join(FORMATS)}, which chooses the format.")
    return kind


def _check_fits(path: Path, kind: str, alpha: bool, size: tuple[int, int] | None) -> None:
    if alpha and kind == "JPEG":
        raise InputError(f"{path} is a JPEG, which cannot hold transparency; use .png, .webp or .tif instead.")
    longest = LONGEST.get(kind)
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
            f"The metadata takes {len(exif)} bytes, JPEG holds {_JPEG_EXIF}; use .png, or leave "
            "--keep-metadata (keep_metadata=True) out."
        )
    return exif
