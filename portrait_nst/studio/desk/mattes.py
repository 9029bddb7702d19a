"""Mattes: the found one of a photo, kept at full size beside it, and what the page is shown of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from portrait_nst import imaging
from portrait_nst.errors import InputError, MaskError, PortraitError
from portrait_nst.imaging.sources import read_bytes
from portrait_nst.segmentation import checked_person
from portrait_nst.studio.desk.looks import look
from portrait_nst.studio.desk.people import NOBODY
from portrait_nst.types import FloatArray

WHITE = 65535


def matte(
    path: Path,
    kept: Path,
    person: str | int = "all",
    mask: Path | None = None,
    longest: int = 1600,
    clip: bool = False,
) -> bytes:
    """A PNG, 8-bit grey, of what of the photo `path` is painted, its longer side `longest` pixels at most.

    kept: the file in which the found matte of this `person` is kept, see `found`. mask: a mask instead of it.
    Raises MaskError where nobody is found, or fewer than `person`.
    """
    alpha = found(path, kept, person, clip) if mask is None else of_mask(mask, look(path, clip=clip).photo.size)
    return grey_png(imaging.resize_mask(alpha, imaging.size_within((alpha.shape[0], alpha.shape[1]), longest)), 8)


def found(path: Path, kept: Path, person: str | int = "all", clip: bool = False) -> FloatArray:
    """(H, W) float32 in [0, 1]: the matte of `person` in the photo `path`, in whole steps of 1 / 65535.

    kept: its file, 16-bit grey PNG, written at the first time. Raises InputError and MaskError.
    """
    checked_person(person)
    if kept.is_file():
        try:
            return imaging.decode_mask(kept.read_bytes(), "the mask", look(path, clip=clip).photo.size)
        except (PortraitError, OSError):  # it was damaged, or is being removed
            pass
    group = look(path, clip=clip).group
    if group is None:
        raise MaskError(NOBODY)
    alpha = group.matte(person).alpha
    if not alpha.any():
        raise MaskError("Nothing of this person can be painted: the photo is transparent there. Choose somebody else.")
    imaging.write_atomic(kept, grey_png(alpha, 16), overwrite=True)
    return in_steps(alpha)


def of_mask(path: Path, size: tuple[int, int]) -> FloatArray:
    """(height, width) float32 in [0, 1]: the kept mask in the file `path`. Raises InputError, MaskError."""
    return imaging.decode_mask(read_bytes(path), "the mask", size)


def in_steps(alpha: FloatArray) -> FloatArray:
    """`alpha` as its 16-bit file holds it."""
    return np.asarray(np.rint(alpha * np.float32(WHITE)) / np.float32(WHITE), np.float32)


def grey_png(alpha: FloatArray, bits: int) -> bytes:
    """The PNG of `alpha` (H, W) float32 in [0, 1], grey, with 8 or 16 bits. Raises InputError where it cannot be made."""
    import cv2

    white, kind = (255, np.uint8) if bits == 8 else (WHITE, np.uint16)
    done, data = cv2.imencode(".png", np.rint(alpha * np.float32(white)).astype(kind), [cv2.IMWRITE_PNG_COMPRESSION, 1])
    if not done:
        raise InputError("The mask could not be written as a PNG; use a smaller photo.")
    return data.tobytes()
