"""The style of a painting as a user names it: one picture, a blend, a style for each region, or an art movement."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

from portrait_nst import named_styles
from portrait_nst.errors import InputError

Weighted = tuple[str, float]
RegionStyle = tuple[str, str, float]


@dataclass(frozen=True)
class Movement:
    """Paintings of an art movement, which take the place of a style.

    library:   a folder with a folder of paintings for each movement.
    pick:      "mean" of the paintings, or those "nearest" to the photo.
    paintings: the number of paintings to take; None for the default of `pick`.
    """

    name: str
    library: Path
    pick: str = "mean"
    paintings: int | None = None


@dataclass(frozen=True)
class StyleSpec:
    """Names only: nothing is read yet, so it is cheap to compare, to store and to send to a worker.

    A picture is named by a path, by a URL, or by the name of a style in the package. Exactly one of these is given:

    blend:    pictures with their weights; the first one is the style that the others are blended with.
    regions:  (label, picture, weight) for each label of the map ``labels``, a picture itself.
    movement: the paintings of a movement.
    """

    blend: tuple[Weighted, ...] = ()
    labels: str = ""
    regions: tuple[RegionStyle, ...] = ()
    movement: Movement | None = None

    @property
    def main(self) -> str | None:
        """The first picture of the blend, or None where there is no blend."""
        return self.blend[0][0] if self.blend else None

    @property
    def is_single(self) -> bool:
        """Whether it is one picture and nothing else."""
        return len(self.blend) == 1

    @property
    def name(self) -> str:
        """What an output is called after: "starry", "starry+oil", "regions", or the movement."""
        if self.movement is not None:
            return self.movement.name
        return "+".join(PurePath(picture).stem for picture, _ in self.blend) or "regions"

    @property
    def files(self) -> list[str]:
        """The pictures and the label map; a movement's paintings are not known here."""
        named = [*(picture for picture, _ in self.blend), self.labels, *(picture for _, picture, _ in self.regions)]
        return [name for name in named if name]


def parse_weighted(text: str) -> Weighted:
    """(picture, weight) of "FILE" or "FILE:0.5"; a file whose own name ends so is taken as it is.

    Raises InputError for a weight that is no number; the rest of a path or of a URL behind its colon is no weight.
    """
    name, colon, number = text.rpartition(":")
    if colon and not os.path.exists(text):  # noqa: PTH110 - Path's raises for names that no file system takes
        try:
            return name, float(number)
        except ValueError:
            if not number or named_styles.is_name(number):
                raise InputError(f"The weight of {name} must be a number, as in {name}:0.5, not {number!r}.") from None
    return text, 1.0


def parse_regions(entries: Iterable[str]) -> tuple[RegionStyle, ...]:
    """The region styles of "LABEL=FILE" or "LABEL=FILE:0.5". Raises InputError, also for a label that is given twice."""
    found: dict[str, RegionStyle] = {}
    for entry in entries:
        label, equals, name = (part.strip() for part in entry.partition("="))
        if not (label and equals and name):
            raise InputError(f"A region's style is written LABEL=FILE, as in 128=starry.png, not {entry!r}.")
        if label in found:
            raise InputError(f"The label {label} was given two styles; give it one.")
        found[label] = (label, *parse_weighted(name))
    return tuple(found.values())
