"""The frame of a clip that is read: its own planes, and what is made of them."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from portrait_nst.clips import colour, viewing
from portrait_nst.clips.blending import blended, planes_of, rounded
from portrait_nst.clips.layout import layout
from portrait_nst.clips.planes import Plane, Planes, exact, reformatter, to_frame
from portrait_nst.clips.turning import turned, turned_planes
from portrait_nst.types import FloatArray, UInt8Array

if TYPE_CHECKING:
    from av import VideoFrame


class PlanarFrame:
    """A `Frame` as `read` yields it.

    samples:  its planes as stored.
    rotation: degrees counter-clockwise by which they are turned to be upright.
    number, pts, duration, time_base: as `Frame` says.
    """

    def __init__(
        self, samples: Planes, rotation: int, *, number: int, pts: int, duration: int, time_base: Fraction
    ) -> None:
        self.samples, self.rotation = samples, rotation
        self.number, self.pts, self.duration, self.time_base = number, pts, duration, time_base

    @property
    def size(self) -> tuple[int, int]:
        """(height, width), upright."""
        height, width = self.samples.size
        return (width, height) if self.rotation % 180 else (height, width)

    @property
    def time(self) -> float:
        """When it is shown, in seconds of the clip's own clock."""
        return float(self.pts * self.time_base)

    @cached_property
    def rgb(self) -> UInt8Array:
        """(H, W, 3) uint8 sRGB, upright: how the frame looks."""
        return np.ascontiguousarray(turned(_seen(self.samples), self.rotation))

    @cached_property
    def alpha(self) -> UInt8Array | None:
        """(H, W) uint8, upright, or None for a clip without transparency."""
        plane = self.samples.alpha
        if plane is None:
            return None
        return np.ascontiguousarray(turned(_in_8_bits(plane, self.samples.layout.greatest), self.rotation))

    def over(self, painted: UInt8Array | FloatArray, alpha: FloatArray) -> PlanarFrame:
        """This frame with `painted` laid over it; see `Frame.over`. Raises ValueError where sizes differ."""
        if painted.shape != (*self.size, 3) or alpha.shape != self.size:
            raise ValueError(f"painted {painted.shape} and alpha {alpha.shape} must have the frame's size, {self.size}")
        laid = blended(self.samples, turned(painted, -self.rotation), turned(alpha, -self.rotation))
        return self._with(laid, self.rotation)

    def replaced(self, rgb: UInt8Array | FloatArray, opacity: FloatArray | None = None) -> PlanarFrame:
        """A frame of the same time with other contents; see `Frame.replaced`.

        It is of the clip's own kind and bits; with `opacity` it has an alpha plane, and chroma at full resolution.
        """
        form = self.samples.layout
        kind = "yuv" if form.kind == "grey" else form.kind
        clear = opacity is not None
        like = Planes(layout(kind, form.bits, (1, 1) if clear else form.block, clear), (), self.samples.colour)
        planes = [rounded(codes, like.layout.greatest) for codes in planes_of(turned(rgb, -self.rotation), like)]
        if opacity is not None:
            shown = np.clip(np.nan_to_num(turned(opacity, -self.rotation)), 0, 1)
            planes.append(rounded(shown * np.float32(like.layout.greatest), like.layout.greatest))
        return self._with(Planes(like.layout, tuple(planes), like.colour), self.rotation)

    @property
    def native(self) -> VideoFrame:
        """PyAV's frame of its own samples, as stored, with time and colours, for an encoder.

        Turned by `rotation` it is upright, which is for the container to say. It is a copy.
        """
        return self._for_encoder(self.samples)

    @property
    def upright(self) -> VideoFrame:
        """PyAV's frame of its own samples turned upright, for containers that cannot say how a picture is turned. A copy."""
        return self._for_encoder(turned_planes(self.samples, self.rotation))

    def _for_encoder(self, samples: Planes) -> VideoFrame:
        frame = to_frame(samples)
        frame.pts, frame.time_base, frame.duration = self.pts, self.time_base, self.duration
        return frame

    def _with(self, samples: Planes, rotation: int) -> PlanarFrame:
        return PlanarFrame(
            samples,
            rotation,
            number=self.number,
            pts=self.pts,
            duration=self.duration,
            time_base=self.time_base,
        )


def _in_8_bits(plane: Plane, greatest: int) -> UInt8Array:
    return np.asarray(plane if greatest == 255 else np.rint(plane * np.float32(255 / greatest)), np.uint8)


def _seen(samples: Planes) -> UInt8Array:
    form, tags = samples.layout, samples.colour
    if not viewing.is_direct(tags):
        return viewing.view(colour.signal(samples), tags)
    if form.kind == "yuv":
        frame = to_frame(Planes(layout("yuv", form.bits, form.block), samples.planes[:3], tags))
        made = reformatter().reformat(frame, format="rgb24", interpolation=exact(), dst_color_range=2, threads=1)
        return np.asarray(made.to_ndarray(), np.uint8)
    if form.kind == "rgb":
        return np.stack([_in_8_bits(samples.planes[i], form.greatest) for i in (2, 0, 1)], axis=2)
    return np.asarray(np.rint(np.clip(colour.signal(samples), 0, 1) * 255), np.uint8)
