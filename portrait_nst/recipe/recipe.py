"""What a recipe says, and how it is made of a finished picture."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from portrait_nst import __version__
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.recipe.entries import FORMAT, Entry, entries_of, entry_of
from portrait_nst.resources import file_digest
from portrait_nst.settings import STYLES, Settings, without_folders
from portrait_nst.types import Likeness, Matte, Photo

STYLIZE, POPART, MASK = "stylize", "stylize --popart", "mask"
PACKAGES = ("torch", "torchvision", "mediapipe", "opencv-python", "pillow", "numpy")


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
    networks: what is known of each learned network that painted, JSON-ready; empty for a painting by the engine.
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
    networks: Sequence[Mapping[str, Any]] = ()
    command: str = STYLIZE

    def as_dict(self) -> dict[str, Any]:
        """The recipe as JSON can hold it: inputs with their sha256, all settings, weights, versions, seed and device."""
        inputs: dict[str, Entry] = {"photo": entry_of(self.photo.path, self.photo.sha256)}
        regions = []
        for label, blend in self.styles:
            entries, roles = blend_entries(blend, len(inputs))
            inputs |= entries
            regions.append({"label": label, "blend": roles})
        if (origin := self.matte.origin) is not None:
            role = "labels" if any(label is not None for label, _ in self.styles) else "mask"
            inputs[role] = entry_of(origin.path, origin.sha256)
        known = {"weights": self.weights_sha256, "background": self.background.sha256 if self.background else ""}
        inputs |= entries_of(self.settings, known)
        ours = {role: inputs[role]["name"] for role in STYLES if "name" in inputs.get(role, {})}
        settings = without_folders(self.settings) | {"threads": threads(), **ours}
        made = {
            "portrait_nst": __version__,
            "format": FORMAT,
            "command": self.command,
            "inputs": inputs,
            "styles": regions,
            "matte": self.matte.source,
            "settings": settings,
            "weights_sha256": self.weights_sha256,
            "device": self.device,
            "precision": "bfloat16" if self.bf16 else "float32",
            "machine": platform.machine(),
            "versions": versions(),
        }
        made |= {"networks": [dict(network) for network in self.networks]} if self.networks else {}
        likeness = None if self.likeness is None else self.likeness.as_dict()
        return made | {"likeness": likeness} if self.command == STYLIZE else made


def with_popart(recipe: dict[str, Any], settings: PopartSettings) -> dict[str, Any]:
    """The `recipe` of a painting that was then turned into pop art with these `settings`."""
    from portrait_nst.pop_art.colour.palettes import files_in
    from portrait_nst.pop_art.report import without_folders as shown

    files = {f"palette {n}": entry_of(path, file_digest(path)) for n, path in enumerate(files_in(settings.palette), 1)}
    return {**recipe, "command": POPART, "inputs": {**recipe["inputs"], **files}, "popart": shown(settings)}


def blend_entries(
    blend: Sequence[tuple[Photo, float]], before: int = 1
) -> tuple[dict[str, Entry], list[dict[str, Any]]]:
    """The entries of the pictures of `blend` by their roles, and these with weights, where there are inputs `before`."""
    entries: dict[str, Entry] = {}
    roles: list[dict[str, Any]] = []
    for picture, weight in blend:
        number = before + len(entries)
        role = f"style {number}" if number > 1 else "style"
        entries[role] = entry_of(picture.path, picture.sha256, by_name=True)
        roles.append({"role": role, "weight": weight})
    return entries, roles


def versions() -> dict[str, str]:
    """The versions of the packages on which a painting depends."""
    return {name: _version(name) for name in PACKAGES}


def threads() -> int:
    """The number of CPU threads that torch uses."""
    import torch

    return torch.get_num_threads()


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "unknown"
