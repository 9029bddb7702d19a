"""The recipe that goes into every picture's metadata: what is needed to make it again."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from portrait_nst import __version__, imaging, named_styles
from portrait_nst.errors import InputError
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.settings import STYLES, Settings, files_of
from portrait_nst.types import FloatArray, Matte, Photo

FORMAT = 1
POPART = "stylize --popart"
PACKAGES = ("torch", "torchvision", "mediapipe", "opencv-python", "pillow", "numpy")


@dataclass(frozen=True)
class Job:
    """The inputs and settings that a recipe names.

    styles: (label or None, [(path, weight), ...]) for each region; without a label map there is one, and it has none.
    popart: how the painting was turned into segments afterwards, if it was.
    """

    photo: Path
    styles: list[tuple[str | None, list[tuple[Path, float]]]]
    mask: Path | None
    labels: Path | None
    settings: Settings
    popart: PopartSettings | None = None

    @property
    def style(self) -> list[tuple[Path, float]] | None:
        """The blend for the whole matte; None where each label has its own."""
        return None if self.labels else self.styles[0][1]

    @property
    def region_styles(self) -> dict[str, list[tuple[Path, float]]]:
        return {label: blend for label, blend in self.styles if label is not None}

    @property
    def files(self) -> list[Path]:
        """All files that must not be overwritten."""
        pictures = [path for _, blend in self.styles for path, _ in blend]
        return [self.photo, *pictures, *(path for path in (self.mask, self.labels) if path), *self.settings.files]


def make_recipe(
    photo: Photo,
    styles: Sequence[tuple[str | None, Sequence[tuple[Photo, float]]]],
    mask: str | Path | FloatArray | None,
    matte: Matte,
    settings: Settings,
    weights_sha256: str,
    device: str,
    bf16: bool,
    background: Photo | None = None,
    labels: str | Path | None = None,
) -> dict[str, Any]:
    """JSON-ready: inputs with their sha256, all settings, weights, versions, seed and where it was computed."""
    import torch

    settings = settings.replace(threads=torch.get_num_threads())
    inputs = {"photo": _input(photo)}
    regions = []
    for label, blend in styles:
        roles = []
        for picture, weight in blend:
            role = f"style {len(inputs)}" if len(inputs) > 1 else "style"
            inputs[role] = _style(picture)
            roles.append({"role": role, "weight": weight})
        regions.append({"label": label, "blend": roles})
    if isinstance(mask, (str, Path)):
        inputs["mask"] = _file(Path(mask))
    elif mask is not None:
        inputs["mask"] = {"path": None, "sha256": hashlib.sha256(np.ascontiguousarray(mask).tobytes()).hexdigest()}
    if background is not None:
        inputs["background"] = _style(background)
    if labels is not None:
        inputs["labels"] = _file(Path(labels))
    for role, path in files_of(settings).items():
        if role not in ("weights", "background"):  # the hash of the weights stands apart, the background was loaded
            inputs[role] = _by_name(path, _file(path)) if role in STYLES else _file(path)
    settings = settings.replace(**{role: inputs[role]["name"] for role in STYLES if "name" in inputs.get(role, {})})
    return {
        "portrait_nst": __version__,
        "format": FORMAT,
        "command": "stylize",
        "inputs": inputs,
        "styles": regions,
        "matte": matte.source,
        "settings": settings.as_dict(),
        "weights_sha256": weights_sha256,
        "device": device,
        "precision": "bfloat16" if bf16 else "float32",
        "machine": platform.machine(),
        "versions": {name: _version(name) for name in PACKAGES},
    }


def read_job(output: str | Path, *, photo: str | Path | None = None, style: str | Path | None = None) -> Job:
    """The job that made `output`; every input is checked against its sha256. Raises InputError."""
    recipe = imaging.read_recipe(output)
    if str(recipe.get("command")).startswith("reconstruct "):
        raise InputError(
            f"{output} was made by '{recipe['command']}', which is not made again by rerun; give that command again."
        )
    if recipe.get("command") not in ("stylize", POPART) or recipe.get("format") != FORMAT:
        raise InputError(
            f"{output} was made by {recipe.get('command')!r} of portrait_nst {recipe.get('portrait_nst')} in a recipe format "
            f"that this version ({__version__}) does not repeat."
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
        if hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
            raise InputError(f"The {role} {path} is not the file that {output} was made from: its sha256 differs.")
        paths[role] = path
    regions = recipe.get("styles") or [{"label": None, "blend": [{"role": "style", "weight": 1.0}]}]
    styles = [
        (region["label"], [(paths[entry["role"]], float(entry["weight"])) for entry in region["blend"]])
        for region in regions
    ]
    # By name they would be looked for in the working folder first, where something else may have that name by now.
    ours = {role: str(paths[role]) for role in STYLES if recipe["inputs"].get(role, {}).get("name")}
    settings = Settings.from_recipe({**recipe["settings"], **ours})
    popart = _popart(recipe["popart"]) if recipe["command"] == POPART else None
    return Job(paths["photo"], styles, paths.get("mask"), paths.get("labels"), settings, popart)


def _place(role: str, entry: dict[str, str | None], output: str | Path, moved: str | Path | None) -> Path:
    """Where an input of the recipe in `output` is, or should be: where it moved, or what its entry says."""
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
        raise InputError(
            f"{output} was made from Python with an array as its {role}; it cannot be made again from files."
        )
    return Path(path)


def with_popart(recipe: dict[str, Any], settings: PopartSettings) -> dict[str, Any]:
    """The `recipe` of a painting that was then turned into segments."""
    return {**recipe, "command": POPART, "popart": asdict(settings)}


def with_matte(recipe: dict[str, Any], matte: Matte, mask: dict[str, str | None] | None) -> dict[str, Any]:
    """The `recipe` of a painting whose `matte` was found before, as if `stylize` had found it itself, or read it from `mask`.

    mask: its path and sha256.
    """
    inputs = {role: entry for role, entry in recipe["inputs"].items() if role != "mask"}
    if mask is not None:
        inputs["mask"] = mask
    return {**recipe, "inputs": inputs, "matte": matte.source}


def _popart(values: dict[str, Any]) -> PopartSettings:
    columns, rows = values["grid"]
    return PopartSettings(**{**values, "grid": (columns, rows)})


def _input(photo: Photo) -> dict[str, str | None]:
    return {"path": None if photo.path is None else str(photo.path.absolute()), "sha256": photo.sha256}


def _style(picture: Photo) -> dict[str, str | None]:
    return _by_name(picture.path, _input(picture))


def _by_name(path: Path | None, entry: dict[str, str | None]) -> dict[str, str | None]:
    """`entry` of a picture; one of the package goes by its name, for on another machine the package lies elsewhere."""
    name = None if path is None else named_styles.name_of(path)
    return entry if name is None else {"path": None, "name": name, "sha256": entry["sha256"]}


def _file(path: Path) -> dict[str, str | None]:
    return {"path": str(path.absolute()), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "unknown"
