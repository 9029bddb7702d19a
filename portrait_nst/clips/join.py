"""Segments put together into a clip, with the sound, subtitles, chapters and tags of the one it was made of."""

from __future__ import annotations

import contextlib
import heapq
import json
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portrait_nst.clips import animation, animation_files
from portrait_nst.clips.encoding import Encoding
from portrait_nst.clips.files import Whole
from portrait_nst.clips.info import ClipInfo
from portrait_nst.clips.opening import animation as animation_of
from portrait_nst.clips.opening import opened as open_clip
from portrait_nst.clips.segments import opened
from portrait_nst.clips.timeline import Timeline
from portrait_nst.clips.tracks import Tracks, chapters
from portrait_nst.errors import InputError
from portrait_nst.imaging.metadata import KEY, recipe_of, recipe_text

if TYPE_CHECKING:
    from av import Packet
    from av.container import InputContainer

_OF_THE_FILE = {"major_brand", "minor_version", "compatible_brands", "encoder", "duration", "comment"}  # of the old one


def join(
    segments: Sequence[Path],
    path: Path,
    encoding: Encoding,
    source: ClipInfo | None = None,
    start: float | None = None,
    end: float | None = None,
    recipe: Mapping[str, Any] | None = None,
    *,
    overwrite: bool = True,
) -> tuple[str, ...]:
    """Write the file `path` of `segments`, one after the other, without encoding them again; remarks for the user.

    source: the clip whose sound, subtitles, chapters and tags are carried over as they are; None for none.
    start, end: those with which the clip was read. Where one is given, all is cut there: before the first picture, after the
        last. A clip that was read from its `start` begins at 0 now, others where the source did.
    recipe: goes into the file's comment; `recipe_in` reads it again.

    Animations are encoded here, frame by frame, and have no sound. Raises InputError where segments do not belong together or
    `path` may not be written, ResourceError where the disk is full; nothing half-written is left then.
    """
    timeline = Timeline(segments)
    file = Whole(path, overwrite=overwrite)
    with file.errors():
        if encoding.animation:
            loops = source.loops if source is not None and source.loops is not None else 0
            animation.write(file.temporary, encoding, segments, timeline, loops, recipe)
            notes: list[str] = []
        else:
            notes = _mux(file.address, encoding, segments[0], timeline, source, (start, end), recipe)
    file.publish()
    return tuple(notes)


def _mux(
    address: str,
    encoding: Encoding,
    first: Path,
    timeline: Timeline,
    source: ClipInfo | None,
    part: tuple[float | None, float | None],
    recipe: Mapping[str, Any] | None,
) -> list[str]:
    import av

    options = {}
    if encoding.container in ("mp4", "mov"):  # when a track begins is counted in units of the film as a whole
        options = {"movflags": "faststart+use_metadata_tags", "movie_timescale": str(timeline.time_base.denominator)}
    with contextlib.ExitStack() as stack:
        # A WebP has nothing but pictures, and FFmpeg does not read it.
        clip = None if source is None or source.codec == "webp" else stack.enter_context(open_clip(source.path))
        out = stack.enter_context(av.open(address, "w", format=encoding.container, options=options))
        _, template = stack.enter_context(opened(first))
        # PyAV looks for an encoder of the decoder's name otherwise, and dav1d has none
        pictures: Any = out.add_stream_from_template(template.streams.video[0], opaque=True)
        pictures.time_base = timeline.time_base
        pictures.codec_context.framerate = timeline.rate
        pictures.codec_context.sample_aspect_ratio = timeline.pixel_aspect
        if encoding.tag:
            pictures.codec_context.codec_tag = encoding.tag
        if encoding.alpha and encoding.codec == "vp9":
            pictures.metadata["alpha_mode"] = (
                "1"  # without it players do not look for the transparency beside each picture
            )
        if timeline.rotation:
            pictures.set_display_rotation(timeline.rotation)
        begins = timeline.first_second if part[0] is not None or clip is None else _beginning(clip)
        origin = begins // timeline.time_base
        tracks = None
        if clip is not None:
            limits = (None if part[0] is None else begins, None if part[1] is None else timeline.last_second)
            tracks = Tracks(
                clip, out, encoding.container, origin=origin * timeline.time_base, first=limits[0], last=limits[1]
            )
            out.set_chapters(chapters(clip, begins, *limits))
            out.metadata.update({k: v for k, v in clip.metadata.items() if k.lower() not in _OF_THE_FILE})
        if recipe is not None:
            out.metadata["comment"] = recipe_text({KEY: dict(recipe)})
        elif clip is not None and "comment" in clip.metadata:
            out.metadata["comment"] = clip.metadata["comment"]
        rows = [_pictures(timeline, origin, pictures), *([tracks.packets()] if tracks is not None else [])]
        for packet in heapq.merge(*rows, key=_moment):
            out.mux(packet)
        return [] if tracks is None else tracks.notes


def _pictures(timeline: Timeline, origin: int, stream: Any) -> Iterator[Packet[Any]]:
    for packet in timeline.packets(origin):
        packet.stream = stream
        yield packet


def _moment(packet: Packet[Any]) -> Fraction:
    """When a packet is wanted, in seconds."""
    return Fraction(packet.dts if packet.dts is not None else packet.pts or 0) * (packet.time_base or 1)


def _beginning(clip: InputContainer) -> Fraction:
    """When sound or pictures of `clip` begin, in seconds; what an encoder of sound puts before 0 does not count."""
    starts = [
        stream.start_time * stream.time_base
        for stream in clip.streams
        if stream.type in ("audio", "video") and stream.start_time is not None and stream.time_base is not None
    ]
    return max(Fraction(0), min(starts, default=Fraction(0)))


def recipe_in(path: Path) -> dict[str, Any] | None:
    """The recipe in the metadata of the clip or animation `path`; None where there is none that can be read."""
    said: dict[str, str] = {}
    with contextlib.suppress(InputError, OSError), open_clip(path) as clip:
        said = {key.lower(): value for key, value in clip.metadata.items()}
    try:
        if "comment" not in said and (text := animation_files.recipe_of_apng(path)):
            said["comment"] = f'{{"{KEY}": {text}}}'
        if "comment" not in said:
            with animation_of(path) as picture:
                return recipe_of(picture)
        recipe = json.loads(said["comment"])[KEY]
    except (OSError, KeyError, ValueError, TypeError):
        return None
    return recipe if isinstance(recipe, dict) else None
