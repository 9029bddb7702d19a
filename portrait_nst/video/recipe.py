"""What a painted clip's metadata say of how it was made, and the digest by which a broken-off run is known."""

from __future__ import annotations

import functools
import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portrait_nst import __version__
from portrait_nst.clips.info import ClipInfo
from portrait_nst.pipeline.styles import Blend
from portrait_nst.recipe.entries import FORMAT, Entry, entries_of, entry_of
from portrait_nst.recipe.recipe import blend_entries, threads, versions
from portrait_nst.resources import file_digest
from portrait_nst.settings import STYLES, Settings, files_of, without_folders
from portrait_nst.video.options import VideoOptions

VIDEO = "video"
_PLACE = ("threads", "max_memory", "device")  # settings that change where and how fast it is painted, not what


@dataclass(frozen=True, eq=False)
class VideoRecipe:
    """The inputs and settings of a painted clip; `as_dict` is written into its file.

    info:     the clip.
    blend:    the pictures of the style with their weights; empty for pop art.
    mask:     the file of a given mask, or None.
    settings: those with which it was painted.
    options:  those of the clip.
    encoding: how it was written, JSON-ready.
    """

    info: ClipInfo
    blend: Blend
    mask: Path | None
    settings: Settings
    options: VideoOptions
    encoding: Mapping[str, Any]

    @functools.cached_property
    def inputs(self) -> dict[str, Entry]:
        """The entries of all files, by role; see `recipe.entries`. They are read once."""
        from portrait_nst.pop_art.colour.palettes import files_in

        inputs: dict[str, Entry] = {"clip": entry_of(self.info.path, self.info.sha256)}
        inputs |= blend_entries(self.blend)[0]
        if self.options.popart is not None:
            files = files_in(self.options.popart.palette)
            inputs |= {f"palette {n}": entry_of(path, file_digest(path)) for n, path in enumerate(files, 1)}
        if self.mask is not None:
            inputs["mask"] = entry_of(self.mask, file_digest(self.mask))
        return inputs | entries_of(self.settings, {})

    def as_dict(self, painter: Mapping[str, Any], notes: Sequence[str] = ()) -> dict[str, Any]:
        """The recipe as JSON can hold it. painter: what is known of what painted, such as digests of networks."""
        inputs = self.inputs
        ours = {role: inputs[role]["name"] for role in STYLES if "name" in inputs.get(role, {})}
        return {
            "portrait_nst": __version__,
            "format": FORMAT,
            "command": VIDEO,
            "inputs": inputs,
            "styles": [{"label": None, "blend": blend_entries(self.blend)[1]}] if self.blend else [],
            "settings": without_folders(self.settings) | {"threads": threads()} | ours,
            "video": self.options.as_dict(),
            "encoding": dict(self.encoding),
            **painter,
            "machine": platform.machine(),
            "versions": versions(),
        }

    def key(self, painter: Mapping[str, Any]) -> str:
        """A digest of everything that decides the pictures: of the inputs' contents, not of their names."""
        settings = {name: value for name, value in self.settings.as_dict().items() if name not in _PLACE}
        for name in files_of(self.settings):
            settings[name] = ""  # their contents count, not their folders
        contents = {role: entry["sha256"] for role, entry in self.inputs.items()}
        weights = [weight for _, weight in self.blend]
        kind = (
            {"device": str(painter["device"]).partition(":")[0]} if "device" in painter else {}
        )  # whichever of several GPUs
        decides = [
            __version__,
            contents,
            weights,
            settings,
            self.options.as_dict(),
            dict(self.encoding),
            {**painter, **kind},
        ]
        return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()
