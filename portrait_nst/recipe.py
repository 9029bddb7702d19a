"""The recipe that goes into every picture's metadata: what is needed to make it again."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from portrait_nst import __version__, imaging, named_styles
from portrait_nst.errors import InputError
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.settings import STYLES, Settings, files_of
from portrait_nst.types import Likeness, Matte, Photo

Entry = dict[str, str | None]

FORMAT = 1
STYLIZE, POPART = "stylize", "stylize --popart"
PACKAGES = ("torch", "torchvision", "mediapipe", "opencv-python", "pillow", "numpy")


@dataclass(frozen=True)
class Job:
    """The inputs and settings that a recipe names.

    styles: (label or None, [(path, weight), ...]) for each region; without a label map there is one region, without a label.
    popart: the settings with which the painting was turned into pop art afterwards, or None.
    weights_sha256: that of the encoder's weights, or "" if the recipe does not have it.
    interrupted: whether the picture is one that was stopped early; the job paints it to the end.
    """

    photo: Path
    styles: list[tuple[str | None, list[tuple[Path, float]]]]
    mask: Path | None
    labels: Path | None
    settings: Settings
    popart: PopartSettings | None = None
    weights_sha256: str = ""
    interrupted: bool = False

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


@dataclass(frozen=True, eq=False)
class Recipe:
    """The inputs and settings of a picture; `as_dict` is written into its file.

    photo:    the photo.
    styles:   (label or None, [(picture, weight), ...]) for each region.
    matte:    the painted region; its origin is a mask, or the label map if the styles have labels.
    settings: those with which it was painted.
    weights_sha256: that of the encoder's weights.
    device, bf16: the device of the computation, and whether it used bfloat16.
    background: the style picture of the background, or None.
    likeness: that of the painted face, or None.
    command:  the name of the command.
    """

    photo: Photo
    styles: Sequence[tuple[str | None, Sequence[tuple[Photo, float]]]]
    matte: Matte
    settings: Settings
    weights_sha256: str
    device: str
    bf16: bool
    background: Photo | None = None
    likeness: Likeness | None = None
    command: str = STYLIZE

    def as_dict(self) -> dict[str, Any]:
        """The recipe as JSON can hold it: inputs with their sha256, all settings, weights, versions, seed and device."""
        inputs: dict[str, Entry] = {"photo": _entry(self.photo.path, self.photo.sha256)}
        regions = []
        for label, blend in self.styles:
            roles = []
            for picture, weight in blend:
                role = f"style {len(inputs)}" if len(inputs) > 1 else "style"
                inputs[role] = _entry(picture.path, picture.sha256, by_name=True)
                roles.append({"role": role, "weight": weight})
            regions.append({"label": label, "blend": roles})
        labelled = any(label is not None for label, _ in self.styles)
        if self.matte.origin is not None and not labelled:
            inputs["mask"] = asdict(self.matte.origin)
        if self.background is not None:
            inputs["background"] = _entry(self.background.path, self.background.sha256, by_name=True)
        if self.matte.origin is not None and labelled:
            inputs["labels"] = asdict(self.matte.origin)
        inputs |= _named_by(self.settings)
        ours = {role: inputs[role]["name"] for role in STYLES if "name" in inputs.get(role, {})}
        made = {
            "portrait_nst": __version__,
            "format": FORMAT,
            "command": self.command,
            "inputs": inputs,
            "styles": regions,
            "matte": self.matte.source,
            "settings": self.settings.replace(threads=_threads(), **ours).as_dict(),
            "weights_sha256": self.weights_sha256,
            "device": self.device,
            "precision": "bfloat16" if self.bf16 else "float32",
            "machine": platform.machine(),
            "versions": {name: _version(name) for name in PACKAGES},
        }
        likeness = None if self.likeness is None else self.likeness.as_dict()
        return made | {"likeness": likeness} if self.command == STYLIZE else made


def _named_by(settings: Settings) -> dict[str, Entry]:
    """The files that `settings` name, except weights, whose hash has its own entry, and a background, which is loaded already."""
    files = {role: path for role, path in files_of(settings).items() if role not in ("weights", "background")}
    return {role: _entry(path, _sha256(path), by_name=role in STYLES) for role, path in files.items()}


def _threads() -> int:
    import torch

    return torch.get_num_threads()


def read_job(output: str | Path, *, photo: str | Path | None = None, style: str | Path | None = None) -> Job:
    """The job that made `output`. Raises InputError.

    Every input file is checked against its sha256; the encoder's weights are checked when they are loaded, see
    `Job.weights_sha256`. `photo` and `style` are the new paths of these files, if they moved.
    """
    recipe = imaging.read_recipe(output)
    if str(recipe.get("command")).startswith("reconstruct "):
        raise InputError(
            f"{output} was made by '{recipe['command']}', which is not made again by rerun; give that command again."
        )
    if "popart" in recipe and "command" not in recipe:
        raise InputError(f"{output} was made by 'popart', which is not made again by rerun; give that command again.")
    if recipe.get("command") not in (STYLIZE, POPART) or recipe.get("format") != FORMAT:
        raise InputError(
            f"{output} was made by {_or_unknown(recipe, 'command')} of portrait_nst {_or_unknown(recipe, 'portrait_nst')} in a "
            f"recipe format that this version ({__version__}) does not repeat; make the picture again from its photo."
        )
    try:
        return _job(recipe, output, {"photo": photo, "style": style})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"The recipe in {output} is damaged: it lacks something, or has it in another form ({error}). "
            "Paint the picture again with its photo and style."
        ) from error


def _job(recipe: dict[str, Any], output: str | Path, moved: dict[str, str | Path | None]) -> Job:
    paths: dict[str, Path] = {}
    for role, entry in recipe["inputs"].items():
        path = _place(role, entry, output, moved.get(role))
        if not path.is_file():
            option = f" Say where it is now with --{role}." if role in moved else ""
            raise InputError(f"The {role} {path} of the recipe in {output} is not there any more.{option}")
        if _sha256(path) != entry["sha256"]:
            raise InputError(f"The {role} {path} is not the file that {output} was made from: its sha256 differs.")
        paths[role] = path
    regions = recipe.get("styles") or [{"label": None, "blend": [{"role": "style", "weight": 1.0}]}]
    styles = [
        (region["label"], [(paths[entry["role"]], float(entry["weight"])) for entry in region["blend"]])
        for region in regions
    ]
    # A name would be searched in the working folder first, where another file may have it by now.
    ours = {role: str(paths[role]) for role in STYLES if recipe["inputs"].get(role, {}).get("name")}
    settings = Settings.from_recipe({**recipe["settings"], **ours})
    popart = _popart(recipe["popart"]) if recipe["command"] == POPART else None
    weights = str(recipe.get("weights_sha256") or "")
    interrupted = recipe.get("status") == "interrupted"
    return Job(paths["photo"], styles, paths.get("mask"), paths.get("labels"), settings, popart, weights, interrupted)


def _or_unknown(recipe: dict[str, Any], name: str) -> str:
    return repr(recipe[name]) if name in recipe else f"an unknown {'version' if name == 'portrait_nst' else name}"


def _place(role: str, entry: Entry, output: str | Path, moved: str | Path | None) -> Path:
    """The path of an input of the recipe in `output`: the one that it `moved` to, or that of its entry. Raises InputError."""
    if moved:
        return named_styles.style_file(moved) if role == "style" else Path(moved)
    name, path = entry.get("name"), entry["path"]
    if name is not None:
        ours = named_styles.files().get(name)
        if ours is None:
            option = " Say where such a picture is with --style." if role == "style" else ""
            raise InputError(
                f"The {role} of {output} is {name!r}, a style that this version ({__version__}) does not have.{option}"
            )
        return ours
    if path is None:
        advice = f"say which file has the same bytes with --{role}, if one has" if role in ("photo", "style") else ""
        raise InputError(
            f"The {role} of {output} was in no file, but in a pipe or an array; "
            f"{advice or 'it cannot be made again from files'}."
        )
    return Path(path)


def with_popart(recipe: dict[str, Any], settings: PopartSettings) -> dict[str, Any]:
    """The `recipe` of a painting that was then turned into pop art with these `settings`."""
    return {**recipe, "command": POPART, "popart": asdict(settings)}


def _popart(values: dict[str, Any]) -> PopartSettings:
    columns, rows = values["grid"]
    return PopartSettings(**{**values, "grid": (columns, rows)})


def _entry(path: Path | None, sha256: str, *, by_name: bool = False) -> Entry:
    """The entry of a file. With `by_name` a style of the package is named, since its path differs from machine to machine."""
    name = named_styles.name_of(path) if by_name and path is not None else None
    if name is not None:
        return {"path": None, "name": name, "sha256": sha256}
    return {"path": None if path is None else str(path.absolute()), "sha256": sha256}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "unknown"
