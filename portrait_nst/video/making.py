"""What a clip is made with: who reads, follows, paints and writes, by the settings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portrait_nst.errors import InputError
from portrait_nst.pipeline.styles import Blend
from portrait_nst.settings import Settings
from portrait_nst.video.background import Backdrop
from portrait_nst.video.tools import Tools
from portrait_nst.video.options import VideoOptions
from portrait_nst.video.painter import FramePainter

if TYPE_CHECKING:
    from portrait_nst.clips import ClipInfo, ClipReader
    from portrait_nst.clips.encoding import Encoding
    from portrait_nst.pipeline import Stylizer

OPAQUE = "the clip is transparent in places, which {word} in such a file does not hold: they are black"


def encoding_for(path: Path, codec: str | None, info: ClipInfo, background: str) -> Encoding:
    """How the clip `info` with this `background` is written into the file `path`; see `clips.encoding.choose` for errors.

    A clip that is transparent itself keeps that where the file can hold it.
    """
    from portrait_nst.clips.encoding import choose

    if background == "transparent" or not info.transparent:
        return choose(path, codec, info, background == "transparent")
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
    reader: ClipReader, painter: FramePainter, settings: Settings, options: VideoOptions, encoding: Encoding
) -> Tools:
    """All that a job works with."""
    from portrait_nst.clips.segments import SUFFIX, SegmentWriter
    from portrait_nst.planning import painted_size
    from portrait_nst.video.track import Track

    size = painted_size(settings, reader.info.size)
    backdrop = Backdrop(settings.background, detail=options.popart is None)

    def write(path: Path) -> SegmentWriter:
        return SegmentWriter(path, encoding, reader.info)

    tracker = Track(size, settings)
    return Tools(reader.again, write, SUFFIX, tracker, painter, None, backdrop)
