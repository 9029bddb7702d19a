"""Small clips, composed by PyAV for tests."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

os.environ.setdefault("SVT_LOG", "1")  # errors only; read when the encoder's library is loaded

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.reformatter import Interpolation
from av.video.stream import VideoStream

from portrait_nst.clips.planar_frame import PlanarFrame
from portrait_nst.clips.planes import Planes
from portrait_nst.types import UInt8Array

SUFFIXES = {
    "libx264": ".mp4",
    "libx265": ".mp4",
    "libvpx-vp9": ".webm",
    "libsvtav1": ".mkv",
    "prores_ks": ".mov",
    "ffv1": ".mkv",
    "mjpeg": ".avi",
    "mpeg4": ".avi",
    "rawvideo": ".avi",
    "png": ".mov",
    "gif": ".gif",
    "apng": ".png",
}
QUIET = {
    "libx265": {"x265-params": "log-level=none:pools=1:frame-threads=1"},
    "libsvtav1": {"preset": "12", "svtav1-params": "lp=1"},
    "apng": {"plays": "0"},
    "mpeg4": {"b": "8M"},
    "mjpeg": {"b": "8M"},
}
_SAME = {"fflags": "+bitexact"}  # without random numbers and versions of libraries in the file
PHONE_TIMES = (0, 20, 41, 60, 85, 100, 121, 160, 180, 201, 221, 240)
"""Time stamps of `phone_clip`, in units of 1/600 s: about 30 frames a second, unevenly, as phones write them."""


def picture(number: int, size: tuple[int, int] = (96, 128)) -> UInt8Array:
    """(H, W, 3): smooth colours, a disc that moves to the right by two pixels a frame, and a patch that tells the number.

    The patch is the top left eighth; its grey is 16 + 8 * number, for numbers up to 29.
    """
    height, width = size
    y, x = np.mgrid[:height, :width]
    rgb = np.stack([40 + 160 * x / width, 60 + 140 * y / height, 200 - 120 * (x + y) / (width + height)], axis=2)
    disc = (x - width / 3 - 2 * number) ** 2 + (y - height / 2) ** 2 < (height / 4) ** 2
    rgb[disc] = (220, 170, 140)
    rgb[: height // 8, : width // 8] = 16 + 8 * number
    return np.asarray(np.rint(rgb), np.uint8)


def number_of(rgb: UInt8Array) -> int:
    """The number of the `picture` that a decoded frame shows."""
    height, width = rgb.shape[:2]
    return round((float(rgb[1 : height // 8 - 1, 1 : width // 8 - 1].mean()) - 16) / 8)  # up to 29


def frame(
    rgb: UInt8Array,
    pixel_format: str,
    *,
    matrix: int = 6,
    full_range: bool = False,
    transfer: int = 2,
    primaries: int = 2,
) -> av.VideoFrame:
    """PyAV's frame of `rgb` (H, W, 3 or 4) in a pixel format, matrix and range; colours are tagged as given (2: not at all)."""
    source = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgba" if rgb.shape[2] == 4 else "rgb24")
    span = 2 if full_range or _is_full(pixel_format) else 1
    source.color_range = 2
    made = source.reformat(
        format=pixel_format,
        dst_colorspace={1: 1, 9: 9}.get(matrix, 5),
        src_color_range=2,
        dst_color_range=span,
        interpolation=Interpolation.BILINEAR | Interpolation.ACCURATE_RND,
        threads=1,
    )
    made.color_trc, made.color_primaries = transfer, primaries
    return made


def _is_full(pixel_format: str) -> bool:
    return pixel_format.startswith(("rgb", "bgr", "gbr", "gray", "pal", "yuvj"))


def plain_clip(
    folder: Path,
    codec: str = "ffv1",
    pixel_format: str = "yuv420p",
    *,
    pictures: Iterable[UInt8Array] | None = None,
    frames: int = 10,
    size: tuple[int, int] = (96, 128),
    suffix: str | None = None,
    name: str = "clip",
    times: Sequence[int] | None = None,
    time_base: Fraction = Fraction(1, 25),
    rotation: int = 0,
    matrix: int = 6,
    full_range: bool = False,
    transfer: int = 2,
    primaries: int = 2,
    tagged: bool = True,
    pixel_aspect: Fraction | None = None,
    sound: bool = False,
    options: dict[str, str] | None = None,
    container: dict[str, str] | None = None,
) -> Path:
    """A clip of one encoder of PyAV's ("ffv1", "libx264", "prores_ks", ...), in the usual container for it.

    pictures:  (H, W, 3 or 4) uint8 each; `picture(number, size)` by default, of which there are `frames`.
    times:     time stamps in units of `time_base` seconds; 0, 1, 2, ... by default.
    rotation:  degrees counter-clockwise by which a player turns it; the pictures are stored as given.
    matrix, full_range, transfer, primaries: as of ITU-T H.273; `tagged`: whether the matrix and range are stated.
    options, container: of FFmpeg's encoder and of its muxer.
    sound:     a quarter of a second's tone in AAC (Opus in WebM) for each eight frames.
    """
    path = folder / (name + (suffix or SUFFIXES[codec]))
    shown = list(pictures) if pictures is not None else [picture(i, size) for i in range(frames)]
    height, width = shown[0].shape[:2]
    stamps = list(times) if times is not None else list(range(len(shown)))
    form = "apng" if codec == "apng" else None
    with av.open(str(path), "w", format=form, container_options={**_SAME, **(container or {})}) as out:
        stream = _video(out, codec, round(1 / time_base), QUIET.get(codec, {}) | (options or {}))
        stream.width, stream.height, stream.pix_fmt = width, height, pixel_format
        stream.time_base = stream.codec_context.time_base = time_base
        stream.codec_context.thread_count = 1
        if pixel_aspect is not None:
            stream.codec_context.sample_aspect_ratio = pixel_aspect
        if tagged:
            stream.codec_context.colorspace = matrix
            stream.codec_context.color_range = 2 if full_range or _is_full(pixel_format) else 1
        stream.codec_context.color_trc, stream.codec_context.color_primaries = transfer, primaries
        if rotation:
            stream.set_display_rotation(rotation)
        tone = _audio(out, "libopus" if path.suffix == ".webm" else "aac") if sound else None
        for stamp, rgb in zip(stamps, shown, strict=True):
            made = frame(
                rgb, pixel_format, matrix=matrix, full_range=full_range, transfer=transfer, primaries=primaries
            )
            if not tagged:
                made.colorspace, made.color_range = 2, 0
            made.pts, made.time_base = stamp, time_base
            out.mux(stream.encode(made))
        out.mux(stream.encode(None))
        if tone is not None:
            out.mux([packet for part in tone_of(stamps[-1] * time_base) for packet in tone.encode(part)])
            out.mux(tone.encode(None))
    return path


