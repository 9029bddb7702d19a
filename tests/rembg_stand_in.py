"""The rembg library as far as it is used, without its models, onnxruntime or a network."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from portrait_nst.segmentation import rembg_model


@dataclass
class StandIn:
    """What was asked of it, and what it answers.

    marked: (rows, columns) as shares of the picture's sides: the rectangles that its models mark.
    fault:  raised where a session is made. home: the folder of the models' files, which `made` adds to.
    """

    home: Path
    marked: list[tuple[float, float, float, float]] = field(default_factory=list)  # top, bottom, left, right
    fault: Exception | None = None
    made: list[str] = field(default_factory=list)
    bars: list[bool] = field(default_factory=list)

    def session(self, model: str) -> Any:
        sys.modules["pooch"].retrieve("https://somewhere/" + model, progressbar=True)
        if self.fault is not None:
            raise self.fault
        self.made.append(model)
        (self.home / f"{model}.onnx").touch()
        stand_in = self

        class Session:
            def predict(self, picture: Image.Image) -> list[Image.Image]:
                alpha = np.zeros((picture.height, picture.width), np.uint8)
                for top, bottom, left, right in stand_in.marked:
                    rows = slice(round(top * picture.height), round(bottom * picture.height))
                    alpha[rows, round(left * picture.width) : round(right * picture.width)] = 255
                return [Image.fromarray(alpha)]

        return Session()


def install(patch: pytest.MonkeyPatch, home: Path) -> StandIn:
    """Put a stand-in, whose models' files are in `home`, in the place of rembg, pooch and onnxruntime."""
    import logging

    made = StandIn(home)

    class Known:
        @classmethod
        def name(cls) -> str:
            return "u2net"

        @classmethod
        def u2net_home(cls) -> str:
            return str(home)

    rembg, sessions, pooch, runtime = map(ModuleType, ("rembg", "rembg.sessions", "pooch", "onnxruntime"))
    vars(rembg)["new_session"], vars(rembg)["sessions"] = made.session, sessions
    vars(sessions)["sessions_class"] = [Known]
    vars(pooch)["retrieve"] = lambda url, progressbar: made.bars.append(progressbar)
    vars(pooch)["get_logger"] = lambda: logging.getLogger("pooch")
    for module in (rembg, sessions, pooch, runtime):
        module.__spec__ = ModuleSpec(module.__name__, None)
        patch.setitem(sys.modules, module.__name__, module)
    patch.setattr(rembg_model, "_open", {})
    return made
