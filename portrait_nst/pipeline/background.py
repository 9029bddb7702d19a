"""The background of the person: the photo itself, a colour, a blur, transparency, or a style of its own."""

from __future__ import annotations

import numpy as np

from portrait_nst import imaging, named_styles
from portrait_nst.errors import InputError
from portrait_nst.pipeline.inputs import load_style
from portrait_nst.settings import Blur, Colour, Picture, Transparent, parse_background
from portrait_nst.types import FloatArray, GainMap, Photo, Samples, UInt8Array

KINDS = ("keep", "blur", "transparent")
BLUR = 0.02  # standard deviation, as a fraction of the photo's diagonal


def choose(background: str) -> tuple[str, Photo | None]:
    """The kind of the background and its style picture: ("keep" | "blur" | "transparent" | "#rrggbb" | "style", picture or None).

    Raises InputError as `check` does, and for a picture that cannot be read.
    """
    check(background)
    plain = not isinstance(parse_background(background), Picture)
    return (background, None) if plain else ("style", load_style(background))


def check(background: str) -> None:
    """Raise InputError if `background` is neither a known word, nor a colour, nor an existing style."""
    meant = parse_background(background)
    if isinstance(meant, Picture) and not meant.path.is_file():
        raise InputError(
            f"background must be keep, blur, transparent, a colour like '#1a2b3c', a style picture, or the name of one as "
            f"`portrait-nst styles` lists them; {background!r} is none of these.{named_styles.near(background)}"
        )


def assemble(
    picture: Photo, painted: UInt8Array, behind: UInt8Array, alpha: FloatArray, kind: str
) -> tuple[UInt8Array, UInt8Array | None]:
    """The finished picture at the photo's size, (H, W, 3), and its transparency (H, W) or None.

    painted: (H, W, 3), the painting, which `alpha` (H, W) in [0, 1] blends with the background.
    behind:  (H, W, 3), the colours of the background, continued behind the person.
    kind:    the kind of the background, see `choose`.
    """
    if kind == "style":
        return painted, picture.alpha
    match parse_background(kind):
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


def in_space_of(
    picture: Photo, rgb: UInt8Array, alpha: FloatArray, kind: str, *, unpainted: bool
) -> tuple[Samples | None, str]:
    """The finished picture `rgb` of `assemble` in the space of `picture`, and a note or ""; see `imaging.in_space_of`.

    unpainted: whether nothing was painted, so that a kept background is the whole photo.
    """
    if picture.native is None:
        return None, ""
    # Under a background of its own nothing is the photo's; nothing painted on a kept one is the whole photo.
    own = 1 - alpha if kind == "keep" and not unpainted else np.full_like(alpha, kind == "keep")
    return imaging.in_space_of(picture, rgb, own, alpha if kind == "transparent" else None)


def gain_map(
    picture: Photo, alpha: FloatArray, kind: str, *, unpainted: bool
) -> tuple[GainMap | None, tuple[str, ...]]:
    """The gain map of the finished picture, and remarks; see `imaging.carried_over`.

    unpainted: whether nothing was painted, so that a kept background is the whole photo.
    """
    if picture.gain_map is None or kind != "keep":
        return imaging.carried_over(picture, None)
    return imaging.carried_over(picture, np.ones_like(alpha) if unpainted else 1 - alpha)
