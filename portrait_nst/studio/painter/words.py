"""What a setting's text may mean: a word, a colour, a style's name or the id of an upload, and never a file of this machine."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from portrait_nst import named_styles
from portrait_nst.errors import InputError
from portrait_nst.resources import cache_folder, file_digest
from portrait_nst.settings import Field, hex_colour
from portrait_nst.studio.records import ThingKind
from portrait_nst.studio.resolved import Source

REFUSED = ("weights", "identity_weights", "segmenter", "device", "precision", "threads", "max_memory")
"""Settings that name files of this machine, fetch something, or are the machine's: whoever starts the studio decides them."""
PICTURES: tuple[ThingKind, ...] = ("style", "photo")
EMBEDDED = "embedded"
_ID = re.compile("[0-9a-f]{16}")
_COLOURS = re.compile(r"\s*(#[0-9a-fA-F]{6}[\s,/]*)+")  # as `pop_art.colour.palette_files` reads a list

Upload = Callable[..., Source]
"""(id, *kinds) -> Source of an upload; raises `Missing`."""


class FieldError(InputError):
    """A value that cannot be used, and the setting or part of the request (`field`) that has it."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


def is_id(word: object) -> bool:
    """Whether `word` has the form of an id."""
    return isinstance(word, str) and _ID.fullmatch(word) is not None


def style(word: str, upload: Upload, field: str = "style") -> Source:
    """The picture of a style: an upload by its id, or one of the package by its name. Raises FieldError, Missing."""
    if is_id(word):
        return upload(word, *PICTURES)
    found = named_styles.find(word) if named_styles.is_name(word) else None
    if found is None:
        raise FieldError(
            f"There is no style {word!r}.{named_styles.near(word)} Choose one that the studio shows, or bring a picture.",
            field,
        )
    return Source(found, found.name, _digest(found))


def file_setting(field: Field, value: object, upload: Upload) -> tuple[object, Source | None]:
    """The value of a setting that may name a file, as `Settings` takes it, and the upload that it names, if any.

    Raises FieldError for everything that is neither a word of the setting, nor a colour, nor a style, nor an upload's id.
    """
    if not isinstance(value, str) or value in field.choices:
        return value, None
    if field.colour and value.startswith("#"):
        try:
            hex_colour(value)
        except InputError as error:
            raise FieldError(str(error), field.name) from None
        return value, None
    kinds: tuple[ThingKind, ...] = PICTURES if field.name != "style_region" else ("mask", *PICTURES)
    if is_id(value):
        found = upload(value, *kinds)
        return str(found.path), found
    if field.file is not None and field.file.style and (path := named_styles.find(value)) is not None:
        return str(path), None  # by its path: by its name a file in the working folder would be taken first
    words = [*field.choices, *(["a colour as #rrggbb"] if field.colour else [])]
    words += ["a style's name"] if field.file is not None and field.file.style else []
    raise FieldError(f"{field.option} must be {', '.join(words)} or the id of an upload, not {value!r}.", field.name)


def check_palettes(palettes: object) -> None:
    """Raise FieldError for a palette that is neither a name nor colours: it would be taken for a file."""
    from portrait_nst.pop_art.colour.palettes import NAMES

    if not isinstance(palettes, str):
        return  # the field itself says it better
    for part in filter(None, (part.strip() for part in palettes.split(";"))):
        if part not in NAMES and not _COLOURS.fullmatch(part):
            raise FieldError(
                f"There is no palette {part!r}. Name one of {', '.join(NAMES)}, or give colours as '#102040,#ff0044,#ffee88'.",
                "palette",
            )


def check_encoder(name: str) -> None:
    """Raise FieldError for an encoder whose weights are not on this machine: the studio fetches nothing from the network."""
    if name == EMBEDDED or _is_kept(name):
        return
    raise FieldError(
        f"The weights of the encoder {name!r} are not on this machine, and the studio fetches nothing: choose {EMBEDDED} (and no "
        "preset that needs another), or paint one picture with it on the command line first, which keeps them.",
        "encoder",
    )


def _is_kept(name: str) -> bool:
    """Whether torchvision's weights of an encoder were fetched before; see `encoders.pretrained`, which names the file."""
    if not re.fullmatch("[a-z0-9_]{1,40}", name):
        return False
    kept = re.compile(rf"{name}(_google|_rwightman)?-[0-9a-f]+-features\.pth")
    try:
        return any(kept.fullmatch(path.name) for path in cache_folder().glob(f"{name}*-features.pth"))
    except OSError:
        return False


@lru_cache(maxsize=64)
def _digest(path: Path) -> str:
    return file_digest(path)
