"""The inputs: pictures in any form, and the part of a photo that is painted."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias, TypeGuard

import numpy as np
from numpy.typing import NDArray

from portrait_nst import imaging, named_styles
from portrait_nst.errors import InputError, MaskError
from portrait_nst.imaging.reading import MIN_SIDE
from portrait_nst.imaging.sources import read_bytes
from portrait_nst.pipeline.instant.style_file import SUFFIX, is_learned_file, load_learned, looks_learned
from portrait_nst.settings import Settings, schema
from portrait_nst.types import FloatArray, Matte, Origin, Photo, UInt8Array

if TYPE_CHECKING:
    from PIL import Image

Picture: TypeAlias = "str | Path | bytes | BinaryIO | UInt8Array | Image.Image | Photo"
Mask: TypeAlias = "Picture | FloatArray | NDArray[np.bool_] | Matte"
EXPECTED = "a path, the bytes of a file, an open binary file, an array, a PIL image or a Photo"
MORE_STYLES = ", the name of a style (portrait_nst.styles() lists them), or a list of these or of (picture, weight)"
AS_TEXT = "The {} is a file opened as text; open it as a binary file, as in open(name, 'rb')."
REGIONS = ("person", "all")
FOUND_WITH = ("region", "person", "segmenter")  # the settings on which a matte depends


def check_type(value: object, kind: type, what: str, expected: str) -> None:
    """Raise InputError if `value` is not a `kind`: "`what` must be `expected`, not ..."."""
    if not isinstance(value, kind):
        raise InputError(f"{what} must be {expected}, not {type(value).__name__}.")


def load(picture: Picture, what: str = "picture") -> Photo:
    """A `Photo` of a picture in any form.

    picture: the path of a file, a file's bytes, a binary file object (read from its position to its end), an array
             (H, W, 3) or (H, W, 4) uint8 sRGB, a PIL image, or a `Photo`, which is returned as it is.
    what:    its name in error messages ("photo", "style", "label map").

    A PIL image is treated as its file would be: turned upright, converted to sRGB, with its transparency. Raises InputError.
    """
    if isinstance(picture, Photo):
        return picture
    if isinstance(picture, np.ndarray):
        return _from_array(picture, what)
    if isinstance(picture, (str, Path)):
        return imaging.load(picture)
    if _is_pil(picture):
        return imaging.decode(picture, f"the {what}")
    data, name, path = _file_of(picture, what)
    return imaging.decode(data, name, path=path)


def load_style(picture: Picture) -> Photo:
    """`load` for a style: text may also be the name of a style in the package, unless a file or folder has that name.

    The file of a learned network gives a `LearnedStyle`, with which quality instant paints.
    """
    if isinstance(picture, str) and not picture:
        raise InputError(f"A style must be {EXPECTED}{MORE_STYLES}, not an empty text.")
    found = named_styles.style_file(picture) if isinstance(picture, (str, Path)) else picture
    if not isinstance(found, Path):
        return load(found, "style")
    if is_learned_file(found):
        return load_learned(found)
    try:
        return load(found, "style")
    except InputError:
        if looks_learned(found):
            raise InputError(
                f"{found} is no picture, but looks like a learned network; rename it to {found.with_suffix(SUFFIX)}."
            ) from None
        raise


def matte(
    photo: Picture,
    *,
    mask: Mask | None = None,
    region: str = "person",
    person: str | int = "all",
    segmenter: str = Settings.segmenter,
) -> Matte:
    """The part of `photo` that is painted.

    mask:   instead of segmentation: a grey picture of the photo's proportions in any form that `load` takes; an array (H, W) or
            (H, W, 1) at the photo's size, floats in [0, 1], booleans, or uint8 (up to 255 if any value is above 1); or a `Matte`.
    region: "person", or "all" for the whole picture.
    person: "all", "largest", or a number counted from the left from 1.
    segmenter: who finds the person, as in `Settings`.

    With a mask, these three choose nothing. Raises MaskError if nobody is found or the mask is empty, ModelError if the model of
    the segmenter is missing, and InputError for a mask of other proportions and for another region or segmenter.
    """
    photo = load(photo, "photo")
    if region not in REGIONS:
        raise InputError(f"region must be 'person' or 'all' (the whole picture), not {region!r}.")
    schema(Settings)["segmenter"].check(segmenter)
    if mask is not None:
        found = _given(mask, photo.size)
    elif region == "all":
        if person != "all":  # otherwise the region of a preset or of the user would silently win
            raise MaskError(
                f"--region all paints the whole picture, so that --person {person} has nothing to choose. Leave one of them out; "
                "with a preset that paints the whole picture, add --region person."
            )
        found = Matte(np.ones(photo.size, np.float32), source="all", region="all", person="all", segmenter=segmenter)
    else:
        from portrait_nst import segmentation
        from portrait_nst.transfer.allocator import keep_freed_memory

        keep_freed_memory()  # the planes of a matte have the same size: a sixth less time than with fresh pages for each
        found = segmentation.person(photo, person=person, segmenter=segmenter)
        found = replace(found, region="person", person=person, segmenter=segmenter)
    if photo.alpha is not None:
        found = replace(found, alpha=found.alpha * (photo.alpha > 0))
    if not found.alpha.any():
        raise MaskError("The mask is empty: nothing in the photo would be painted. Give a mask with white in it.")
    return replace(found, notes=tuple(dict.fromkeys((*remarks(photo), *found.notes))))


def remarks(picture: Photo, what: str = "photo") -> tuple[str, ...]:
    """The notes on how `picture` was read, with the name of its file or `what` it is, for the notes of a result."""
    name = f"the {what}" if picture.path is None else picture.path.name
    return tuple(f"{name}: {note}" for note in picture.notes)


def _given(mask: Mask, size: tuple[int, int]) -> Matte:
    """The matte of a `mask` for a photo of `size` (height, width)."""
    if isinstance(mask, Matte):
        if mask.alpha.shape != size:
            raise MaskError(f"The matte is {mask.alpha.shape}, the photo {size}; they must be the same.")
        if mask.origin is None and mask.region is None:  # made by the caller, from pixels that are in no file
            return replace(mask, origin=Origin(None, _sha256(mask.alpha)), source=mask.source or "array")
        return mask
    if isinstance(mask, np.ndarray) and mask.ndim == 3 and mask.shape[2] == 1:
        mask = mask[..., 0]
    if isinstance(mask, np.ndarray) and (mask.ndim != 3 or mask.dtype != np.uint8):
        return Matte(_plane(mask, size), source="array", origin=Origin(None, _sha256(mask)))
    if isinstance(mask, Photo):
        pixels = _as_pil(mask)
        name, path = ("the mask", None) if mask.path is None else (str(mask.path), mask.path)
        return _decoded(pixels, name, path, mask.sha256 or _sha256(mask.rgb), size)
    if isinstance(mask, np.ndarray):
        return _given(_from_array(mask, "mask", least=1), size)
    if _is_pil(mask):
        return _decoded(mask, "the mask", None, _sha256(np.asarray(mask)), size)
    if isinstance(mask, (str, Path)):
        data, name, path = read_bytes(mask), str(mask), Path(mask)
    else:
        data, name, path = _file_of(mask, "mask")
    return _decoded(data, name, path, hashlib.sha256(data).hexdigest(), size)


def _decoded(data: bytes | Image.Image, name: str, path: Path | None, sha256: str, size: tuple[int, int]) -> Matte:
    alpha = imaging.decode_mask(data, name, size)
    source = "mask" if path is None else f"mask {path.name}"
    return Matte(alpha, source=source, origin=Origin(None if path is None else str(path.absolute()), sha256))


def _plane(mask: NDArray[np.generic], size: tuple[int, int]) -> FloatArray:
    """A mask array as (H, W) float32 in [0, 1]."""
    if mask.shape != size:
        raise MaskError(f"The mask array is {mask.shape}, the photo {size}; they must be the same.")
    if mask.dtype.kind not in "fbiu":
        raise MaskError(f"The mask array holds {mask.dtype}; expected floats in [0, 1], booleans or uint8.")
    if not np.isfinite(mask).all():
        raise MaskError("The mask array holds values that are not finite; expected 0 (kept) to 1 (painted).")
    if mask.dtype == np.uint8 and mask.max(initial=0) > 1:
        return imaging.to_float(np.ascontiguousarray(mask, np.uint8))
    return np.clip(mask.astype(np.float32), 0, 1)


def _from_array(pixels: NDArray[np.generic], what: str, least: int = MIN_SIDE) -> Photo:
    if pixels.ndim != 3 or pixels.shape[2] not in (3, 4) or pixels.dtype != np.uint8:
        forms = "(H, W), (H, W, 3)" if what in ("mask", "label map") else "(H, W, 3)"
        raise InputError(f"A {what} array must be {forms} or (H, W, 4) uint8, not {pixels.shape} {pixels.dtype}.")
    height, width = pixels.shape[:2]
    if min(height, width) < least:
        raise InputError(f"The {what} array is only {width} x {height} pixels; expected at least {least} on each side.")
    data = np.ascontiguousarray(pixels, np.uint8)
    alpha = np.ascontiguousarray(data[..., 3]) if data.shape[2] == 4 else None
    return Photo(np.ascontiguousarray(data[..., :3]), alpha, sha256=_sha256(data))


def _file_of(picture: object, what: str) -> tuple[bytes, str, Path | None]:
    """The bytes, the name in messages and the path of a file that is given as bytes or open. Raises InputError."""
    if isinstance(picture, (bytes, bytearray, memoryview)):
        data, path = bytes(picture), None
    elif callable(read := getattr(picture, "read", None)):
        given = getattr(picture, "name", None)
        try:
            data = read()
        except UnicodeDecodeError:  # a picture's bytes are not text
            raise InputError(AS_TEXT.format(what)) from None
        except (
            OSError,
            ValueError,
            TypeError,
        ) as error:  # closed, or open for writing only, or no file but something like it
            raise InputError(
                f"The {what} is a file that cannot be read ({error}); open it, as in open(name, 'rb')."
            ) from None
        if isinstance(data, str):
            raise InputError(AS_TEXT.format(what))
        if not isinstance(data, (bytes, bytearray, memoryview)):
            raise InputError(f"Reading the {what} gave {type(data).__name__}; expected an open binary file.")
        data = bytes(data)
        path = Path(given) if isinstance(given, str) and Path(given).is_file() else None
    else:
        raise InputError(
            f"A {what} must be {EXPECTED}{MORE_STYLES if what == 'style' else ''}, not {type(picture).__name__}."
        )
    name = f"the {what}" if path is None else str(path)
    if not data:
        raise InputError(f"{name} holds no bytes; expected a whole picture file. Was it read to its end before?")
    return data, name, path


def is_picture(value: object) -> TypeGuard[Picture]:
    """Whether `value` has the type of something that `load` takes."""
    known = (str, Path, bytes, bytearray, memoryview, np.ndarray, Photo)
    return isinstance(value, known) or _is_pil(value) or callable(getattr(value, "read", None))


def _is_pil(picture: object) -> TypeGuard[Image.Image]:
    """Whether `picture` is a PIL image. Pillow is not imported for this: without it, no such image can exist."""
    module = sys.modules.get("PIL.Image")
    return module is not None and isinstance(picture, module.Image)


def _as_pil(photo: Photo) -> Image.Image:
    from PIL import Image

    return Image.fromarray(photo.rgb if photo.alpha is None else np.dstack([photo.rgb, photo.alpha]))


def _sha256(pixels: NDArray[np.generic]) -> str:
    return hashlib.sha256(np.ascontiguousarray(pixels).tobytes()).hexdigest()
