"""Frames as an encoder takes them: its format, its size, upright where the file cannot say how they lie."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from portrait_nst.clips.encoding import Encoding
from portrait_nst.clips.frame import Frame
from portrait_nst.clips.info import ClipInfo, ColourTags
from portrait_nst.clips.layout import layout_of
from portrait_nst.clips.planes import Plane, Planes, from_frame, reformatter, to_frame

if TYPE_CHECKING:
    import av
    from av.video.codeccontext import VideoCodecContext

_BT709, _RGB = 1, 0  # matrices of H.273
_LIMITED, _FULL = 1, 2  # FFmpeg's numbers of ranges
# swscale's numbers of matrices by those of H.273; it has one for both kinds of BT.601 and one for both of BT.2020
_SCALER = {1: 1, 4: 4, 5: 5, 6: 5, 7: 7, 9: 9, 10: 9}


class Conversion:
    """Makes the pictures that an encoder is given of the frames of a clip.

    rotation: in degrees counter-clockwise, what the file must say of them; 0 where they are upright.
    size:     (height, width) as they are stored, before `rotation`.
    pixel_aspect: width by height of a pixel, as stored.
    colour:   how their samples mean colours: as in the source, but RGB that must become luma and chroma has BT.709's.
    notes:    remarks for the user.
    """

    def __init__(self, encoding: Encoding, like: ClipInfo, size: tuple[int, int] | None = None) -> None:
        """`size` is that of the upright picture; None for the clip's own."""
        self.encoding = encoding
        self.rotation = like.rotation % 360 if encoding.keeps_rotation else 0
        self._upright = self.rotation == 0
        height, width = size or like.size
        self._whole = (width, height) if self.rotation % 180 else (height, width)
        self.size = self._whole
        self.notes: tuple[str, ...] = ()
        if encoding.codec in ("h264", "hevc") and (height % 2 or width % 2):
            self.size = (self._whole[0] + self._whole[0] % 2, self._whole[1] + self._whole[1] % 2)
            twice = " and ".join(name for name, odd in (("column", width % 2), ("row", height % 2)) if odd)
            self.notes = (f"{encoding.word} has even sizes only: of {width}x{height} the last {twice} stands twice.",)
        turned = like.rotation % 180 and not self.rotation
        self.pixel_aspect = 1 / like.pixel_aspect if turned else like.pixel_aspect
        self.colour = _written_colour(encoding, like.colour)

    def picture(self, frame: Frame) -> av.VideoFrame:
        """What the encoder is given for `frame`: the samples themselves where format and size are the encoder's."""
        own = self._seen if self.encoding.animation else self._samples
        made = own(frame)
        made.pts, made.time_base, made.duration = frame.pts, frame.time_base, frame.duration
        return made

    def _samples(self, frame: Frame) -> av.VideoFrame:
        given = frame.upright if self._upright else frame.native
        height, width = self._whole
        wanted = self.encoding.pixel_format
        if (given.height, given.width, given.format.name) != (height, width, wanted):
            source, target = layout_of(given.format.name).kind, layout_of(wanted).kind
            own = int(given.colorspace)
            given = reformatter().reformat(
                given,
                width=width,
                height=height,
                format=wanted,
                interpolation=_scaling(),
                src_colorspace=_SCALER.get(self.colour.matrix if source == "rgb" else own, 5),
                dst_colorspace=_SCALER.get(own if target == "rgb" else self.colour.matrix, 5),
                src_color_range=_FULL if source == "rgb" else int(given.color_range),
                dst_color_range=_FULL if target == "rgb" or self.colour.full_range else _LIMITED,
                threads=1,
            )
        return given if self.size == self._whole else self._grown(given)

    def _grown(self, given: av.VideoFrame) -> av.VideoFrame:
        """`given` with its last column and row once more, as far as the size to be stored asks. Its chroma is 4:2:0."""
        samples = from_frame(given, self.colour)
        more = (self.size[0] - given.height, self.size[1] - given.width)
        grown: list[Plane] = []
        for plane, block in zip(samples.planes, samples.layout.blocks, strict=True):
            # Chroma covers the odd row and column already.
            rows, columns = (length + (n if block == (1, 1) else 0) for length, n in zip(plane.shape, more, strict=True))
            row, column = np.minimum(np.arange(rows), len(plane) - 1), np.minimum(np.arange(columns), plane.shape[1] - 1)
            grown.append(plane[row][:, column])
        return to_frame(Planes(samples.layout, tuple(grown), self.colour))

    def _seen(self, frame: Frame) -> av.VideoFrame:
        """How the frame looks, as animations show it: 8-bit sRGB."""
        import av

        if self.encoding.alpha:
            opacity = np.full(frame.size, 255, np.uint8) if frame.alpha is None else frame.alpha
            shown = av.VideoFrame.from_ndarray(np.dstack([frame.rgb, opacity]), format="rgba")
        else:
            shown = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame.rgb), format="rgb24")
        height, width = self._whole
        return reformatter().reformat(
            shown, width=width, height=height, format=self.encoding.pixel_format, interpolation=_scaling(), threads=1
        )

    def tag(self, context: VideoCodecContext) -> None:
        """Tell an encoder the size, the format and what samples mean."""
        context.height, context.width = self.size
        context.pix_fmt = self.encoding.pixel_format
        context.sample_aspect_ratio = self.pixel_aspect
        context.color_primaries, context.color_trc = self.colour.primaries, self.colour.transfer
        context.colorspace = self.colour.matrix
        context.color_range = _FULL if self.colour.full_range else _LIMITED


def _written_colour(encoding: Encoding, own: ColourTags) -> ColourTags:
    if encoding.animation:
        return ColourTags(matrix=_RGB, transfer=13, full_range=True)
    if layout_of(encoding.pixel_format).kind == "rgb":
        return replace(own, matrix=_RGB, full_range=True)
    own = replace(own, matrix=_BT709, full_range=False) if own.matrix == _RGB else own
    return replace(own, full_range=False) if encoding.codec == "prores" else own  # it has no word for the full range


def _scaling() -> int:
    """The flags of swscale: Lanczos for sizes, and nothing left out for speed."""
    from av.video.reformatter import Interpolation

    flags = Interpolation.LANCZOS | Interpolation.ACCURATE_RND | Interpolation.BITEXACT
    return int(flags | Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP)
