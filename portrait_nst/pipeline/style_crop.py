"""The part of a style picture that counts, according to its transparency and its mask."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from portrait_nst import imaging
from portrait_nst.errors import InputError, MaskError
from portrait_nst.types import FloatArray, Photo, UInt8Array


@dataclass(frozen=True, eq=False)
class Shown:
    """A picture and how much each of its pixels counts.

    rgb:  (H, W, 3) uint8 sRGB; where the mask is 0, it is a continuation of the rest, so that resizing and receptive fields
          do not mix in other colours.
    mask: (H, W) float32 in [0, 1]; None if all of it counts.
    """

    rgb: UInt8Array
    mask: FloatArray | None = None

    @cached_property
    def grey(self) -> bool:
        """Whether the part that counts is grey."""
        return imaging.is_grey(self.rgb, None if self.mask is None else self.mask > 0)


def shown(picture: Photo, style_region: str = "whole") -> Shown:
    """The part of `picture` that counts, for a ``style_region`` of "whole", "person" or the path of a mask.

    Transparent pixels never count. Raises InputError for a picture that is transparent everywhere and for a mask of other
    proportions, and MaskError if the mask leaves nothing.
    """
    name = "picture" if picture.path is None else f"picture {picture.path}"
    rgb, opacity = picture.rgb, None
    if picture.alpha is not None:
        opacity = imaging.to_float(picture.alpha)
        if not opacity.any():
            raise InputError(
                f"The {name} is transparent everywhere, so that nothing of it can be seen; expected a picture with something "
                "visible. Give another one, or save it without transparency."
            )
        rgb = imaging.continue_past(rgb, opacity > 0)
    if style_region == "whole":
        return Shown(rgb, opacity)
    if style_region == "person":
        mask = _person(Photo(rgb))
    else:
        mask = imaging.load_mask(style_region, picture.rgb.shape[:2], of=f"the style {name}")
    if opacity is not None:
        mask = mask * opacity
    if not mask.any():
        raise MaskError(
            f"Nothing of the style {name} is left by --style-region {style_region}: what it chooses is transparent there. "
            "Choose a part that can be seen, or use --style-region whole."
        )
    return Shown(imaging.continue_past(rgb, mask > 0), mask)


def _person(style: Photo) -> FloatArray:
    """(H, W) float32 in [0, 1], the person in a style picture. Raises MaskError."""
    from portrait_nst import segmentation

    try:
        return segmentation.person(style, painted=True).alpha
    except MaskError as error:
        raise MaskError(
            "No person was found in the style picture. Use --style-region whole, or give a mask for it with --style-region FILE."
        ) from error
