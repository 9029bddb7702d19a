"""The result of painting a clip."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portrait_nst.result import Status

if TYPE_CHECKING:
    from portrait_nst.clips.info import ClipInfo


@dataclass(frozen=True, eq=False)
class VideoResult:
    """A painted clip, and what is known of its making.

    path:    its file.
    info:    what the file says of itself, read again after it was written.
    frames:  how many it has.
    seconds: the time that the call took; frames that an earlier run had painted took theirs.
    notes:   remarks for the user, each once.
    recipe:  everything that is needed to make it again, as values that JSON can hold.
    status:  "interrupted" if the run was stopped: the file then ends with the last painted frame, and the same call goes on.
    painted: how many of the frames were painted by this call.
    """

    path: Path
    info: ClipInfo
    frames: int
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    recipe: dict[str, Any] = field(default_factory=dict)
    status: Status = "complete"
    painted: int = 0
