"""Painters of frames that are compared: painting frame by frame, and pictures that other programs made."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from portrait_nst import imaging
from portrait_nst.pipeline import Stylizer
from portrait_nst.types import FloatArray
from portrait_nst.video.painter import FramePainter, State
from portrait_nst.video.seen import SeenFrame


class FrameByFrame:
    """Each frame painted as a photo of its own, by the package's functions, with the same seed: the baseline."""

    def __init__(self, style: str, **settings: Any) -> None:
        self.style = style
        self.settings: dict[str, Any] = {"quality": "instant", "seed": 0, **settings}
        self.stylizer: Stylizer | None = None

    def begin(self, samples: Sequence[SeenFrame]) -> None:
        """Nothing is taken from the shot."""

    def paint(self, seen: SeenFrame) -> FloatArray:
        from portrait_nst import stylize
        from portrait_nst.pipeline.stylizer import chosen_settings

        self.stylizer = self.stylizer or Stylizer.of(chosen_settings(None, None, self.settings))
        made = stylize(seen.rgb, self.style, mask=seen.alpha, stylizer=self.stylizer, **self.settings)
        return imaging.to_float(made.rgb)

    def state(self) -> State:
        return {}

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        """There is nothing to restore."""


class Pictures:
    """What another program made of the frames: FOLDER/00000.png, ... (or .jpg), of any size."""

    def __init__(self, folder: Path) -> None:
        self.files = sorted(file for file in folder.iterdir() if file.suffix.lower() in (".png", ".jpg", ".jpeg"))

    def begin(self, samples: Sequence[SeenFrame]) -> None:
        """The pictures are there."""

    def paint(self, seen: SeenFrame) -> FloatArray:
        rgb = imaging.to_float(imaging.load(self.files[seen.frame.number]).rgb)
        return np.asarray(cv2.resize(rgb, seen.rgb.shape[1::-1], interpolation=cv2.INTER_AREA))

    def state(self) -> State:
        return {}

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        """There is nothing to restore."""


def made(spec: str, style: str) -> FramePainter:
    """A painter by its name: "frames" or "frames:QUALITY" for frame by frame, else MODULE:FUNCTION, called with the style."""
    name, _, rest = spec.partition(":")
    if name == "frames":
        return FrameByFrame(style, **({"quality": rest} if rest else {}))
    if not rest:
        raise SystemExit(f"{spec} is no painter; give frames, frames:QUALITY or MODULE:FUNCTION.")
    painter: FramePainter = getattr(importlib.import_module(name), rest)(style)
    return painter
