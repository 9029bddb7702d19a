"""What goes in: pictures in any form, and the part of them that is meant."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from portrait_nst import imaging, named_styles
from portrait_nst.errors import InputError, MaskError
from portrait_nst.imaging.reading import MIN_SIDE
from portrait_nst.types import FloatArray, Matte, Photo, UInt8Array

Picture = str | Path | UInt8Array | Photo


def load(picture: Picture) -> Photo:
    """A `Photo` from a path, from an array (H, W, 3) uint8 sRGB, or unchanged. Raises InputError."""
    if isinstance(picture, Photo):
        return picture
    if isinstance(picture, np.ndarray):
        if picture.ndim != 3 or picture.shape[2] not in (3, 4) or picture.dtype != np.uint8:
            raise InputError(
                f"A picture array must be (H, W, 3) or (H, W, 4) uint8, not {picture.shape} {picture.dtype}."
            )
        if min(picture.shape[:2]) < MIN_SIDE:
            height, width = picture.shape[:2]
            raise InputError(
                f"The picture array is only {width} x {height} pixels; expected at least {MIN_SIDE} on each side."
            )
        data = np.ascontiguousarray(picture)
        alpha = np.ascontiguousarray(data[..., 3]) if data.shape[2] == 4 else None
        return Photo(np.ascontiguousarray(data[..., :3]), alpha, sha256=hashlib.sha256(data.tobytes()).hexdigest())
    if not isinstance(picture, (str, Path)):
        raise InputError(f"A picture must be a path, an array or a Photo, not {type(picture).__name__}.")
    return imaging.load(picture)


def load_style(picture: Picture) -> Photo:
    """`load`, of a style: text may also be the name of one in the package. A file or folder of that name goes first."""
    return load(named_styles.style_file(picture) if isinstance(picture, (str, Path)) else picture)


def matte(
    photo: Picture, *, mask: str | Path | FloatArray | None = None, region: str = "person", person: str | int = "all"
) -> Matte:
    """The part of `photo` that is painted.

    mask:   a grey picture of the photo's proportions, or (H, W) float in [0, 1], instead of segmentation.
    region: "person", or "all" for the whole picture.
    person: "all", "largest", or a number counted from the left from 1.

    Raises MaskError where there is nobody to be found or the mask is empty, InputError for a mask of other proportions.
    """
    photo = load(photo)
    size = photo.rgb.shape[:2]
    if mask is not None:
        if isinstance(mask, np.ndarray):
            if mask.shape != size:
                raise MaskError(f"The mask array is {mask.shape}, the photo {size}; they must be the same.")
            if not np.isfinite(mask).all():
                raise MaskError("The mask array holds values that are not finite; expected 0 (kept) to 1 (painted).")
            found = Matte(np.clip(mask, 0, 1).astype(np.float32), source="array")
        else:
            found = Matte(imaging.load_mask(mask, (size[0], size[1])), source=f"mask {Path(mask).name}")
    elif region == "all":
        if person != "all":  # a preset's region, or the user's own, would silently win
            raise MaskError(
                f"--region all paints the whole picture, so that --person {person} has nothing to choose. Leave one of them out; "
                "with a preset that paints the whole picture, add --region person."
            )
        found = Matte(np.ones(size, np.float32), source="all")
    else:
        from portrait_nst import segmentation

        found = segmentation.person(photo, person=person)
    if photo.alpha is not None:
        found = Matte(found.alpha * (photo.alpha > 0), found.people, found.source)
    if not found.alpha.any():
        raise MaskError("The mask is empty: nothing in the photo would be painted. Give a mask with white in it.")
    return found
