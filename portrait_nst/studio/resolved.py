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
class Decided:
    """What was found out when a portrait was turned into pop art: with it the same picture is made again.

    attempt: the number of the attempt in which its faces are found, see `pop_art.compose`.
    tame:    how far its colours are drawn to tamer ones, in [0, 1], for the same reason.
    """

    attempt: int = 0
    tame: float = 0.0


@dataclass(frozen=True)
class Resolved:
    """What is to be made.

    photo:    the photo or clip. mask: drawn or uploaded; None for the one that is found.
    style:    pictures with their shares; a named style is a `Source` of the package's file.
    settings: all settings, with the studio's device and threads; where one takes a picture it names a file of ours.
    popart:   for kind popart, and where a painting is turned into segments.
    palette:  the picture whose colours the pop art takes.
    start, end, format: of a clip.
    decided:  what a composition of this pop art was made with; None where it is to be found out.
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
    decided: Decided | None = None

    @property
    def found(self) -> Path:
        """The file beside the photo in which the found matte of its person is kept."""
        return self.photo.path.parent / matte_name(self.settings.person)

    def name_of(self, id: str) -> str:
        """How the user's file is called whose upload has this id; "" where nothing of it is here."""
        sources = [
            self.photo,
            self.mask,
            self.palette,
            *(one for one, _ in self.style),
            *(one for _, one in self.named),
        ]
        return next((one.name for one in sources if one is not None and one.path.parent.name == id), "")


def popart_name(id: str) -> str:
    """The name of the file beside a photo in which the recipe of a composition of pop art is kept."""
    return f"popart-{id}.json"


def matte_name(person: str | int) -> str:
    """The name of the file beside a photo in which the found matte of `person` is kept."""
    return f"matte-{person}.png"
