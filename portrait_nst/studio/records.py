"""What the studio keeps, as values: things that were brought, and jobs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

ThingKind = Literal["photo", "style", "mask", "clip"]
JobKind = Literal["stylize", "popart", "video"]
JobState = Literal["waiting", "running", "done", "failed", "cancelled"]
FINISHED: tuple[JobState, ...] = ("done", "failed", "cancelled")


@dataclass(frozen=True)
class Thing:
    """A file that was brought, or a matte that was drawn.

    id:     16 hexadecimal digits, by chance.
    name:   as the user's file was called, its last part; for show only, never a path.
    sha256: of its bytes. size: of them.
    width, height: upright, in pixels. seconds: of a clip; 0.0 for a picture.
    of:     the photo that a mask belongs to; "" for everything else.
    made:   seconds since 1970.
    notes:  remarks for the user on how it was read.
    """

    id: str
    kind: ThingKind
    name: str
    sha256: str
    size: int
    width: int
    height: int
    made: float
    seconds: float = 0.0
    of: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """A picture or film that is to be made, or was.

    request:  the `models.JobRequest`, JSON-ready; checked before it was kept.
    place:    its place among those that wait; smaller comes first.
    batch:    the id of the batch that it belongs to, or "".
    attempts: how often a painter began it.
    made, began, ended: seconds since 1970; 0.0 for not yet.
    error:    one line for the user; "" unless it failed.
    result:   JSON-ready facts of the result, an `models.Result` without its job; empty until it is done.
    """

    id: str
    kind: JobKind
    request: dict[str, Any]
    state: JobState
    place: float
    made: float
    title: str = ""
    batch: str = ""
    attempts: int = 0
    began: float = 0.0
    ended: float = 0.0
    error: str = ""
    result: dict[str, Any] = field(default_factory=dict)
    starred: bool = False
