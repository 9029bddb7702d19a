"""What a row's style is beyond one picture: a blend of several, or one for each label of a map."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from portrait_nst.batch import storage
from portrait_nst.batch.storage import Place
from portrait_nst.errors import InputError
from portrait_nst.report.vary import weighted

NAMES = ("blend", "labels", "region_style")
ELSEWHERE = ("movement", "library", "pick", "paintings")
_BETWEEN = ";"  # entries in a CSV; + may be in a file's name


@dataclass(frozen=True)
class Mixture:
    """Places are absolute paths or URLs, as text; styles may be names of ours.

    blend:   pictures and their shares, beside the style's share of 1.
    labels:  a label map of the photo, or "".
    regions: label, picture and share.
    """

    blend: tuple[tuple[str, float], ...] = ()
    labels: str = ""
    regions: tuple[tuple[str, str, float], ...] = ()

    @property
    def files(self) -> list[Place]:
        named = [*(name for name, _ in self.blend), self.labels, *(name for _, name, _ in self.regions)]
        return [storage.picture_of(storage.place(name)) for name in named if name]

    def name(self, style: Place | None) -> str:
        """What the output is called after, as `stylize` would."""
        stems = [style.stem] if style else []
        return "+".join([*stems, *(storage.place(name).stem for name, _ in self.blend)]) or "regions"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Mixture:
        blend = tuple((name, share) for name, share in values["blend"])
        return cls(blend, values["labels"], tuple((label, name, share) for label, name, share in values["regions"]))


def of_row(values: Mapping[str, Any], base: Place) -> Mixture | None:
    """The mixture of a row whose file lies in `base`; None where it has none. Raises InputError."""
    if not any(name in values for name in NAMES):
        return None
    blend = [_picture(entry, base) for entry in _entries(values, "blend")]
    labels = _entries(values, "labels")
    regions: dict[str, tuple[str, str, float]] = {}
    for entry in _entries(values, "region_style"):
        label, equals, name = (part.strip() for part in entry.partition("="))
        if not (label and equals and name) or label in regions:
            raise InputError(f"region_style gives each label one style, as in 128=starry.png; not {entry!r}.")
        regions[label] = (label, *_picture(name, base))
    if len(labels) > 1 or bool(labels) != bool(regions):
        raise InputError("labels and region_style go together: a label map, and the style of each label.")
    if labels and (blend or "style" in values or "mask" in values):
        raise InputError("with labels every style is given by region_style; leave style, blend and mask out.")
    return Mixture(tuple(blend), str(storage.join(base, labels[0])) if labels else "", tuple(regions.values()))


def refuse(name: str) -> None:
    """Raise InputError for what a command for one photo has, and a row has not."""
    if name.replace("-", "_") in ELSEWHERE:
        raise InputError(
            f"{name} is not for rows. Give the paintings as style and blend, or paint single photos by "
            "`portrait-nst stylize --movement`."
        )


def can_name(text: str) -> bool:
    """Whether a file can be called so; halves of a character from a JSON escape, and NUL, cannot be in a name."""
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def _entries(values: Mapping[str, Any], name: str) -> list[str]:
    """A list of texts: from JSON as it is, or an object's entries as "label=file"; from CSV divided by ;."""
    given = values.get(name, [])
    if isinstance(given, str):
        given = given.split(_BETWEEN) if name != "labels" else [given]
    if isinstance(given, Mapping):
        given = list(itertools.starmap("{}={}".format, given.items()))
    if not isinstance(given, list) or not all(isinstance(entry, str) and can_name(entry) for entry in given):
        raise InputError(f"{name} must name files, not {given!r}.")
    return [entry.strip() for entry in given if entry.strip()]


def _picture(entry: str, base: Place) -> tuple[str, float]:
    name, share = weighted(entry)
    if not 0 < share < 1e6:
        raise InputError(f"a style's share must be a number over 0, not {share:g}.")
    return str(storage.style(base, name)), share
