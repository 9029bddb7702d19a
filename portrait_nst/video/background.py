"""A painted frame laid over its own, at the clip's own size: the place kept, blurred, gone, of one colour or painted too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from portrait_nst.imaging.continuation import continue_past
from portrait_nst.pipeline.background import BLUR
from portrait_nst.settings import Blur, Colour, Keep, Picture, Transparent, parse_background
from portrait_nst.types import FloatArray, UInt8Array

if TYPE_CHECKING:
    from portrait_nst.clips.frame import Frame
    from portrait_nst.video.seen import SeenFrame


class Backdrop:
    """Lays paintings over frames, each by itself: nothing is remembered from one to the next."""

    def __init__(self, background: str, *, detail: bool = True) -> None:
        """`background` is that of `Settings`; detail: whether a painting is given the frame's fine structure when it is enlarged."""
        self._kind, self._detail = parse_background(background), detail

    @property
    def is_painted(self) -> bool:
        """Whether the background is painted too, in a style of its own."""
        return isinstance(self._kind, Picture)

    @property
    def is_transparent(self) -> bool:
        """Whether frames get an alpha channel."""
        return isinstance(self._kind, Transparent)

    def laid(self, seen: SeenFrame, painted: FloatArray, behind: FloatArray | None = None) -> Frame:
        """The finished frame.

        painted: (h, w, 3) float32 sRGB in [0, 1], what a painter made of `seen`.
        behind:  the same of the background where another painter has that; None where `painted` shows it too, or it is not painted.

        A kept background has the clip's own samples where the matte is 0, to the bit.
        """
        from portrait_nst.segmentation.refine import enlarge

        frame = seen.frame
        if isinstance(self._kind, Keep) and not (seen.alpha > 0).any():
            return frame
        alpha = enlarge(frame.rgb, seen.rgb, seen.alpha)
        person = self._at_size(painted, frame.rgb)
        if isinstance(self._kind, Keep):
            return frame.over(_over_itself(person, frame.rgb, alpha, _difference(seen)), (alpha > 0).astype(np.float32))
        if isinstance(self._kind, Transparent):
            own = frame.alpha
            return frame.replaced(person, alpha if own is None else alpha * (own.astype(np.float32) / 255))
        if self.is_painted and behind is None:
            return frame.over(person, np.ones_like(alpha))
        place = self._place(seen, behind)
        weight = alpha[..., None]
        return frame.over(person * weight + place * (1 - weight), np.ones_like(alpha))

    def _at_size(self, painted: FloatArray, rgb: UInt8Array) -> FloatArray:
        """`painted` at the size of `rgb` (H, W, 3), as float32 in [0, 1]."""
        from portrait_nst import transfer

        if painted.shape[:2] == rgb.shape[:2]:
            return painted
        if self._detail:
            return transfer.transfer_detail(rgb, painted).astype(np.float32) / np.float32(255)
        import cv2

        large = cv2.resize(painted, rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        return np.asarray(large, np.float32)

    def _place(self, seen: SeenFrame, behind: FloatArray | None) -> FloatArray:
        """What stands behind the person, (H, W, 3) float32 in [0, 1], or one colour (3,)."""
        match self._kind:
            case Colour(red, green, blue):
                return np.array([red, green, blue], np.float32) / np.float32(255)
            case Blur():
                return _blurred(seen)
        assert behind is not None
        return self._at_size(behind, seen.frame.rgb)


def _over_itself(person: FloatArray, rgb: UInt8Array, alpha: FloatArray, difference: FloatArray | None) -> FloatArray:
    """(H, W, 3): the painted `person` over the frame's background, as far as the two can be told apart.

    A frame is I = alpha F + (1 - alpha) B, wanted is alpha P + (1 - alpha) B, and B = I + alpha (B - F). Of the unknown colours only
    their `difference` (h, w, 3) in levels is needed, which is smooth: it is found at the painted size (None for none).
    """
    import cv2

    found = person.copy()
    mixed = (alpha > 0) & (alpha < 1)
    if not mixed.any():
        return found
    weight = alpha[mixed][:, None]
    own = rgb[mixed].astype(np.float32) / np.float32(255)
    place = own
    if difference is not None:
        large = cv2.resize(difference, rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        place = np.clip(own + weight * np.asarray(large, np.float32)[mixed] / np.float32(255), 0, 1)
    found[mixed] = weight * person[mixed] + (1 - weight) * place
    return found


def _difference(seen: SeenFrame) -> FloatArray | None:
    """(h, w, 3) float32 in levels: the background's colours minus the person's, both continued to where the matte mixes them."""
    inside, outside = seen.alpha >= 1, seen.alpha <= 0
    if not (inside.any() and outside.any()):
        return None
    behind, person = continue_past(seen.rgb, outside), continue_past(seen.rgb, inside)
    return behind.astype(np.float32) - person.astype(np.float32)


def _blurred(seen: SeenFrame) -> FloatArray:
    """The background without the person, blurred: computed at the painted size, as nothing fine is left of it."""
    import cv2

    outside = seen.alpha <= 0
    place = continue_past(seen.rgb, outside) if outside.any() else seen.rgb
    sigma = BLUR * float(np.hypot(*seen.alpha.shape))
    smooth = cv2.GaussianBlur(place.astype(np.float32) / np.float32(255), (0, 0), sigma)
    height, width = seen.frame.size
    return np.asarray(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
