"""A photo and a style made ready once, so that each run, in a process of its own, begins from the same arrays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from portrait_nst import Settings, imaging, pipeline
from portrait_nst.encoders import Encoder
from portrait_nst.pipeline import face_guidance
from portrait_nst.pipeline.likeness import Meter, meter_of
from portrait_nst.pipeline.styles import LONGEST_STYLE
from portrait_nst.transfer import StyleOptimizer, StylePart, StyleSource, build_config, colour, transfer_detail
from portrait_nst.transfer.target_store import style_size
from portrait_nst.types import FloatArray, Photo, UInt8Array


@dataclass(frozen=True, eq=False)
class Scene:
    """What a run is given; arrays of the photo's own size (H, W) first, then those of the judged size (h, w).

    foreground: (H, W, 3) uint8, the person continued past the matte's edge; alpha, hold: (H, W) float32.
    style:      (sh, sw, 3) uint8 at the size that the pipeline keeps.
    content:    (h, w, 3) float32, what the objective holds on to and all begin with: the photo in the style's colours.
    mask:       (h, w) float32.
    seen:       (gh, gw, 3) float32, the style at the size at which it is seen beside (h, w).
    """

    foreground: UInt8Array
    alpha: FloatArray
    hold: FloatArray
    style: UInt8Array
    content: FloatArray
    mask: FloatArray
    seen: FloatArray

    def save(self, path: Path) -> None:
        np.savez(path, **vars(self))

    @classmethod
    def load(cls, path: Path) -> Scene:
        with np.load(path) as archive:
            return cls(**{name: archive[name] for name in archive.files})

    @property
    def size(self) -> tuple[int, int]:
        return self.mask.shape[0], self.mask.shape[1]

    def sources(self) -> list[StyleSource]:
        return [StyleSource((StylePart(imaging.to_float(self.style)),), self.alpha)]


def prepare(photo: Photo, style: Photo, size: int, encoder: Encoder) -> Scene:
    subject = pipeline.prepare(photo)
    matte, foreground = subject.matte, subject.foreground
    hold = face_guidance.content_weight_map(subject, Settings())
    factor = min(1.0, LONGEST_STYLE / max(style.rgb.shape[:2]))
    kept = imaging.resize(style.rgb, (round(style.height * factor), round(style.width * factor)))
    part = StylePart(imaging.to_float(kept))
    config = build_config(Settings(size=size), encoder, photo.height, photo.width)
    painter = StyleOptimizer(encoder, imaging.to_float(foreground), [StyleSource((part,), matte.alpha)], config)
    return Scene(
        foreground,
        matte.alpha,
        np.zeros(matte.alpha.shape, np.float32) if hold is None else hold,
        kept,
        painter.inputs.content.astype(np.float32),
        painter.inputs.regions[0],
        colour.resize(part.rgb, style_size(part, config.sizes[-1], config.style_scale)),
    )


def tensor(array: FloatArray) -> torch.Tensor:
    return colour.tensor(array, "cpu")


class Likeness:
    """How alike the faces of a photo still are, whatever painted it."""

    def __init__(self, photo: Photo, scene: Scene) -> None:
        subject = pipeline.prepare(photo, mask=scene.alpha)
        self.meter: Meter | None = meter_of(photo, subject.painted_faces)
        self.photo, self.scene = photo, scene

    def result(self, frame: FloatArray) -> UInt8Array:
        """The picture that comes out for a painted `frame` (h, w, 3; [0, 1])."""
        return imaging.composite(self.photo.rgb, transfer_detail(self.scene.foreground, frame), self.scene.alpha)

    def of(self, frame: FloatArray) -> float | None:
        return None if self.meter is None else self.meter.of(self.result(frame)).value
