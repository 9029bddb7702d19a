"""The recipe that goes into every picture's metadata: what is needed to make it again."""

from __future__ import annotations

import hashlib
import platform
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from portrait_nst import __version__, imaging
from portrait_nst.errors import InputError
from portrait_nst.settings import Settings
from portrait_nst.types import FloatArray, Matte, Photo

FORMAT = 1
PACKAGES = ("torch", "torchvision", "mediapipe", "opencv-python", "pillow", "numpy")


@dataclass(frozen=True)
class Job:
    """The inputs and settings that a recipe names."""

    photo: Path
    style: Path
    mask: Path | None
    settings: Settings


def make_recipe(
    photo: Photo,
    style: Photo,
    mask: str | Path | FloatArray | None,
    matte: Matte,
    settings: Settings,
    weights_sha256: str,
    device: str,
    bf16: bool,
    background: Photo | None = None,
) -> dict[str, Any]:
    """JSON-ready: inputs with their sha256, all settings, weights, versions, seed and where it was computed."""
    import torch

    settings = settings.replace(threads=torch.get_num_threads())
    inputs = {"photo": _input(photo), "style": _input(style)}
    if isinstance(mask, (str, Path)):
        inputs["mask"] = _file(Path(mask))
    elif mask is not None:
        inputs["mask"] = {"path": None, "sha256": hashlib.sha256(np.ascontiguousarray(mask).tobytes()).hexdigest()}
    if background is not None:
        inputs["background"] = _input(background)
    if settings.style_region not in ("whole", "person"):
        inputs["style_region"] = _file(Path(settings.style_region))
    return {
        "portrait_nst": __version__,
        "format": FORMAT,
        "command": "stylize",
        "inputs": inputs,
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
    if recipe.get("command") != "stylize" or recipe.get("format") != FORMAT:
        raise InputError(
            f"{output} was made by {recipe.get('command')!r} of portrait_nst {recipe.get('portrait_nst')} in a recipe format "
            f"that this version ({__version__}) does not repeat."
        )
    moved = {"photo": photo, "style": style}
    paths: dict[str, Path] = {}
    for role, entry in recipe["inputs"].items():
        name = moved.get(role) or entry["path"]
        if name is None:
            raise InputError(
                f"{output} was made from Python with an array as its {role}; it cannot be made again from files."
            )
        path = Path(name)
        if not path.is_file():
            option = f" Say where it is now with --{role}." if role in moved else ""
            raise InputError(f"The {role} {path} of the recipe in {output} is not there any more.{option}")
        if hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
            raise InputError(f"The {role} {path} is not the file that {output} was made from: its sha256 differs.")
        paths[role] = path
    return Job(paths["photo"], paths["style"], paths.get("mask"), Settings.from_dict(recipe["settings"]))


def _input(photo: Photo) -> dict[str, str | None]:
    return {"path": None if photo.path is None else str(Path(photo.path).absolute()), "sha256": photo.sha256}


def _file(path: Path) -> dict[str, str | None]:
    return {"path": str(path.absolute()), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "unknown"
