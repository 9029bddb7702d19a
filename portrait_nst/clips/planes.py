"""The samples of a frame as numpy arrays, and back as PyAV's frame."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from portrait_nst.clips.info import ColourTags
from portrait_nst.clips.layout import Layout, layout_of

if TYPE_CHECKING:
    from av import VideoFrame
    from av.video.reformatter import VideoReformatter

Plane = NDArray[np.uint8] | NDArray[np.uint16]

_MPEG, _JPEG = 1, 2  # AVColorRange
_SAME_MEMORY = {"yuvj420p": "yuv420p", "yuvj422p": "yuv422p", "yuvj444p": "yuv444p", "yuvj440p": "yuv440p"}
_local = threading.local()


@dataclass(frozen=True, eq=False)
class Planes:
    """The samples of a frame, as they are stored.

    layout: what each plane holds.
    planes: one array (rows, columns) for each, uint8 for 8 bits, else uint16. Not to be written to.
    colour: what the samples mean.
    """

    layout: Layout
    planes: tuple[Plane, ...]
    colour: ColourTags

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        height, width = self.planes[0].shape
        return height, width

    @property
    def alpha(self) -> Plane | None:
        """The plane of transparency, or None."""
        return self.planes[-1] if self.layout.alpha else None


def reformatter() -> VideoReformatter:
    """This thread's converter between sample formats, which is fast where the one call is like the one before."""
    from av.video.reformatter import VideoReformatter

    if not hasattr(_local, "reformatter"):
        _local.reformatter = VideoReformatter()
    found: VideoReformatter = _local.reformatter
    return found


def exact() -> int:
    """swscale's flags for the least error: chroma between samples is interpolated in both directions, nothing is dithered."""
    from av.video.reformatter import Interpolation

    flags = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.BITEXACT
    return int(flags | Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP)


def from_frame(frame: VideoFrame, colour: ColourTags, size: tuple[int, int] | None = None, to: Layout | None = None) -> Planes:
    """The planes of PyAV's `frame`, which share its memory where they can.

    size, to: (height, width) and layout that they shall have, where the frame has others.
    """
    form = to or layout_of(frame.format.name)
    height, width = size or (frame.height, frame.width)
    if (frame.height, frame.width) != (height, width) or _SAME_MEMORY.get(frame.format.name, frame.format.name) != form.name:
        span = _JPEG if colour.full_range else _MPEG
        frame = reformatter().reformat(
            frame,
            width=width,
            height=height,
            format=form.name,
            interpolation=exact(),
            src_color_range=span,
            dst_color_range=span,
            threads=1,
        )
    return Planes(form, _views(frame, form), colour)


def _views(frame: VideoFrame, form: Layout) -> tuple[Plane, ...]:
    kind = np.uint8 if form.bits == 8 else np.uint16
    views = []
    for plane, block in zip(frame.planes, form.blocks, strict=True):
        rows, columns = _shape((frame.height, frame.width), block)
        lines = np.frombuffer(plane, np.uint8)[: rows * plane.line_size].reshape(rows, plane.line_size)
        views.append(lines.view(kind)[:, :columns])
    return tuple(views)


def _shape(size: tuple[int, int], block: tuple[int, int]) -> tuple[int, int]:
    return -(-size[0] // block[0]), -(-size[1] // block[1])


def to_frame(samples: Planes) -> VideoFrame:
    """PyAV's frame of a copy of `samples`, with its colours tagged."""
    from av import VideoFrame

    height, width = samples.size
    frame = VideoFrame(width, height, samples.layout.name)
    for view, plane in zip(_views(frame, samples.layout), samples.planes, strict=True):
        view[:] = plane
    tag(frame, samples.colour)
    return frame


def tag(frame: VideoFrame, colour: ColourTags) -> None:
    """Write into PyAV's `frame` what its samples mean."""
    frame.colorspace = colour.matrix
    frame.color_range = _JPEG if colour.full_range else _MPEG
    frame.color_trc = colour.transfer
    frame.color_primaries = colour.primaries
