"""What travels between the web process and the process that paints: small values, nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass

FRAME = 1_000_000  # bytes of a frame at most
LONGEST = 1280  # pixels of a frame's longest side at most


@dataclass(frozen=True)
class Wanted:
    """How frames are painted from now on.

    style:      files or names of the package, with their shares.
    strength:   0 to 1.
    person:     as in `Settings`.
    everything: whether the place is painted too.
    longest:    pixels of the longest side of what is painted; it is laid over the frame in the frame's own size.
    """

    style: tuple[tuple[str, float], ...]
    strength: float = 0.5
    person: str | int = "all"
    everything: bool = False
    longest: int = 320


@dataclass(frozen=True)
class Frame:
    """A frame that is to be painted, or was. number: counted by the web process. data: JPEG."""

    number: int
    data: bytes


@dataclass(frozen=True)
class State:
    """How it goes; told when it changes.

    ready:   whether frames are painted by now.
    someone: whether somebody is seen.
    seconds: from a frame's arrival in the process to its answer, on average.
    notes:   for the user, on the style.
    """

    ready: bool = False
    someone: bool = False
    seconds: float = 0.0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failed:
    """Why the process ended, in one line."""

    error: str


Told = Frame | State | Failed
