"""The golden pictures: how each is painted, and how far two pictures are apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import portrait_nst
from portrait_nst.types import UInt8Array

HERE = Path(__file__).resolve().parent
SAMPLES = HERE.parents[1] / "samples"
# One thread and float32, few steps: so that what other machines round otherwise has not grown into other strokes.
COMMON: dict[str, Any] = {"size": 96, "quality": "draft", "iterations": 5, "threads": 1, "precision": "float32"}


def portrait(height: int = 160) -> UInt8Array:
    """A real portrait, (height, width, 3) uint8."""
    with Image.open(SAMPLES / "grace_hopper.jpg") as image:
        width = round(image.width * height / image.height)
        return np.asarray(image.convert("RGB").resize((width, height), Image.Resampling.LANCZOS))


def painted(**settings: Any) -> UInt8Array:
    """The portrait in a style of the package, (160, W, 3) uint8; `settings` beside those that all golden pictures share."""
    return portrait_nst.stylize(portrait(), SAMPLES / "styles" / "impasto.png", **COMMON | settings).rgb


def popart(**settings: Any) -> UInt8Array:
    """The portrait as pop art of 160 pixels, (160, W, 3) uint8."""
    made = portrait_nst.popart(portrait(320), **settings)
    with Image.fromarray(made.render()[0]) as image:
        image.thumbnail((160, 160), Image.Resampling.BOX)
        return np.asarray(image)


PICTURES: dict[str, Callable[[], UInt8Array]] = {
    "gram": lambda: painted(method="gram"),
    "painterly": lambda: painted(method="painterly"),
    "popart": popart,
}


def golden(name: str) -> UInt8Array:
    """The picture that is kept, (H, W, 3) uint8."""
    with Image.open(HERE / f"{name}.png") as image:
        return np.asarray(image.convert("RGB"))


@dataclass(frozen=True)
class Distance:
    """How far two pictures are apart, in levels of 255.

    mean:      of the absolute differences of all channels.
    high:      the 99th percentile of each pixel's greatest difference: 1 pixel in 100 may differ more.
    """

    mean: float
    high: float


def distance(one: UInt8Array, other: UInt8Array) -> Distance:
    """The distance of two pictures (H, W, 3) uint8 of one size."""
    assert one.shape == other.shape, f"{one.shape} is not {other.shape}"
    apart = np.abs(one.astype(np.int16) - other.astype(np.int16))
    return Distance(float(apart.mean()), float(np.percentile(apart.max(axis=2), 99)))