def phone_clip(folder: Path, pictures: Sequence[UInt8Array] | None = None, name: str = "phone") -> Path:
    """What a phone held upright writes: MP4 of H.264, lying on its side with a flag to turn it, variable rate, AAC, a data track.

    pictures: twelve (H, W, 3) uint8, upright, as shown; `picture(number, (128, 96))` by default. They are stored turned by 90
    degrees clockwise, and the flag turns them back. Times are `PHONE_TIMES`.
    """
    path = folder / f"{name}.mp4"
    upright = pictures if pictures is not None else [picture(i, (128, 96)) for i in range(len(PHONE_TIMES))]
    time_base = Fraction(1, 600)
    with av.open(str(path), "w", container_options=_SAME) as container:
        stream = container.add_stream("libx264", rate=30, options={"g": "4", "crf": "10"})
        height, width = upright[0].shape[1], upright[0].shape[0]
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = stream.codec_context.time_base = time_base
        stream.codec_context.thread_count = 1
        stream.codec_context.colorspace = stream.codec_context.color_primaries = stream.codec_context.color_trc = 1
        stream.codec_context.color_range = 1
        stream.set_display_rotation(-90)
        tone = container.add_stream("aac", rate=48000)
        places = container.add_data_stream("bin_data")
        container.start_encoding()
        for stamp, rgb in zip(PHONE_TIMES, upright, strict=True):
            made = frame(np.rot90(rgb, 1), "yuv420p", matrix=1, transfer=1, primaries=1)
            made.pts, made.time_base = stamp, time_base
            container.mux(stream.encode(made))
        container.mux(stream.encode(None))
        container.mux([packet for part in tone_of(PHONE_TIMES[-1] * time_base) for packet in tone.encode(part)])
        container.mux(tone.encode(None))
        packet = av.Packet(b"47.37N 8.54E")
        packet.stream, packet.pts, packet.dts, packet.time_base = places, 0, 0, time_base
        container.mux(packet)
    return path


def _video(container: OutputContainer, codec: str, rate: int, options: dict[str, str] | None = None) -> VideoStream:
    stream = container.add_stream(codec, rate=rate, options=options or {})
    assert isinstance(stream, VideoStream)
    return stream


def _audio(container: OutputContainer, codec: str) -> AudioStream:
    stream = container.add_stream(codec, rate=48000)
    assert isinstance(stream, AudioStream)
    return stream


def tone_of(seconds: Fraction) -> list[av.AudioFrame]:
    """A tone of 440 Hz, mono, at 48 kHz, of at least `seconds`."""
    parts = []
    for start in range(0, int(seconds * 48000) + 1, 1024):
        wave = 0.2 * np.sin(2 * np.pi * 440 * (start + np.arange(1024)) / 48000)
        part = av.AudioFrame.from_ndarray(np.asarray(wave, np.float32)[None], format="fltp", layout="mono")
        part.sample_rate, part.pts, part.time_base = 48000, start, Fraction(1, 48000)
        parts.append(part)
    return parts


def in_time(samples: Planes, rotation: int = 0) -> PlanarFrame:
    """A frame of `samples`, the first of its clip."""
    return PlanarFrame(samples, rotation, number=0, pts=0, duration=1, time_base=Fraction(1, 25))


def lossless(path: Path, frames: Iterable[PlanarFrame], *, upright: bool = False) -> Path:
    """A clip of FFV1 that holds `frames` exactly, turned upright, or as stored with a flag that turns them where there is one."""
    frames = list(frames)
    made = [frame.upright if upright else frame.native for frame in frames]
    packed = {"gbrp": "bgr0", "gbrap": "bgra"}
    with av.open(str(path), "w") as container:
        stream = _video(container, "ffv1", 25)
        stream.width, stream.height = made[0].width, made[0].height
        stream.pix_fmt = packed.get(made[0].format.name, made[0].format.name)
        stream.time_base = stream.codec_context.time_base = frames[0].time_base
        stream.codec_context.colorspace, stream.codec_context.color_range = made[0].colorspace, made[0].color_range
        stream.codec_context.color_trc = made[0].color_trc
        stream.codec_context.color_primaries = made[0].color_primaries
        for frame in made:
            container.mux(stream.encode(frame.reformat(format=stream.pix_fmt)))
        container.mux(stream.encode(None))
    return path
