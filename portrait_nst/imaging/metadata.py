"""The metadata of a file: orientation, EXIF without anything that could identify somebody, and our recipe."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image

KEY = "portrait-nst"

_ORIENTATION, _EXIF, _GPS, _INTEROP = 0x0112, 0x8769, 0x8825, 0xA005
_MAKER_NOTE, _USER_COMMENT = 0x927C, 0x9286
_ASCII = b"ASCII\0\0\0"

# Kept by default: what camera and lens, and how the picture was exposed. Nothing else, whatever it is called:
# no place, no time, no names, no serial numbers, no notes, no thumbnail of the unpainted picture.
_KEPT_MAIN = {0x010F, 0x0110}  # Make, Model
_KEPT_EXIF = {
    0x829A,  # ExposureTime
    0x829D,  # FNumber
    0x8822,  # ExposureProgram
    0x8827,  # ISOSpeedRatings
    0x9204,  # ExposureBiasValue
    0x9207,  # MeteringMode
    0x9209,  # Flash
    0x920A,  # FocalLength
    0xA403,  # WhiteBalance
    0xA405,  # FocalLengthIn35mmFilm
    0xA432,  # LensSpecification
    0xA433,  # LensMake
    0xA434,  # LensModel
}
# Tags that describe how one file stores its pixels, and blocks that repeat what we write anew or drop.
_STRUCTURE = {*range(0x00FE, 0x010E), *range(0x0111, 0x011D), *range(0x013D, 0x0160), *range(0x0200, 0x0216)}
_STRUCTURE |= {0x02BC, 0x83BB, 0x8649, 0x8773, 0x935C}


def orientation(image: Image.Image | None) -> int:
    """The EXIF orientation 1 to 8; 1 where there is none or it makes no sense."""
    try:
        value = image.getexif().get(_ORIENTATION, 1) if image is not None else 1
    except Exception:  # a damaged EXIF block must not cost the picture
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def read_exif(image: Image.Image | None) -> bytes | None:
    """All EXIF of `image` but its orientation, thumbnail and storage tags, as a block that can be saved."""
    from PIL import Image

    if image is None:
        return None
    try:
        source, result = image.getexif(), Image.Exif()
        for tag, value in source.items():
            if tag not in _STRUCTURE and tag not in (_EXIF, _GPS, _INTEROP):
                result[tag] = value
        for block in (_EXIF, _GPS):
            inner = {tag: value for tag, value in source.get_ifd(block).items() if tag != _INTEROP}
            if inner:
                result.get_ifd(block).update(inner)
                result[block] = inner
        return result.tobytes() if len(result) else None
    except Exception:  # a damaged EXIF block must not cost the picture
        return None


def clean_exif(exif: bytes) -> bytes:
    """`exif` with nothing in it that could identify a person, a place or a single device.

    Kept are camera make and model, lens make, model and range, exposure time, aperture, ISO, exposure programme
    and bias, metering, flash, focal length and white balance: numbers, and names of at most 64 plain characters.
    Everything else goes: place and time, names, serial numbers and unique ids, comments, maker notes, thumbnails.
    Returns b"" where nothing is left or the block cannot be read.
    """
    from PIL import Image

    try:
        source, result = Image.Exif(), Image.Exif()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's, about damaged blocks
            source.load(exif)
            main, inner = dict(source), source.get_ifd(_EXIF)
        for tag in sorted(_KEPT_MAIN):
            if _harmless(main.get(tag)):
                result[tag] = main[tag]
        kept = {tag: inner[tag] for tag in sorted(_KEPT_EXIF) if _harmless(inner.get(tag))}
        if kept:
            result[_EXIF] = kept
        return result.tobytes() if len(result) else b""
    except Exception:  # a damaged block is dropped as a whole
        return b""


def _harmless(value: Any) -> bool:
    """Whether a value is a number, a few numbers, or a short plain name."""
    if isinstance(value, str):
        return 0 < len(value) <= 64 and value.isascii() and value.isprintable()
    if isinstance(value, tuple):
        return len(value) <= 4 and not any(isinstance(item, (str, bytes, tuple)) for item in value)
    return value is not None and not isinstance(value, bytes)


def recipe_text(recipe: dict[str, Any]) -> str:
    """`recipe` as JSON of ASCII characters, the same text for the same values."""
    return json.dumps(recipe, sort_keys=True, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def with_recipe(exif: bytes, recipe: dict[str, Any] | None) -> bytes:
    """The EXIF block `exif` (b"" for none) with the recipe as its UserComment, {"portrait-nst": recipe}."""
    from PIL import Image

    if recipe is None:
        return exif
    block = Image.Exif()
    if exif:
        block.load(exif)
    inner = dict(block.get_ifd(_EXIF))
    inner[_USER_COMMENT] = _ASCII + recipe_text({KEY: recipe}).encode("ascii")
    block[_EXIF] = inner
    return block.tobytes()


def without_maker_note(exif: bytes) -> bytes:
    """The EXIF block `exif` without the camera maker's notes, which can take most of it."""
    from PIL import Image

    block = Image.Exif()
    block.load(exif)
    block[_EXIF] = {tag: value for tag, value in block.get_ifd(_EXIF).items() if tag != _MAKER_NOTE}
    return block.tobytes()


def recipe_of(image: Image.Image) -> dict[str, Any] | None:
    """The recipe in the metadata of a picture that Pillow has opened; None where there is none that can be read."""
    try:
        if KEY in image.info:
            recipe = json.loads(str(image.info[KEY]))
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Pillow's, about damaged blocks
                # In a PNG the recipe is a text; to look for EXIF behind its pixels Pillow would decode them, however many.
                block = {} if image.format == "PNG" else image.getexif().get_ifd(_EXIF)
                comment = bytes(block.get(_USER_COMMENT, b""))
            recipe = json.loads(comment.removeprefix(_ASCII))[KEY]
        return recipe if isinstance(recipe, dict) else None
    except Exception:  # other programs' comments and damaged blocks: no recipe either way
        return None
