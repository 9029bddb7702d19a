"""Frames as the bytes of a GIF or of an MP4 film. Only this file uses PyAV."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from portrait_nst.errors import ResourceError
from portrait_nst.types import UInt8Array

if TYPE_CHECKING:
    from PIL import Image

_COLOURS = 255
_SAMPLES = 12  # frames that the palette is made from
_PIXELS = 20_000  # pixels of all these frames together; k-means takes a second for them
_DITHER = 10.0  # sRGB levels from trough to crest
_CRF = "18"  # x264's: visually lossless
_BT709 = 1  # primaries, transfer and matrix have the same number in H.273
_LIMITED = 1


def gif(frames: Sequence[UInt8Array], stay: Sequence[float]) -> bytes:
    """An endless GIF of `frames`, all (h, w, 3) uint8 of one size, each shown for its `stay` in seconds.

    All frames share one palette. They are dithered with an ordered pattern, which, unlike error diffusion, does not move from
    frame to frame.
    """
    palette = _palette(frames)
    pattern = _bayer(frames[0].shape[0], frames[0].shape[1])
    pages = [_reduce(frame, pattern, palette) for frame in frames]
    # GIF counts hundredths of a second; browsers slow down under 20 ms.
    times = [max(20, 10 * round(100 * seconds)) for seconds in stay]
    file = io.BytesIO()
    pages[0].save(
        file, "GIF", save_all=True, append_images=pages[1:], duration=times, loop=0, disposal=1, optimize=False
    )
    return file.getvalue()


def _palette(frames: Sequence[UInt8Array]) -> UInt8Array:
    """(n, 3) uint8: colours for all frames. The last one counts as much as all others, since it is seen longest."""
    from PIL import Image

    numbers = np.unique(np.linspace(0, len(frames) - 1, min(_SAMPLES, len(frames))).astype(int))
    chosen = [frames[i] for i in numbers] + [frames[-1]] * len(numbers)
    every = max(1, round((len(chosen) * chosen[0].shape[0] * chosen[0].shape[1] / _PIXELS) ** 0.5))
    mosaic = Image.fromarray(np.ascontiguousarray(np.concatenate([frame[::every, ::every] for frame in chosen])))
    # k-means after the median cut, whose averages alone would dull the strong colours
    reduced = mosaic.quantize(_COLOURS, method=Image.Quantize.MEDIANCUT, kmeans=1)
    return np.asarray(reduced.getpalette(), np.uint8).reshape(-1, 3)


def _bayer(height: int, width: int) -> NDArray[np.float32]:
    """(height, width, 1) float32: the ordered pattern of 8 x 8, from -DITHER / 2 to DITHER / 2."""
    pattern = np.zeros((1, 1))
    for _ in range(3):
        pattern = np.block([[4 * pattern, 4 * pattern + 2], [4 * pattern + 3, 4 * pattern + 1]])
    tiled = np.tile((pattern + 0.5) / 64 - 0.5, (-(-height // 8), -(-width // 8)))
    return (tiled[:height, :width, None] * _DITHER).astype(np.float32)


def _reduce(frame: UInt8Array, pattern: NDArray[np.float32], palette: UInt8Array) -> Image.Image:
    from PIL import Image

    raised = np.clip(frame + pattern, 0, 255).astype(np.uint8)
    holder = Image.new("P", (1, 1))
    holder.putpalette(palette.tobytes())
    return Image.fromarray(raised).quantize(palette=holder, dither=Image.Dither.NONE)


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
