"""Masks that the page drew or a user brought, at the photo's full size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from portrait_nst import imaging
from portrait_nst.errors import MaskError
from portrait_nst.imaging.pixels import luma
from portrait_nst.imaging.sources import read_bytes
from portrait_nst.studio.desk import mattes
from portrait_nst.studio.desk.examine import load
from portrait_nst.studio.desk.looks import look
from portrait_nst.types import FloatArray, Photo

BLACK = "The mask is black everywhere, so that nothing would be painted; paint white what shall be painted."


def make(
    path: Path,
    kept: Path,
    brought: Path,
    name: str,
    out: Path,
    pixels: int,
    person: str | int = "all",
    base: Path | None = None,
) -> dict[str, Any]:
    """Write the mask for the photo `path` that the picture `brought` stands for to `out`; returns {"width", "height"} of it.

    brought: grey with transparency, it is a correction: its value where it is opaque, elsewhere the matte found of `person`, kept
             in the file `kept`, or the mask `base`; mixed where it is half transparent. Any other picture is a whole mask,
             see `imaging.load_mask`. name: what messages call it. pixels: of it at most.

    The file is a grey PNG of the photo's size with 16 bits, or 8 where they are enough. Raises InputError, MaskError.
    """
    drawn = load(brought, name, pixels)
    photo = look(path).photo
    imaging.check_proportions(f"The mask {name}", drawn.size, "the photo", photo.size)
    if drawn.alpha is not None and imaging.is_grey(drawn.rgb, drawn.alpha > 0):
        before = _before(path, kept, person, base, photo.size)
        alpha = corrected(before, drawn)
    else:
        alpha = imaging.decode_mask(read_bytes(brought), name, photo.size)
    if not alpha.any():
        raise MaskError(BLACK)
    eight = bool((np.rint(alpha * np.float32(mattes.WHITE)).astype(np.uint16) % 257 == 0).all())
    imaging.write_atomic(out, mattes.grey_png(alpha, 8 if eight else 16), overwrite=True)
    return {"width": photo.width, "height": photo.height}


def corrected(before: FloatArray, drawn: Photo) -> FloatArray:
    """`before` (H, W) in [0, 1] with what was drawn over it, at any size; exactly `before` where that is wholly transparent."""
    assert drawn.alpha is not None
    opacity = imaging.to_float(drawn.alpha)
    size = before.shape[0], before.shape[1]
    value = imaging.resize_mask(
        luma(imaging.to_float(drawn.rgb)) * opacity, size
    )  # weighed: clear pixels have no value
    opacity = imaging.resize_mask(opacity, size)
    mixed = before * (1 - opacity) + np.minimum(value, opacity)
    return np.where(opacity > 0, np.clip(mixed, 0, 1), before).astype(np.float32)


def _before(path: Path, kept: Path, person: str | int, base: Path | None, size: tuple[int, int]) -> FloatArray:
    """What is corrected; nothing where nobody was found."""
    if base is not None:
        return mattes.of_mask(base, size)
    if look(path).group is None:
        return np.zeros(size, np.float32)
    return mattes.found(path, kept, person)
