"""Presets: the settings of published papers and projects, by name.

What a source leaves open is assumed, and the preset's `source` says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from portrait_nst.errors import InputError
from portrait_nst.settings import Settings


@dataclass(frozen=True)
class Preset:
    """What a preset changes in the default settings, the source it follows, and whether it writes a time-lapse."""

    source: str
    changes: dict[str, Any] = field(default_factory=dict)
    timelapse: bool = False


_ONE_TO_FIVE = tuple(f"relu{block}_1" for block in range(1, 6))
_PLAIN: dict[str, Any] = {  # one scale of plain pixels, no guidance, nothing of what this project adds
    "canvas": "pixels",
    "scales": (1.0,),
    "levels": 1,
    "method": "gram",
    "recolour": 0.0,
    "face_hold": 0.0,
    "tv_weight": 0.0,
    "region": "all",
}
_VGG19 = {**_PLAIN, "encoder": "vgg19", "pooling": "max", "style_layers": _ONE_TO_FIVE, "content_layers": ("relu4_2",)}
_CHOLLET = {
    **_VGG19,
    "content_layers": ("relu5_2",),
    "values": "byte",
    "normalisation": "chollet",
    "content_weight": 2.5e-8,
    "style_weight": 1e-6,
    "tv_weight": 1e-6,
    "tv_exponent": 1.25,
}
_KADAM = {
    **_PLAIN,
    "size": 512,
    "values": "byte",
    "normalisation": "gatys2016",
    "optimizer": "adam",
    "learning_rate": 5.0,
    "decay": "constant",
    "iterations": 1000,
    "init": "content",
}

PRESETS: dict[str, Preset] = {
    "gatys2016": Preset(
        "Gatys, Ecker & Bethge, Image Style Transfer Using Convolutional Neural Networks, CVPR 2016, and the authors' code: "
        "rectified maps, 500 steps at 512 px from the photo, style weights 1000 / channels^2.",
        {**_VGG19, "values": "byte", "normalisation": "gatys2016", "content_weight": 1.0, "style_weight": 1.0}
        | {"size": 512, "iterations": 500, "optimizer": "lbfgs", "init": "content"},
    ),
    "chollet": Preset(
        "F. Chollet, Neural style transfer, Keras examples: SGD at rate 100, times 0.96 every 100 of 4000 steps, at 400 px "
        "height (here: the longest side).",
        {**_CHOLLET, "size": 400, "iterations": 4000, "init": "content"}
        | {"optimizer": "sgd", "learning_rate": 100.0, "decay": "exponential", "decay_rate": 0.96, "decay_steps": 100},
    ),
    "omahony": Preset(
        "O'Mahony: RMSprop at 0.1 with decay, the person alone by spatial control. Assumed: VGG-19, Chollet's losses, "
        "decay as his, 1000 steps at 512 px.",
        {**_CHOLLET, "style_weight": 1e-2, "tv_weight": 1e-2, "region": "person", "size": 512, "iterations": 1000}
        | {"optimizer": "rmsprop", "learning_rate": 0.1, "decay": "exponential"},
    ),
    "kadam-vgg19": Preset(
        "Kadam: alpha (content) 1e5, beta (style) 1e-2, Adam at 5 on values 0..255, 1000 steps from the photo, at most 512 px. "
        "Assumed: conv4_2 and conv1..5_1, the losses as in Gatys' code.",
        {**_KADAM, "encoder": "vgg19", "pooling": "max", "content_weight": 1e5, "style_weight": 1e-2}
        | {"content_layers": ("relu4_2",), "style_layers": _ONE_TO_FIVE},
    ),
    "kadam-resnet50": Preset(
        "Kadam: as kadam-vgg19 with ResNet-50, its own default layers, alpha 1 and beta 1e5.",
        {**_KADAM, "encoder": "resnet50", "content_weight": 1.0, "style_weight": 1e5},
    ),
    "cs464": Preset(
        "CS464 project: Adam from noise, conv4_2 and conv1..5_1, 2200 steps, and a film of them. Assumed: rate 0.02 on values of "
        "0 to 1, the losses of this project.",
        {
            **_VGG19,
            "optimizer": "adam",
            "learning_rate": 0.02,
            "decay": "constant",
            "init": "random",
            "iterations": 2200,
        },
        timelapse=True,
    ),
}


def settings_of(preset: str | None = None, **changes: Any) -> Settings:
    """The settings of `preset`, or the defaults for None, with `changes` applied. Raises InputError."""
    if preset is None:
        return Settings(**changes)
    if preset not in PRESETS:
        raise InputError(f"There is no preset {preset!r}. There are: {', '.join(PRESETS)}.")
    return Settings(**{**PRESETS[preset].changes, **changes})
