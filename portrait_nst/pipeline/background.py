"""What stands behind the person: the photo itself, a colour, a blur, nothing, or a style of its own."""

from __future__ import annotations

import numpy as np

from portrait_nst import imaging, named_styles
from portrait_nst.errors import InputError
from portrait_nst.pipeline.inputs import load_style
from portrait_nst.settings import Blur, Colour, Picture, Transparent, parse_background
from portrait_nst.types import FloatArray, Photo, UInt8Array

BLUR = 0.02  # of the diagonal


def choose(background: str) -> tuple[str, Photo | None]:
    """What to do with the background: (its word, None), or ("style", the picture). Raises InputError for what is neither."""
    meant = parse_background(background)
    if not isinstance(meant, Picture):
        return background, None
    if not meant.path.is_file():
        raise InputError(
            f"background must be keep, blur, transparent, a colour like '#1a2b3c', a style picture, or the name of one as "
            f"`portrait-nst styles` lists them; {background!r} is none of these.{named_styles.near(background)}"
        )
    return "style", load_style(background)


def assemble(
    picture: Photo, painted: UInt8Array, behind: UInt8Array, alpha: FloatArray, backdrop: str, joint: bool
) -> tuple[UInt8Array, UInt8Array | None]:
    """The finished picture: painting over background, at the photo's size."""
    if joint:
        return painted, picture.alpha
    match parse_background(backdrop):
        case Transparent():
            opacity = alpha if picture.alpha is None else alpha * (picture.alpha.astype(np.float32) / 255)
            return painted, np.round(opacity * 255).astype(np.uint8)
        case Blur():
            import cv2

            sigma = BLUR * float(np.hypot(picture.height, picture.width))
            behind = cv2.GaussianBlur(behind, (0, 0), sigma)
        case Colour(red, green, blue):
            behind = np.full_like(picture.rgb, (red, green, blue))
        case _:
            return imaging.composite(picture.rgb, painted, alpha, behind), picture.alpha
    return imaging.composite(behind, painted, alpha, behind), picture.alpha
