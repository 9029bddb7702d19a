"""A clip painted frame by frame; stopped, it ends with the last painted frame."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING, Any

from portrait_nst.studio.desk.examine import middle_frame
from portrait_nst.studio.painter import outputs, painting, sources
from portrait_nst.studio.painter.messages import Order
from portrait_nst.studio.painter.painting import StylizerFor
from portrait_nst.studio.painter.telling import Telling

if TYPE_CHECKING:
    from portrait_nst.video.progress import VideoStep

PHASES = {"survey": "Looking through the clip", "paint": "Painting", "join": "Joining"}
STOPPED = "stopped: the clip ends with the last painted frame"
SURVEY, JOIN = 0.1, 0.98  # shares of the work before painting, and after it


def paint(order: Order, stylizer_for: StylizerFor, telling: Telling) -> dict[str, Any]:
    """Paint the clip of `order` and write its files; the facts of the result. Raises PortraitErrors, CancelledError.

    After a death of the process it goes on with what was painted before, which lies beside the output.
    """
    from portrait_nst import video
    from portrait_nst.video import parts

    began = time.monotonic()
    asked, settings = order.resolved, order.resolved.settings
    telling.step("Looking at the clip")
    sources.check_room(order.folder, asked.photo.path.stat().st_size // 6)
    notes: list[str] = []
    blend = [(sources.picture(source), share) for source, share in asked.style]
    if settings.learn and blend:
        notes = painting.learn(blend, settings, telling)
    popart = asked.popart
    if popart is not None and (colours := painting.palette_text(order)) is not None:
        popart = popart.replace(palette=colours)
    named = {"clip": asked.photo, **dict(asked.named)} | ({} if asked.mask is None else {"mask": asked.mask})
    target = order.folder / outputs.name(asked.format)
    made = video.stylize_video(
        asked.photo.path,
        list(blend) or None,
        target,
        settings,
        mask=None if asked.mask is None else asked.mask.path,
        start=asked.start,
        end=asked.end,
        popart=popart,
        overwrite=True,
        recipe=lambda values: sources.renamed(values, named),
        on_progress=lambda step: _told(step, telling),
        stylizer=stylizer_for(settings),
    )
    if made.status == "interrupted":
        shutil.rmtree(parts.folder_of(target), ignore_errors=True)  # painting it again is another job
    outputs.save_thumb(middle_frame(target), None, order.folder)
    outputs.save_recipe(made.recipe, order.folder)
    height, width = made.info.size
    return {
        "width": width,
        "height": height,
        "seconds": round(time.monotonic() - began, 2),
        "files": [asked.format],
        "likeness": None,
        "interrupted": made.status == "interrupted",
        "notes": [STOPPED if note.startswith("interrupted:") else note for note in (*notes, *made.notes)],
    }


def _told(step: VideoStep, telling: Telling) -> None:
    """Pass on how far it is. Raises KeyboardInterrupt, which ends the clip here, where that is asked."""
    if step.forecast is not None:
        telling.foretell(step.forecast.seconds, step.forecast.memory, step.forecast.longest)
    done = step.frame / step.frames if step.frames else 0.0
    before, after = {"survey": (0.0, SURVEY), "paint": (SURVEY, JOIN), "join": (JOIN, 1.0)}[step.stage]
    count = f", frame {step.frame} of {step.frames}" if step.frames and step.stage == "paint" else ""
    telling.step(PHASES[step.stage] + count, before + (after - before) * min(1.0, done), step.seconds_left, step.note)
    if telling.stop.is_set() and step.stage == "paint" and step.frame > 0:
        telling.stop.clear()
        raise KeyboardInterrupt
