"""Gain maps: the light and shade of a painting's sitter on the photo's face.

Selim, Elgharib & Doyle, "Painting Style Transfer for Head Portraits Using Convolutional Neural Networks", ACM TOG 35(4), 2016.
With F(I) the photo's features and F(S) those of the painting's sitter, warped onto the photo's face,

    G = clip(F(S) / (F(I) + 1e-4), 0.7, 5),    target = F(I) G,

so that light, shade and local contrast become the painting's while the face remains the photo's. Opposed to the paper, which
morphs by 66 points and SIFT flow, the sitter is laid over the face by a flow through 157 points (`portrait_nst.faces.warp_map`),
and the gain fades to 1 at the face's edge, where the two are no longer aligned.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from portrait_nst.transfer.rect import Rect

LOWEST_GAIN, HIGHEST_GAIN = 0.7, 5.0


@dataclass(frozen=True, eq=False)
class Sitter:
    """The painting's sitter on a canvas: `image` (1, 3, H, W; RGB in [0, 1]), and `face` (H, W; [0, 1]), the photo's face."""

    image: Tensor
    face: Tensor

    def part(self, rect: Rect) -> Sitter:
        """The part of the sitter that lies in `rect`."""
        return Sitter(rect.part(self.image), rect.part(self.face))


def apply_gain(photo: Tensor, sitter: Tensor, face: Tensor) -> Tensor:
    """F(I) G for features of photo and sitter, which have one shape, where `face` is 1; F(I) where it is 0.

    `face` (in [0, 1]) has a shape that broadcasts to that of the features.
    """
    gain = (sitter / (photo + 1e-4)).nan_to_num(1.0).clamp(LOWEST_GAIN, HIGHEST_GAIN)
    return photo * (1 + face * (gain - 1))
