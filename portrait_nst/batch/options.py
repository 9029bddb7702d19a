"""The options of a batch, and what it yields for each picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from portrait_nst.batch.storage import Location
from portrait_nst.errors import InputError
from portrait_nst.imaging import PROFILES
from portrait_nst.settings import Settings, schema


@dataclass(frozen=True)
class Options:
    """How a batch is run.

    workers: the number of processes; None for what cores and memory allow.
    memory:  the bytes that all of them together may use; None for most of the free memory.
    limit:   the greatest number of pictures to paint in this run.
    failed:  paint only what failed in an earlier run.
    force:   replace outputs that something else wrote.
    devices: GPUs by number, such as ("cuda:0", "cuda:1"), which the workers are dealt to evenly; () for the order's device.
    redo:    paint again what is done and unchanged.
    keep_metadata, profile: keep all metadata of the photos, and their colours or sRGB, as in `imaging.save`.
    recipe:  whether each picture gets its recipe.
    engine:  "local", or "ray" with the cluster's `address`.
    gpus:    with Ray, the number of GPUs for each worker; with a fraction, several workers share one.
    """

    workers: int | None = None
    memory: float | None = None
    limit: int | None = None
    failed: bool = False
    force: bool = False
    keep_metadata: bool = False
    engine: str = "local"
    address: str = "auto"
    gpus: float = 0.0
    redo: bool = False
    profile: str = "photo"
    recipe: bool = True
    devices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise InputError for a value that is out of range."""
        if self.memory is not None and not 0 < self.memory < math.inf:
            raise InputError(f"memory must be a number of bytes over 0, not {self.memory:g}.")
        if self.profile not in PROFILES:
            raise InputError(f"profile must be {' or '.join(PROFILES)}, not {self.profile!r}.")
        if self.engine not in ("local", "ray"):
            raise InputError(f"engine must be local or ray, not {self.engine!r}.")
        for device in self.devices:
            schema(Settings)["device"].check(device)
        if self.workers is not None and self.workers < len(self.devices):
            raise InputError(f"{len(self.devices)} devices need a worker each: --workers {len(self.devices)} at least.")


@dataclass(frozen=True)
class Done:
    """A picture that was painted, or that failed, in which case `error` says why.

    style:   the style, or the first one of a blend; None for pop art and for label maps.
    seconds: the time spent on this picture.
    scores:  measures of the result by name, such as "likeness".
    origin:  the line of a file of jobs that asked for it, as "jobs.csv, line 3", or "".
    """

    photo: Location
    style: Location | None
    output: Location | None
    seconds: float = 0.0
    scores: dict[str, Any] | None = None
    notes: tuple[str, ...] = ()
    error: str = ""
    origin: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The values, ready for JSON."""
        return {
            "photo": str(self.photo),
            "style": None if self.style is None else str(self.style),
            "output": None if self.output is None else str(self.output),
            "state": "failed" if self.error else "done",
            "seconds": round(self.seconds, 2),
            "scores": self.scores or {},
            "notes": list(self.notes),
            "error": self.error or None,
            **({"row": self.origin} if self.origin else {}),
        }
