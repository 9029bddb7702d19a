"""The recipe of a picture as a job that can be done again, with its inputs where they are now."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portrait_nst import __version__, imaging
from portrait_nst.errors import InputError
from portrait_nst.imaging.sources import read_bytes
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.recipe.entries import READ, Entry
from portrait_nst.recipe.recipe import MASK, POPART, STYLIZE
from portrait_nst.recipe.search import Given, Search
from portrait_nst.settings import Settings, schema


@dataclass(frozen=True)
class Job:
    """The inputs and settings that a recipe names.

    styles: (label or None, [(path, weight), ...]) for each region; without a label map there is one region, without a label.
    popart: the settings with which the painting was turned into pop art afterwards, or None.
    weights_sha256: that of the encoder's weights, or "" if the recipe does not have it.
    interrupted: whether the picture is one that was stopped early; the job paints it to the end.
    profile: "photo" or "srgb", as the picture was written.
    networks_sha256: the digests of the learned networks of the painted regions; empty for a painting by the engine.
    """

    photo: Path
    styles: list[tuple[str | None, list[tuple[Path, float]]]]
    mask: Path | None
    labels: Path | None
    settings: Settings
    popart: PopartSettings | None = None
    weights_sha256: str = ""
    interrupted: bool = False
    profile: str = "photo"
    networks_sha256: tuple[str, ...] = ()

    @property
    def style(self) -> list[tuple[Path, float]] | None:
        """The blend for the whole matte; None if each label has its own."""
        return None if self.labels else self.styles[0][1]

    @property
    def region_styles(self) -> dict[str, list[tuple[Path, float]]]:
        """The blend of each label; empty without a label map."""
        return {label: blend for label, blend in self.styles if label is not None}

    @property
    def files(self) -> list[Path]:
        """All files that must not be overwritten."""
        pictures = [path for _, blend in self.styles for path, _ in blend]
        return [self.photo, *pictures, *(path for path in (self.mask, self.labels) if path), *self.settings.files]


def read_job(
    output: str | Path | bytes, *, photo: str | Path | None = None, style: Given = None, inputs: Given = None
) -> Job:
    """The job that made `output`, a file or its bytes. Raises InputError, or WeightsError for weights that have changed.

    Every input is known by its sha256. It is searched by its name, and then by its contents, in the folders among `inputs`,
    beside `output` and in the current folder. photo, style, inputs: files that are taken first; a style may be a name too, and
    `style` and `inputs` several. The weights that an encoder brings are checked when they are loaded, see `Job.weights_sha256`.
    """
    name = "The picture" if isinstance(output, bytes) else output
    try:
        recipe = imaging.read_recipe(output)
    except InputError:
        if not _is_drawing(output):
            raise
        raise InputError(f"{name} is a drawing, which holds no recipe; give the popart command again.") from None
    if str(recipe.get("command")).startswith("reconstruct "):
        raise InputError(
            f"{name} was made by '{recipe['command']}', which is not made again by rerun; give that command again."
        )
    other = (
        "mask" if recipe.get("command") == MASK else "popart" if "popart" in recipe and "command" not in recipe else ""
    )
    if other:
        raise InputError(f"{name} was made by '{other}', which is not made again by rerun; give that command again.")
    if recipe.get("command") not in (STYLIZE, POPART) or recipe.get("format") not in READ:
        raise InputError(
            f"{name} was made by {_or_unknown(recipe, 'command')} of portrait_nst {_or_unknown(recipe, 'portrait_nst')} in a "
            f"recipe format that this version ({__version__}) does not repeat; make the picture again from its photo."
        )
    search = Search(output, photo, style, inputs)
    try:
        return _job(recipe, search)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InputError(
            f"The recipe in {search.name} is damaged: it lacks something, or has it in another form ({error}). "
            "Paint the picture again with its photo and style."
        ) from error


def _job(recipe: dict[str, Any], search: Search) -> Job:
    entries: dict[str, Entry] = dict(recipe["inputs"])
    weights = str(recipe.get("weights_sha256") or "")
    if weights and (file := recipe["settings"].get("weights")):  # format 1 has it among the settings only
        entries.setdefault("weights", {"path": file, "sha256": weights})
    search.check(entries)
    paths = {role: search.find(role, entry) for role, entry in entries.items()}
    regions = recipe.get("styles") or [{"label": None, "blend": [{"role": "style", "weight": 1.0}]}]
    styles = [
        (region["label"], [(paths[entry["role"]], float(entry["weight"])) for entry in region["blend"]])
        for region in regions
    ]
    # By path, since a style's name would be searched in the working folder first, where another file may have it by now.
    named = {role: str(path) for role, path in paths.items() if role in schema(Settings)}
    settings = Settings.from_recipe({**recipe["settings"], **named})
    popart = popart_of(recipe["popart"], entries, paths) if recipe["command"] == POPART else None
    interrupted, profile = recipe.get("status") == "interrupted", str(recipe.get("profile", "photo"))
    networks = tuple(str(network["sha256"]) for network in recipe.get("networks") or ())
    where = (paths["photo"], styles, paths.get("mask"), paths.get("labels"))
    return Job(*where, settings, popart, weights, interrupted, profile, networks)


def _is_drawing(output: str | Path | bytes) -> bool:
    """Whether `output` is SVG or PDF, as pop art can be written."""
    head = output if isinstance(output, bytes) else read_bytes(output)
    return head[:256].lstrip(codecs.BOM_UTF8 + b" \t\r\n").startswith((b"%PDF-", b"<svg", b"<?xml"))


def _or_unknown(recipe: dict[str, Any], name: str) -> str:
    return repr(recipe[name]) if name in recipe else f"an unknown {'version' if name == 'portrait_nst' else name}"


def popart_of(values: dict[str, Any], entries: dict[str, Entry], paths: dict[str, Path]) -> PopartSettings:
    """The settings of pop art that a recipe holds in `values`, with palettes in files where these are now."""
    files = {entry.get("file"): str(paths[role]) for role, entry in entries.items() if role.startswith("palette ")}
    palette = ";".join(files.get(part.strip(), part) for part in values["palette"].split(";"))
    columns, rows = values["grid"]
    return PopartSettings(**{**values, "palette": palette, "grid": (columns, rows)})
