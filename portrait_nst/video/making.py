"""What a clip is made with: who reads, follows, paints and writes, by the settings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portrait_nst import planning
from portrait_nst.errors import InputError
from portrait_nst.pipeline import background
from portrait_nst.pipeline.styles import Blend
from portrait_nst.settings import Settings
from portrait_nst.video.background import Backdrop
from portrait_nst.video.options import VideoOptions
from portrait_nst.video.painter import FramePainter
from portrait_nst.video.shot_tracker import ShotTracker
from portrait_nst.video.tools import Tools

if TYPE_CHECKING:
    from portrait_nst.clips import ClipInfo, ClipReader
    from portrait_nst.clips.encoding import Encoding
    from portrait_nst.pipeline import Stylizer

POPART_SIZE = 720  # longest side, pixels, at which tones are divided; lines are as straight when they are enlarged
OPAQUE = "the clip is transparent in places, which {word} in such a file does not hold: they are black"


def encoding_for(path: Path, codec: str | None, info: ClipInfo, place: str) -> Encoding:
    """How the clip `info` with the background `place` is written into the file `path`; see `clips.encoding.choose` for errors.

    A clip that is transparent itself keeps that where the file can hold it.
    """
    from portrait_nst.clips.encoding import choose

    if place == "transparent" or not info.transparent:
        return choose(path, codec, info, place == "transparent")
    try:
        return choose(path, codec, info, True)
    except InputError:
        found = choose(path, codec, info, False)
        return replace(found, notes=(*found.notes, OPAQUE.format(word=found.word)))


def painter_for(blend: Blend, settings: Settings, options: VideoOptions, stylizer: Stylizer) -> FramePainter:
    """What paints the frames with these settings. Raises InputError, ModelError."""
    if options.popart is not None:
        from portrait_nst.video.painters.popart import popart_frames

        return popart_frames(options.popart, options.hold_frames)
    if settings.instant:
        from portrait_nst.video.painters.instant import instant_frames

        return instant_frames(list(blend), settings, stylizer)
    from portrait_nst.video.painters.engine import engine_frames

    return engine_frames(list(blend), settings, stylizer)


def painter_behind(settings: Settings, options: VideoOptions, stylizer: Stylizer) -> FramePainter | None:
    """What paints a background in a style of its own; None where there is none, or the other painter has that too."""
    _, style = background.choose(settings.background)
    if style is None or settings.instant or options.popart is not None:
        return None
    from portrait_nst.video.painters.engine import engine_frames

    return engine_frames([(style, 1.0)], settings.replace(style_region="whole", background="keep"), stylizer)


def facts_of(painter: FramePainter, stylizer: Stylizer, settings: Settings, options: VideoOptions) -> dict[str, Any]:
    """What a recipe says of what painted: weights, device, networks."""
    if options.popart is not None:
        return {}
    from portrait_nst.transfer import choose_device, precision_of

    device = choose_device(settings.device)
    networks = getattr(painter, "networks", ())
    found: dict[str, Any] = {"weights_sha256": stylizer.network.sha256, "device": device}
    found |= {"precision": precision_of(settings, device)}
    return found | ({"networks": [dict(network) for network in networks]} if networks else {})


def make_tools(
    reader: ClipReader,
    painter: FramePainter,
    behind: FramePainter | None,
    settings: Settings,
    options: VideoOptions,
    encoding: Encoding,
    mask: Path | None = None,
) -> Tools:
    """All that a job works with. Raises InputError for settings that contradict each other."""
    from portrait_nst.clips.segments import SUFFIX, SegmentWriter
    from portrait_nst.video import track
    from portrait_nst.video.given_mask import GivenMask

    longest = max(painted_size(settings, options, reader.info.size))
    backdrop = Backdrop(settings.background, detail=options.popart is None)

    def write(path: Path) -> SegmentWriter:
        return SegmentWriter(path, encoding, reader.info)

    def new_track() -> track.Track:
        given = None if mask is None else GivenMask(mask, options.start, options.end, options.fps)
        return track.Track(settings.person, settings.segmenter, given, settings.region, longest)

    return Tools(reader.again, write, SUFFIX, ShotTracker(new_track), painter, behind, backdrop)


def painted_size(settings: Settings, options: VideoOptions, size: tuple[int, int]) -> tuple[int, int]:
    """(height, width) at which a clip of `size` (height, width) is tracked and painted: never larger than the clip."""
    if options.popart is not None and settings.size is None:
        settings = settings.replace(size=POPART_SIZE)
    return planning.painted_size(settings, size)
