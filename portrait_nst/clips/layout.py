"""The planar forms in which frames are kept: each of PyAV's sample formats has one that holds its samples exactly."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Literal

_BITS = (8, 9, 10, 12, 14, 16)
_CHROMA = {(1, 1): "444", (1, 2): "422", (2, 2): "420", (2, 1): "440", (1, 4): "411", (4, 4): "410"}
_YUV = {  # bits that PyAV has of each subsampling, without and with transparency
    "444": ((8, 9, 10, 12, 14, 16), (8, 9, 10, 12, 16)),
    "422": ((8, 9, 10, 12, 14, 16), (8, 9, 10, 12, 16)),
    "420": ((8, 9, 10, 12, 14, 16), (8, 9, 10, 16)),
    "440": ((8, 10, 12), ()),
    "411": ((8,), ()),
    "410": ((8,), ()),
}
_RGB = ((8, 9, 10, 12, 14, 16), (8, 10, 12, 14, 16))


@dataclass(frozen=True)
class Layout:
    """How the samples of a frame lie: each component in a plane of its own.

    kind:  "yuv" (luma, blue and red chroma), "rgb" (planes in the order green, blue, red) or "grey" (luma).
    bits:  of a sample: 8, 9, 10, 12, 14 or 16.
    block: (rows, columns) of pixels that share a chroma sample.
    alpha: whether a last plane holds transparency, of full range.
    """

    kind: Literal["yuv", "rgb", "grey"]
    bits: int
    block: tuple[int, int] = (1, 1)
    alpha: bool = False

    @property
    def name(self) -> str:
        """PyAV's name of this format."""
        depth = "" if self.bits == 8 else f"{self.bits}le"
        if self.kind == "grey":
            return f"gray{depth}"
        if self.kind == "rgb":
            return f"gbr{'a' * self.alpha}p{depth}"
        return f"yuv{'a' * self.alpha}{_CHROMA[self.block]}p{depth}"

    @property
    def greatest(self) -> int:
        """The greatest code."""
        return int(2**self.bits) - 1

    @property
    def blocks(self) -> tuple[tuple[int, int], ...]:
        """(rows, columns) of pixels for each plane's sample."""
        chroma = {"yuv": (self.block, self.block), "rgb": ((1, 1), (1, 1)), "grey": ()}[self.kind]
        return ((1, 1), *chroma, *[(1, 1)] * self.alpha)


def layout(kind: Literal["yuv", "rgb", "grey"], bits: int, block: tuple[int, int] = (1, 1), alpha: bool = False) -> Layout:
    """The layout of at least these bits that PyAV has: more bits, finer chroma or another kind where it must be."""
    if kind == "grey":
        return Layout("rgb", *_enough(bits, _RGB[1]), alpha=True) if alpha else Layout("grey", *_enough(bits, _BITS))
    if kind == "rgb":
        return Layout("rgb", *_enough(bits, _RGB[alpha]), alpha=alpha)
    block = block if block in _CHROMA and _YUV[_CHROMA[block]][alpha] else (1, 1)
    bits_there = _YUV[_CHROMA[block]][alpha]
    if bits > bits_there[-1]:
        block, bits_there = (1, 1), _YUV["444"][alpha]
    return Layout("yuv", *_enough(bits, bits_there), block=block, alpha=alpha)


def _enough(bits: int, there: tuple[int, ...]) -> tuple[int]:
    return (next((known for known in there if known >= bits), there[-1]),)


@functools.cache
def layout_of(pixel_format: str) -> Layout:
    """The layout in which frames of PyAV's `pixel_format` are kept. Raises ValueError for an unknown name."""
    from av.video.format import VideoFormat

    form = VideoFormat(pixel_format, 16, 16)
    parts = form.components
    alpha = any(part.is_alpha for part in parts) or form.has_palette
    bits = max(part.bits for part in parts)
    if form.is_rgb or form.has_palette or form.is_bayer or pixel_format.startswith("xyz"):
        return layout("rgb", bits, alpha=alpha)
    if len(parts) - alpha < 3:
        return layout("grey", bits, alpha=alpha)
    return layout("yuv", bits, (16 // form.chroma_height(16), 16 // form.chroma_width(16)), alpha)
