"""A recipe of the API with everything looked up: ids have become files of ours, and settings are checked.

It is small and can be pickled: this is what the processes of desk and painter get.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.settings import Settings
from portrait_nst.studio.records import JobKind
from portrait_nst.style_spec import Movement


@dataclass(frozen=True)
class Source:
    """A file of ours, its name for recipes and messages, and the hash of its bytes."""

    path: Path
    name: str
    sha256: str


@dataclass(frozen=True)
class Resolved:
    """What is to be made.

    photo:    the photo or clip. mask: drawn or uploaded; None for the one that is found.
    style:    pictures with their shares; a named style is a `Source` of the package's file.
    settings: all settings, with the studio's device and threads; where one takes a picture it names a file of ours.
    popart:   for kind popart, and where a painting is turned into segments.
    palette:  the picture whose colours the pop art takes.
    start, end, format: of a clip.
    named:    the uploads that settings name, by setting: recipes know them by their users' names.
    """

    kind: JobKind
    photo: Source
    settings: Settings
    style: tuple[tuple[Source, float], ...] = ()
    movement: Movement | None = None
    mask: Source | None = None
    popart: PopartSettings | None = None
    palette: Source | None = None
    start: float | None = None
    end: float | None = None
    format: str = "mp4"
    named: tuple[tuple[str, Source], ...] = ()
