"""What the films of a batch will take: their frames, times the seconds a frame that other films took here, or usually take."""

from __future__ import annotations

import math
from sqlite3 import Row
from typing import TYPE_CHECKING

from portrait_nst import planning
from portrait_nst.batch.manifest.manifest import Manifest
from portrait_nst.settings import Settings
from portrait_nst.video.names import FILMS

if TYPE_CHECKING:
    from portrait_nst.clips import ClipInfo

# For one core; used where no film of the kind was painted into the folder yet.
INSTANT_SECONDS = 1.6  # a frame, for each megapixel that is painted
POPART_SECONDS = 0.5  # a frame
AS_FIRST = 0.3  # of what the engine takes for a photo: a frame begins with the last one
ARE_FILMS = " OR ".join(f"lower(CAST(photo AS TEXT)) LIKE '%{suffix}'" for suffix in sorted(FILMS))


def count(manifest: Manifest) -> int:
    """How many films this run still has to do."""
    query = f"SELECT count(*) FROM jobs WHERE run = ? AND todo != '' AND ({ARE_FILMS})"
    return int(manifest.value(query, manifest.run))


def frames_of(clip: ClipInfo) -> int:
    """How many frames a clip has, as far as its header says."""
    return int(clip.frames or math.ceil((clip.seconds or 0.0) * float(clip.rate)))


def measured_rate(manifest: Manifest, row: Row) -> float | None:
    """The seconds a frame of films that were painted with these settings into this folder; None where there are none."""
    frames = "sum(json_extract(scores, '$.frames'))"
    where = f"state = 'done' AND settings = ? AND ({ARE_FILMS})"
    found = manifest.value(f"SELECT sum(seconds) / {frames} FROM jobs WHERE {where}", row["settings"])
    return None if found is None else float(found)


def usual_rate(kind: str, settings: Settings, size: tuple[int, int], work: float, seconds_per_work: float) -> float:
    """A guess at the seconds a frame.

    size: (height, width) of the film. work: that of a photo of this size; seconds_per_work: how long it takes.
    """
    if kind == "popart":
        return POPART_SECONDS
    if settings.instant:
        height, width = planning.painted_size(settings, size)
        return INSTANT_SECONDS * height * width / 1e6
    return AS_FIRST * work * seconds_per_work
