"""Frames without a file, and pictures to make them of."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from portrait_nst.types import FloatArray, UInt8Array

if TYPE_CHECKING:
    from av import VideoFrame

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


@dataclass
class StillFrame:
    """A `clips.Frame` of a picture, 25 frames a second."""

    number: int
    rgb: UInt8Array
    alpha: UInt8Array | None = None
    duration: int = 1
    time_base: Fraction = Fraction(1, 25)
    pts: int = field(init=False)

    def __post_init__(self) -> None:
        self.pts = self.number

    @property
    def size(self) -> tuple[int, int]:
        return self.rgb.shape[0], self.rgb.shape[1]

    @property
    def native(self) -> VideoFrame:
        raise NotImplementedError

    @property
    def upright(self) -> VideoFrame:
        raise NotImplementedError

    def over(self, painted: UInt8Array | FloatArray, alpha: FloatArray) -> StillFrame:
        raise NotImplementedError

    def replaced(self, rgb: UInt8Array | FloatArray, opacity: FloatArray | None = None) -> StillFrame:
        raise NotImplementedError


@cache
def sample(name: str, width: int) -> UInt8Array:
    """A portrait of samples/ at this width."""
    picture = cv2.imread(str(SAMPLES / f"{name}.jpg"), cv2.IMREAD_COLOR)
    assert picture is not None
    height = round(picture.shape[0] * width / picture.shape[1])
    return np.ascontiguousarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)[:, :, ::-1])


def noise(picture: UInt8Array, seed: int, deviation: float = 2.0) -> UInt8Array:
    """A picture with a sensor's noise, in levels of 255."""
    values = picture + np.random.default_rng(seed).normal(0, deviation, picture.shape)
    return values.round().clip(0, 255).astype(np.uint8)
