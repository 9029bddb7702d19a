"""What travels between the server and its painter: orders one way, news the other. Small values and paths, never pixels."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portrait_nst.studio.resolved import Resolved


@dataclass(frozen=True)
class Order:
    """Make this, and put its files into the `folder` of the job."""

    job: str
    resolved: Resolved
    folder: Path


@dataclass(frozen=True)
class Warm:
    """Load what paintings need, so that the next order begins at once. Nothing is answered."""


@dataclass(frozen=True)
class Stop:
    """End the job with the picture so far."""

    job: str


@dataclass(frozen=True)
class Cancel:
    """End the job with nothing."""

    job: str


@dataclass(frozen=True)
class Foretold:
    """How long the job will take, and how much memory, once that is known; see `types.Forecast`."""

    job: str
    seconds: float
    memory: float | None = None
    longest: float = 0.0


@dataclass(frozen=True)
class Stepped:
    """How far it is. share: 0 to 1 of the work. phase: what is done now, in words. note: a remark for the user, or ""."""

    job: str
    share: float
    seconds_left: float | None = None
    phase: str = ""
    note: str = ""


@dataclass(frozen=True)
class Previewed:
    """There is a new picture of the painting in the making, the `number`-th, in `previews.NAME`."""

    job: str
    number: int


@dataclass(frozen=True)
class Done:
    """Its files are in their place. result: as `records.Job.result`."""

    job: str
    result: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Failed:
    """It cannot be made; one line says why. full: only because the disk is full."""

    job: str
    error: str
    full: bool = False


@dataclass(frozen=True)
class Cancelled:
    """It was cancelled, and its files are gone."""

    job: str


Ended = Done | Failed | Cancelled
News = Foretold | Stepped | Previewed | Done | Failed | Cancelled
