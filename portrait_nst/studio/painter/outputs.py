"""The files of a finished job, each whole or not at all; which they are, its result says."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from portrait_nst import imaging
from portrait_nst.errors import InputError
from portrait_nst.types import UInt8Array

THUMB, RECIPE = "thumb.jpg", "recipe.json"
THUMB_SIDE, THUMB_QUALITY = 384, 85
PAPER = 245  # the grey behind what is transparent, in pictures that cannot be


def name(form: str) -> str:
    """The file's name of a result in this form."""
    return f"result.{form}"


def save_picture(save: Callable[..., Any], folder: Path, *, transparent: bool, **options: Any) -> list[str]:
    """Write a picture as PNG and, unless it is transparent, as JPEG; the forms.

    save: `Result.save` or `PopartResult.save`. The JPEG is written now: made later of the PNG it would lack the gain map of an
    Ultra HDR photo, and the server has nothing that could make it. Raises ResourceError where the disk is full.
    """
    forms = ["png"]
    save(folder / name("png"), overwrite=True, **options)
    if not transparent:
        with contextlib.suppress(InputError):  # longer than a JPEG may be
            save(folder / name("jpg"), overwrite=True, **options)
            forms.append("jpg")
    return forms


def save_thumb(rgb: UInt8Array, alpha: UInt8Array | None, folder: Path) -> None:
    """Write the small picture that lists show. rgb: (H, W, 3) uint8; alpha: (H, W) uint8 or None."""
    imaging.write_atomic(folder / THUMB, jpeg(small(rgb, alpha, THUMB_SIDE), THUMB_QUALITY), overwrite=True)


def save_recipe(recipe: dict[str, Any], folder: Path) -> None:
    """Write the recipe beside the result, for the page."""
    text = json.dumps(recipe, ensure_ascii=False, indent=1)
    imaging.write_atomic(folder / RECIPE, text.encode(errors="backslashreplace"), overwrite=True)


def small(rgb: UInt8Array, alpha: UInt8Array | None, longest: int) -> UInt8Array:
    """(h, w, 3) uint8, the longer side at most `longest`, over paper where it is transparent."""
    size = imaging.size_within((rgb.shape[0], rgb.shape[1]), longest)
    shown = imaging.resize(rgb, size)
    if alpha is None:
        return shown
    opacity = imaging.resize(alpha, size)[..., None].astype(np.float32) / 255
    return np.round(shown * opacity + PAPER * (1 - opacity)).astype(np.uint8)


def jpeg(rgb: UInt8Array, quality: int) -> bytes:
    """The bytes of a JPEG of (h, w, 3) uint8 sRGB."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb)).save(file, "JPEG", quality=quality)
    return file.getvalue()
