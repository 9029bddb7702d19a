"""What painting a clip will take: a look through it, and a few frames painted that are kept nowhere."""

from __future__ import annotations

import itertools
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from portrait_nst.pipeline.styles import Style
from portrait_nst.settings import Settings
from portrait_nst.types import Forecast
from portrait_nst.video.interrupts import stops_between_frames
from portrait_nst.video.making import painted_size
from portrait_nst.video.options import NAMES, checked, settings_for
from portrait_nst.video.order import Order, order
from portrait_nst.video.parts import check_early
from portrait_nst.video.progress import OnProgress, Pace
from portrait_nst.video.surveying import Surveyed, look
from portrait_nst.video.tools import Tools


@dataclass(frozen=True)
class VideoForecast:
    """What a clip will take.

    frames, shots: how many there are; lasts: how many seconds the clip has.
    size, painted: (height, width) of the clip, and at which it is painted.
    codec:         of the file.
    seconds:       how long painting all of it takes; None for a clip with fewer frames than are needed to tell.
    memory:        bytes that the process has taken for the first frames.
    notes:         remarks for the user, each once.
    """

    frames: int
    shots: int
    lasts: float
    size: tuple[int, int]
    painted: tuple[int, int]
    codec: str
    seconds: float | None
    memory: float | None
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The values, ready for JSON."""
        return asdict(self) | {
            "size": list(self.size[::-1]),
            "painted": list(self.painted[::-1]),
            "notes": list(self.notes),
        }


def forecast(
    clip: str | Path,
    style: Style | None,
    out: str | Path,
    settings: Settings | None = None,
    *,
    mask: str | Path | None = None,
    preset: str | None = None,
    overwrite: bool = False,
    on_progress: OnProgress | None = None,
    **changes: Any,
) -> VideoForecast:
    """What `stylize_video` with the same arguments would take; it writes nothing. Raises as that does."""
    began = time.monotonic()
    given = {name: changes.pop(name) for name in NAMES if name in changes}
    settings = settings_for(preset, settings, changes)
    check_early(out, overwrite=overwrite)
    asked = order(clip, style, out, settings, checked(settings, **given), mask=mask)
    asked.check_target(overwrite=overwrite)
    with stops_between_frames(on_progress) as progress:
        found = look(asked.reader, asked.segmenter, asked.people, progress, began)
        tools = asked.tools()
        ahead = _measured(asked, tools, found, progress, began)
    info = asked.reader.info
    written = () if asked.encoding is None else asked.encoding.notes
    return VideoForecast(
        frames=len(found.pts),
        shots=len(found.shots),
        lasts=float((found.end - int(found.pts[0])) * info.time_base),
        size=info.size,
        painted=painted_size(settings, asked.options, info.size),
        codec="svg" if asked.encoding is None else asked.encoding.codec,
        seconds=None if ahead is None else ahead.seconds,
        memory=None if ahead is None else ahead.memory,
        notes=tuple(dict.fromkeys((*asked.reader.notes, *written, *tools.notes))),
    )


def _measured(asked: Order, tools: Tools, found: Surveyed, progress: OnProgress, began: float) -> Forecast | None:
    """What the first frames tell, painted and encoded into a file that is thrown away."""
    pace = Pace(len(found.pts), 0, began, tools.cycle)
    shots = {shot.first: (number, shot) for number, shot in enumerate(found.shots)}
    with tempfile.TemporaryDirectory() as folder, asked.reader.again() as reader:
        writer = None if asked.encoding is None else tools.write(Path(folder) / f"first{tools.suffix}")
        try:
            for number, frame in enumerate(itertools.islice(reader.frames(), pace.settled)):
                if number in shots:
                    tools.begin(*shots[number], found.pts)
                finished = tools.finished(tools.seen(frame))
                if writer is not None:
                    writer.write(finished)
                step = pace.painted()
                progress(replace(step, forecast=None))  # which is what is returned
                if step.forecast is not None:
                    return step.forecast
        finally:
            if writer is not None:
                writer.discard()
    return None
