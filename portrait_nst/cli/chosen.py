"""The styles that a command line names: one, a blend, an art movement, or one for each label of a map."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portrait_nst import named_styles
from portrait_nst.errors import InputError

if TYPE_CHECKING:
    from portrait_nst.settings import Settings
    from portrait_nst.types import Photo

Weighted = tuple[Path, float]


@dataclass
class Chosen:
    """STYLE, every --blend, --labels and every --region-style, and --movement with its --library.

    A style may be a file, or the name of one in the package. Raises InputError where they do not go together.
    """

    style: Path | None
    blend: list[str] = field(default_factory=list)
    labels: Path | None = None
    region_style: list[str] = field(default_factory=list)
    movement: str | None = None
    library: Path | None = None
    pick: str = "mean"
    paintings: int | None = None
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if bool(self.labels) != bool(self.region_style):
            raise InputError("--labels and --region-style go together: a label map, and the style of each label.")
        if self.labels is not None and (self.style is not None or self.blend):
            raise InputError("With --labels every style is given by --region-style; leave STYLE and --blend out.")
        if (self.movement is None) != (self.library is None):
            raise InputError(
                "--movement and --library go together: the movement's name, and the folder of the library."
            )
        if self.movement is None and (self.pick != "mean" or self.paintings is not None):
            raise InputError("--pick and --paintings choose from a --movement; give that too, or leave them out.")
        if self.movement is not None and (self.style is not None or self.blend or self.labels):
            raise InputError("--movement takes the place of STYLE, --blend and --labels; leave them out.")
        if self.labels is None and self.style is None and self.movement is None:
            raise InputError(
                "The style is missing. Name it after the photo, a picture or one of `portrait-nst styles`: "
                "portrait-nst stylize PHOTO STYLE."
            )

    @property
    def blends(self) -> list[Weighted]:
        """STYLE and what is blended with it."""
        assert self.style is not None
        return [(named_styles.style_file(self.style), 1.0), *(_weighted(entry) for entry in self.blend)]

    @property
    def by_label(self) -> dict[str, list[Weighted]]:
        found = {}
        for entry in self.region_style:
            label, equals, name = entry.partition("=")
            if not equals or not label.strip() or not name:
                raise InputError(f"A region's style is written LABEL=FILE, as in 128=starry.png, not {entry!r}.")
            if label.strip() in found:
                raise InputError(f"The label {label.strip()} was given two styles by --region-style; give it one.")
            found[label.strip()] = [_weighted(name)]
        return found

    @property
    def name(self) -> str:
        """What the output is called after."""
        if self.style is None:
            return self.movement or "regions"
        return "+".join(path.stem for path, _ in self.blends)

    @property
    def files(self) -> list[Path]:
        if self.style is not None:
            return [path for path, _ in self.blends]
        if self.movement is not None and self.library is not None:
            from portrait_nst.pipeline.movements import movements

            return [path for paintings in movements(self.library).values() for path in paintings]
        return [*([self.labels] if self.labels else []), *(blend[0][0] for blend in self.by_label.values())]

    def arguments(self, photo: Photo, settings: Settings) -> dict[str, Any]:
        """For `pipeline.stylize`."""
        if self.style is not None:
            return {"style": self.blends}
        if self.movement is not None and self.library is not None:
            from portrait_nst.pipeline import Stylizer
            from portrait_nst.pipeline.movements import choose
            from portrait_nst.resources import cache_folder

            kept = cache_folder() / "targets"
            found, self.notes = choose(
                self.library, self.movement, photo, pick=self.pick, count=self.paintings, cache=kept
            )
            return {"style": found, "stylizer": Stylizer.of(settings, store=kept)}
        return {"labels": self.labels, "region_styles": self.by_label}


def _weighted(entry: str) -> Weighted:
    from portrait_nst.report.vary import weighted

    name, share = weighted(entry)
    return named_styles.style_file(name), share
