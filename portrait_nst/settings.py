"""Every setting and its default: the only place where one lives.

The command line, the Python functions and the documentation read their defaults from here.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portrait_nst import named_styles
from portrait_nst.errors import InputError
from portrait_nst.qualities import QUALITIES, Quality

METHODS = ("auto", *QUALITIES)
MIN_SIZE, MAX_SIZE = 64, 20_000
OPTIMIZERS = ("lbfgs", "adam", "nadam", "rmsprop", "sgd")
DECAYS = ("cosine", "exponential", "constant")
INITS = ("content", "statistics", "random")
STYLES = ("background", "coarse_style")  # settings that may be a style picture, or the name of one
NORMALISATIONS = ("relative", "gatys2015", "gatys2016", "chollet", "half")
STYLE_LOSSES = ("gram", "wasserstein")
CANVASES = ("pyramid", "pixels")
VALUES = ("unit", "byte")
COLOURS = ("style", "luminance", "pca", "cholesky")
GUIDANCES = ("soft", "inside", "all")
REGIONS = ("person", "all")
DEVICES = ("auto", "cpu", "cuda", "mps")
PRECISIONS = ("auto", "float32", "bfloat16")


@dataclass(frozen=True)
class Settings:
    """How to paint. Immutable; `hash()` names the settings whatever the order they were given in.

    method:         "painterly": each place is drawn to the strokes of the style that are nearest to it (Kolkin et al. 2022), with
                    Gram matrices as partners. "gram": these alone (Gatys et al. 2015). "auto": painterly, but gram for losses
                    as published.
    quality:        "draft", "standard" or "fine".
    strength:       0 (the photo) to 1 (style with hardly any hold on the photo).
    size:           longest painted side in pixels, "full" for every pixel, None for the quality's own.
    scales:         painted sizes as fractions of `size`, coarse to fine; empty for the quality's own.
    encoder:        "embedded", "vgg19", "resnet50" ...: see `portrait_nst.encoders.NAMES`.
    weights:        a file with the encoder's weights, or None for its own.
    person:         "all", "largest", or the number of one person, counted from the left from 1.
    region:         "person", or "all" to paint the whole picture.
    background:     "keep", "blur", "transparent", a colour "#rrggbb", or the path or name of a style image.
    style_region:   "whole", "person" (the painting's sitter), or the path of a mask for the style image.
    style_scale:    size of the style image relative to the painting: over 1 for broader strokes.
    guidance:       "soft", "inside" or "all"; guidance_offset grows or shrinks it by feature cells.
    coarse_style:   path or name of a picture whose coarse structure joins the fine texture of the style (Gatys et al. 2017,
                    section 6).
    colours:        "style", or the photo's own: "luminance" (only lightness is painted), "pca" or "cholesky" (the style is first
                    moved to the photo's colours by an affine map of that kind; Gatys et al. 2017, section 5).
    optimizer:      "lbfgs", or "adam", "nadam", "rmsprop", "sgd" with learning_rate (None for the optimiser's own).
    decay:          of that rate over the steps of a scale: "cosine" (to a tenth at the end), "exponential" (times decay_rate
                    every decay_steps steps) or "constant".
    iterations:     greatest number of steps at each scale, or None for the quality's own.
    init:           "content", "statistics" (the photo in the style's colours), "random", or the path of a picture.
    canvas:         what is optimised: "pyramid" coefficients on a moving grid (no lattice), or plain "pixels".
    values:         of the canvas and of the encoder's input in the losses: "unit" (0 to 1), or "byte" (0 to 255), which
                    published weights and learning rates often suppose; see `transfer.configure`.
    normalisation:  of the losses: "relative" (ours), or exactly as published: "gatys2015", "gatys2016", "chollet", "half".
    style_loss:     "gram", or "wasserstein" (W2 between Gaussians of the features' mean and covariance).
    style_layers, content_layers: names, each with an optional weight as "relu3_1:0.5"; empty for the encoder's own.
    style_weight, content_weight, tv_weight: None for what `strength` gives.
    tv_exponent:    of total variation: 2 for the squared form, 1.25 for Chollet's.
    recolour:       how far the photo is moved to the style's palette before it serves as content, 0 to 1. At 0 content and style
                    contend for the colours, and what the content wins (faces, mostly) stays unpainted.
    brushwork:      0 to 1: how much of the finest detail is the style's own paint, patch by patch (painterly).
    face_hold:      how much more firmly the photo is held at faces (more at eyes and mouth); 0 for not at all, None for the
                    method's own.
    likeness:       0 for no goal, to 1: how alike the face is to stay; met by holding the face more firmly during the run.
    gain_maps:      whether the style's sitter, aligned by keypoints, remodels the face's content (Selim et al. 2016).
    identity_weights: weights of a face-recognition network (VGG-Face or VGGFace2) for an identity loss; None for none.
    levels:         levels of the image pyramid in the style loss, None for the encoder's own.
    pooling:        "average" or "max" (the VGG networks and AlexNet).
    seed:           of everything random.
    device, precision, threads: where and how it is computed; "auto" and None choose.
    max_memory:     gigabytes that the process may take; what needs more is painted in parts, or smaller. None for what is free.
    """

    method: str = "auto"
    quality: str = "standard"
    strength: float = 0.5
    size: int | str | None = None
    scales: tuple[float, ...] = field(default=())
    encoder: str = "embedded"
    weights: str | None = None
    person: str | int = "all"
    region: str = "person"
    background: str = "keep"
    style_region: str = "whole"
    style_scale: float = 1.0
    guidance: str = "soft"
    guidance_offset: int = 0
    coarse_style: str | None = None
    colours: str = "style"
    optimizer: str = "lbfgs"
    learning_rate: float | None = None
    decay: str = "cosine"
    decay_rate: float = 0.96
    decay_steps: int = 100
    iterations: int | None = None
    init: str = "content"
    canvas: str = "pyramid"
    values: str = "unit"
    normalisation: str = "relative"
    style_loss: str = "gram"
    style_layers: tuple[str, ...] = field(default=())
    content_layers: tuple[str, ...] = field(default=())
    style_weight: float | None = None
    content_weight: float | None = None
    tv_weight: float | None = None
    tv_exponent: float = 2.0
    recolour: float = 1.0
    brushwork: float = 1.0
    face_hold: float | None = None
    likeness: float = 0.0
    gain_maps: bool = False
    identity_weights: str | None = None
    levels: int | None = None
    pooling: str = "average"
    seed: int = 0
    device: str = "auto"
    precision: str = "auto"
    threads: int | None = None
    max_memory: float | None = None

    def __post_init__(self) -> None:
        for name, allowed in _CHOICES.items():
            _one_of(name, getattr(self, name), allowed)
        for name, (low, high, optional) in _WHOLE.items():
            value = getattr(self, name)
            if not (optional and value is None):
                _whole(name, value, low, high)
        for name, (least, greatest, optional) in _REAL.items():
            value = getattr(self, name)
            if not (optional and value is None):
                object.__setattr__(self, name, _real(name, value, least, greatest))
        for name in ("style_layers", "content_layers"):
            object.__setattr__(self, name, _names(name, getattr(self, name)))
        if isinstance(self.size, str) and self.size != "full":
            raise InputError(f"size must be a number of pixels or 'full', not {self.size!r}.")
        if self.size is not None and self.size != "full":
            _whole("size", self.size, MIN_SIZE, MAX_SIZE)
        for name in ("background", "style_region", "init"):
            if not isinstance(getattr(self, name), str):
                raise InputError(f"{name} must be a string, not {getattr(self, name)!r}.")
        object.__setattr__(self, "scales", _fractions(self.scales))
        if self.method == "painterly" and self._published:
            raise InputError(
                "method painterly has losses of its own: leave normalisation at relative, style-loss at gram and values at unit, "
                "or use --method gram."
            )
        if not isinstance(self.gain_maps, bool):
            raise InputError(f"gain-maps must be true or false, not {self.gain_maps!r}.")

    @property
    def painterly(self) -> bool:
        """Whether nearest features are painted with."""
        return self.method == "painterly" or (self.method == "auto" and not self._published)

    @property
    def _published(self) -> bool:
        return self.normalisation != "relative" or self.style_loss != "gram" or self.values != "unit"

    @property
    def preset_of_quality(self) -> Quality:
        """What `quality` stands for in the method."""
        return QUALITIES["painterly" if self.painterly else "gram"][self.quality]

    def replace(self, **changes: Any) -> Settings:
        return dataclasses.replace(self, **changes)

    @property
    def files(self) -> list[Path]:
        """The files that settings name: pictures, masks and weights, which no output may replace."""
        named = [self.weights, self.identity_weights]
        named += [None if self.init in INITS else self.init]
        named += [None if self.style_region in ("whole", "person") else self.style_region]
        plain = self.background in ("keep", "blur", "transparent") or self.background.startswith("#")
        styles = [self.coarse_style, None if plain else self.background]
        return [*(Path(name) for name in named if name), *(named_styles.path_of(name) for name in styles if name)]

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready: what `from_dict` reads."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in dataclasses.asdict(self).items()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Settings:
        """Settings from JSON values; raises InputError for a name that is not a setting."""
        names = {f.name for f in dataclasses.fields(cls)}
        unknown = sorted(set(values) - names)
        if unknown:
            raise InputError(f"Unknown setting {unknown[0]!r}. There are: {', '.join(sorted(names))}.")
        given: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        return cls(**given)

    def hash(self) -> str:
        """The same 16 hex digits for the same settings, on every machine and in every run."""
        return hashlib.sha256(json.dumps(self.as_dict(), sort_keys=True).encode()).hexdigest()[:16]


_CHOICES: dict[str, tuple[str, ...]] = {
    "method": METHODS,
    "quality": tuple(QUALITIES["painterly"]),
    "optimizer": OPTIMIZERS,
    "decay": DECAYS,
    "canvas": CANVASES,
    "values": VALUES,
    "normalisation": NORMALISATIONS,
    "style_loss": STYLE_LOSSES,
    "colours": COLOURS,
    "guidance": GUIDANCES,
    "region": REGIONS,
    "device": DEVICES,
    "precision": PRECISIONS,
    "pooling": ("average", "max"),
}
# name: (least, greatest, whether None is allowed)
_WHOLE: dict[str, tuple[int, int, bool]] = {
    "guidance_offset": (-50, 50, False),
    "iterations": (1, 100_000, True),
    "levels": (1, 8, True),
    "decay_steps": (1, 100_000, False),
    "threads": (1, 1024, True),
    "seed": (0, 2**63 - 1, False),
}
_REAL: dict[str, tuple[float, float, bool]] = {
    "strength": (0.0, 1.0, False),
    "max_memory": (0.1, 100_000.0, True),
    "style_scale": (0.1, 10.0, False),
    "recolour": (0.0, 1.0, False),
    "brushwork": (0.0, 1.0, False),
    "face_hold": (0.0, 1000.0, True),
    "learning_rate": (1e-9, 1e9, True),
    "decay_rate": (1e-3, 1.0, False),
    "tv_exponent": (0.5, 4.0, False),
    "likeness": (0.0, 1.0, False),
    "style_weight": (0.0, 1e12, True),
    "content_weight": (0.0, 1e12, True),
    "tv_weight": (0.0, 1e12, True),
}
_UNITS = {"max_memory": " of gigabytes"}


def _one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InputError(f"{_option(name)} must be one of {', '.join(allowed)}, not {value!r}.")


def _whole(name: str, value: object, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InputError(f"{_option(name)} must be a whole number from {low} to {high}, not {value!r}.")


def _real(name: str, value: object, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        unit = _UNITS.get(name, "")
        raise InputError(f"{_option(name)} must be a number{unit} from {low:g} to {high:g}, not {value!r}.")
    return float(value)


def _names(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(entry, str) for entry in value):
        raise InputError(f"{name} must be a list of layer names, not {value!r}.")
    return tuple(value)


def _fractions(value: object) -> tuple[float, ...]:
    if not isinstance(value, (list, tuple)):
        raise InputError(f"scales must be a list of fractions of the size, not {value!r}.")
    fractions = tuple(_real("scale", entry, 0.01, 1.0) for entry in value)
    if list(fractions) != sorted(set(fractions)) or (fractions and fractions[-1] != 1):
        raise InputError(
            f"each scale must be above the one before and the last 1, as in 0.25 0.5 1, not {' '.join(map(str, value))}."
        )
    return fractions


def _option(name: str) -> str:
    return name.replace("_", "-")
