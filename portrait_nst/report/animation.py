"""Frames as the bytes of a GIF or of an MP4 film. Only this file uses PyAV."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from portrait_nst.clips.palette import Reduction, sample_numbers, shared_palette
from portrait_nst.errors import ResourceError
from portrait_nst.types import UInt8Array

if TYPE_CHECKING:
    from PIL import Image

_CRF = "18"  # x264's: visually lossless
_BT709 = 1  # primaries, transfer and matrix have the same number in H.273
_LIMITED = 1


def gif(frames: Sequence[UInt8Array], stay: Sequence[float]) -> bytes:
    """An endless GIF of `frames`, all (h, w, 3) uint8 of one size, each shown for its `stay` in seconds.

    All frames share one palette. They are dithered with an ordered pattern, which, unlike error diffusion, does not move from
    frame to frame.
    """
    # The last frame counts as much as all others, since it is seen longest.
    chosen = [frames[i] for i in sample_numbers(len(frames))]
    palette = shared_palette(chosen + [frames[-1]] * len(chosen))
    reduction = Reduction((frames[0].shape[0], frames[0].shape[1]), palette)
    pages = [_page(reduction(frame), palette) for frame in frames]
    # GIF counts hundredths of a second; browsers slow down under 20 ms.
    times = [max(20, 10 * round(100 * seconds)) for seconds in stay]
    file = io.BytesIO()
    pages[0].save(
        file, "GIF", save_all=True, append_images=pages[1:], duration=times, loop=0, disposal=1, optimize=False
    )
    return file.getvalue()


def _page(numbers: UInt8Array, palette: UInt8Array) -> Image.Image:
    from PIL import Image

    page = Image.fromarray(numbers)
    page.putpalette(palette.tobytes())
    return page


def mp4(frames: Sequence[UInt8Array], stay: Sequence[float], rate: float) -> bytes:
    """An H.264 film of `frames`, all (h, w, 3) uint8 of one even size, `rate` a second, each repeated to fill its `stay`.

    It has 8-bit 4:2:0 in BT.709 and its index in front, which browsers, phones and slides can play. Raises ResourceError.
    """
    import av

    if "libx264" not in av.codecs_available:
        raise ResourceError("The installed PyAV cannot write H.264. Install it from its own wheel, or write a .gif.")
    speed = Fraction(rate).limit_denominator(1000)
    height, width = frames[0].shape[:2]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as container:
            stream = container.add_stream("libx264", rate=speed, options={"crf": _CRF, "preset": "medium"})
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            context = stream.codec_context
            context.color_primaries = context.color_trc = context.colorspace = _BT709
            context.color_range = _LIMITED
            for rgb, seconds in zip(frames, stay):
                for _ in range(max(1, round(seconds * rate))):
                    picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
                    picture = picture.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
                    container.mux(stream.encode(picture))
            container.mux(stream.encode(None))  # the frames that the encoder still holds back
        return path.read_bytes()
