"""What travels between the first process and the workers: tasks, outcomes, and the conditions that hold for all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portrait_nst.batch.storage import Location
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.settings import Settings
from portrait_nst.style_spec import StyleSpec

SURVEY = -1  # instead of a shot: look through the film


@dataclass(frozen=True)
class Task:
    """A job for a worker, with the number of its row. Files are absolute paths or URLs; `style` is as in `Job`.

    piece: the shot of a film that is to be painted, or `SURVEY`; None for all of the picture or film. A piece has a number of
           its own, under 0.
    """

    number: int
    photo: Location
    style: StyleSpec | None
    mask: Location | None
    kind: str
    settings: Settings
    popart: PopartSettings | None
    output: Location
    piece: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a task.

    error:    why it failed, or "".
    fatal:    whether the disk is full, so that nothing else will succeed either.
    died:     whether the process that painted it died; as a rule the system killed it.
    seconds:  the time spent on this picture, without waiting.
    input:    (sha256, size, time of change) of the photo that was painted; see `storage.fingerprint`.
    written:  bytes of the output.
    painted:  megapixels times steps, which the seconds are proportional to.
    shots:    how many the film has that was looked through.
    """

    number: int
    error: str = ""
    fatal: bool = False
    died: bool = False
    seconds: float = 0.0
    scores: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    input: tuple[str, int, int] | None = None
    written: int = 0
    painted: float = 0.0
    shots: int = 0


@dataclass(frozen=True)
class Conditions:
    """What holds for all tasks of a worker.

    budget:    bytes that its process may use, or None for no limit.
    threads:   the number of CPU threads for one painting; None for all cores.
    paintings: how many are painted at once; None for one on a CPU, and `PAINTINGS_PER_GPU` on a GPU.
    keep_metadata, profile: as `imaging.save` takes them.
    recipe:    whether each picture gets its recipe.
    scratch:   a folder for pictures before they are uploaded to a store; None for the system's temporary folder.
    """

    device: str = "auto"
    budget: float | None = None
    threads: int | None = None
    paintings: int | None = None
    keep_metadata: bool = False
    scratch: Path | None = None
    profile: str = "photo"
    recipe: bool = True
