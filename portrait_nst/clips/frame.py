"""One frame of a clip: its own samples, its time, how it looks, and how a painting is laid over it."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

from portrait_nst.types import FloatArray, UInt8Array

if TYPE_CHECKING:
    from av import VideoFrame


class Frame(Protocol):
    """A frame of a clip, upright; `clips.reader` makes it.

    number: from 0, among those that are read.
    pts:    when it is shown, in units of `time_base` seconds.
    duration: for how long, in the same units; 0 where the clip does not say.
    """

    number: int
    pts: int
    duration: int
    time_base: Fraction

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""

    @property
    def rgb(self) -> UInt8Array:
        """(H, W, 3) uint8 sRGB, how the frame looks; what is tone-mapped for this, in HDR, `over` maps back. Computed once."""

    @property
    def alpha(self) -> UInt8Array | None:
        """(H, W) uint8, or None for a clip without transparency."""

    def over(self, painted: UInt8Array | FloatArray, alpha: FloatArray) -> Frame:
        """This frame with `painted` (H, W, 3; sRGB, uint8 or float32 in [0, 1]) laid over it as `alpha` (H, W) in [0, 1] says.

        It has the clip's own sample format and colour space. Where `alpha` is 0 samples stay as they are, to the bit; with
        reduced chroma, a chroma sample stays if any pixel that depends on it has an `alpha` of 0.
        """

    def replaced(self, rgb: UInt8Array | FloatArray, opacity: FloatArray | None = None) -> Frame:
        """A frame of the same time with other contents, of any size (h, w, 3), with `opacity` (h, w) in [0, 1] where given."""

    @property
    def native(self) -> VideoFrame:
        """PyAV's frame of its own samples as they are stored, before they are turned; with its time and colours."""

    @property
    def upright(self) -> VideoFrame:
        """PyAV's frame of its own samples, turned upright."""
