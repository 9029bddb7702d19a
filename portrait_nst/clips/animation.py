"""GIF, WebP and APNG of segments: encoded frame by frame, so that a long clip takes no more memory than a short one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from portrait_nst.clips import animation_files
from portrait_nst.clips.encoding import Encoding
from portrait_nst.clips.palette import COLOURS, Reduction, sample_numbers, shared_palette
from portrait_nst.clips.segments import opened
from portrait_nst.clips.timeline import Timeline
from portrait_nst.types import UInt8Array

if TYPE_CHECKING:
    import av

_HUNDREDTH = Fraction(1, 100)
_LEAST = 2  # hundredths of a second; browsers show what is shorter for ten of them
_SEEN = 128  # alpha from which a GIF's pixel is seen, since it has nothing between


def write(
    path: Path,
    encoding: Encoding,
    segments: Sequence[Path],
    timeline: Timeline,
    loops: int,
    recipe: Mapping[str, Any] | None,
) -> None:
    """Write the animation `path` of `segments`, which is played `loops` times, 0 for ever, with `recipe` in its metadata.

    GIF counts hundredths of a second, WebP thousandths and APNG fractions with 16 bits; times are rounded from the beginning
    on, so that they do not drift. All frames of a GIF have one palette, made from a dozen of them in a pass of its own.
    """
    times = [(time - timeline.shown[0]) * timeline.time_base for time in [*timeline.shown, timeline.end]]
    if encoding.container == "gif":
        _gif(path, encoding, segments, times, loops)
    elif encoding.container == "webp":
        _encode(
            path,
            "libwebp_anim",
            "bgra",
            _pictures(segments, "bgra"),
            [round(1000 * t) for t in times],
            Fraction(1, 1000),
            {"loop": str(loops)},
            {"quality": str(encoding.crf)},
        )
        animation_files.set_length_of_webp(path, round(1000 * times[-1]))
    else:
        last = (times[-1] - times[-2]).limit_denominator(0xFFFF)
        form = "rgba" if encoding.alpha else "rgb24"
        ticks = [round(t / timeline.time_base) for t in times]
        options = {"plays": str(loops), "final_delay": f"{last.numerator}/{last.denominator}"}
        _encode(path, "apng", form, _pictures(segments, form), ticks, timeline.time_base, options, {})
    if recipe is not None:
        animation_files.add_recipe(path, encoding.container, dict(recipe))


def _encode(
    path: Path,
    encoder: str,
    form: str,
    pictures: Iterator[av.VideoFrame],
    times: Sequence[int],
    unit: Fraction,
    options: dict[str, str],
    own: dict[str, str],
) -> None:
    """Encode `pictures` of the format `form`, shown at `times` in `unit` seconds; the last of `times` is the end."""
    import av

    container = {"libwebp_anim": "webp"}.get(encoder, encoder)
    with av.open(str(path), "w", format=container, options=options) as out:
        stream: Any = None
        for time, picture in zip(times, pictures, strict=False):
            if stream is None:
                stream = out.add_stream(encoder, options=own)
                stream.width, stream.height, stream.pix_fmt = picture.width, picture.height, form
                stream.time_base = stream.codec_context.time_base = unit
            picture.pts, picture.time_base, picture.pict_type = time, unit, 0
            out.mux(stream.encode(picture))
        out.mux(stream.encode(None))


def _decoded(segments: Sequence[Path], chosen: set[int] | None = None) -> Iterator[av.VideoFrame]:
    """The frames of `segments`, or those whose numbers are `chosen`. Each is coded on its own, so others need not be decoded."""
    number = 0
    for path in segments:
        with opened(path) as (_, container):
            for packet in container.demux(video=0):
                if packet.pts is not None and (chosen is None or number in chosen):
                    yield from packet.decode()
                number += packet.pts is not None
            yield from container.streams.video[0].decode(None)


def _pictures(segments: Sequence[Path], form: str) -> Iterator[av.VideoFrame]:
    for frame in _decoded(segments):
        yield frame.reformat(format=form)


def _gif(path: Path, encoding: Encoding, segments: Sequence[Path], times: Sequence[Fraction], loops: int) -> None:
    samples = [_rgb(frame) for frame in _decoded(segments, set(sample_numbers(len(times) - 1)))]
    palette = shared_palette(samples)
    size = samples[0].shape[0], samples[0].shape[1]
    kept, starts = _hundredths(times)
    length = starts[-1] - starts[-2]
    pages = _pages(segments, Reduction(size, palette), palette, encoding.alpha, set(kept))
    # GIF counts how often it is played again, and leaves that out for once.
    options = {"loop": str(loops - 1 if loops > 1 else -loops), "final_delay": str(length)}
    _encode(path, "gif", "pal8", pages, starts, _HUNDREDTH, options, {})


def _hundredths(times: Sequence[Fraction]) -> tuple[list[int], list[int]]:
    """Numbers of the frames that are shown, and when, in hundredths, with the end: others come too soon after the one before."""
    kept, starts = [0], [0]
    end = max(round(100 * times[-1]), _LEAST)
    for number, time in enumerate(times[1:-1], 1):
        at = round(100 * time)
        if at - starts[-1] >= _LEAST and end - at >= _LEAST:
            kept.append(number)
            starts.append(at)
    return kept, [*starts, end]


def _pages(
    segments: Sequence[Path], reduction: Reduction, palette: UInt8Array, alpha: bool, kept: set[int]
) -> Iterator[av.VideoFrame]:
    import av

    table = np.zeros((256, 4), np.uint8)  # alpha, red, green, blue
    table[: len(palette), 1:] = palette
    table[:, 0] = 255
    if alpha:
        table[COLOURS, 0] = 0
    for number, frame in enumerate(_decoded(segments)):
        if number not in kept:
            continue
        page = reduction(_rgb(frame))
        if alpha:
            opacity = frame.to_ndarray(format="rgba")[..., 3]
            page = np.where(opacity < _SEEN, np.uint8(COLOURS), page)
        yield av.VideoFrame.from_ndarray((np.ascontiguousarray(page), table), format="pal8")  # type: ignore[arg-type]


def _rgb(frame: av.VideoFrame) -> UInt8Array:
    return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
