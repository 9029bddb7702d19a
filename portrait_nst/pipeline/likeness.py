"""How similar painted faces are to the photo's.

The likeness of a face is one number from 0 to 1, the product of four measures:

    value = (1 - distance / (2 * ANOTHER)) * placed * whole * seen

- *distance*: that of dlib's descriptors of the face in photo and picture, each aligned by its own points. Alone it gives 1 for
  the photo itself, 0.65 to 0.8 for another photo of the same person, 0.5 at the distance from which on dlib takes the two for
  different people, and 0.2 to 0.45 for other people. Recognition networks grow unsure under paint, and this one hardly sees a
  lost eye. So three more measures, each 1 for an ordinary painting, take from that:
- *placed*: exp(-(d / DRIFT)^2 / 2) of the drift of eyes, brows, nose or lips beyond SCATTER, which the landmarker scatters
  under any paint; in distances between the eyes.
- *whole*: from LOST, if nothing of an eye, of nose or mouth is left, to 1, if it looks as parts do under usual strokes.
- *seen*: from LOST, if the detector finds no face, to 1, with its score over that in the photo, or over the least score of a sure
  face if that is less.

So 0.5 or less says: someone else, or an eye or the mouth is lost or elsewhere. Of several painted faces the least alike counts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from portrait_nst import faces, imaging
from portrait_nst.errors import InputError
from portrait_nst.pipeline.inputs import Picture, load
from portrait_nst.segmentation import SURE
from portrait_nst.types import Face, FloatArray, Likeness, Photo, UInt8Array

if TYPE_CHECKING:
    from torch import Tensor

ANOTHER = 0.6  # dlib's threshold: descriptors of two people are farther from each other
SCATTER, DRIFT = 0.05, 0.15  # distances between the eyes
LOST = 0.5  # the factor on a face that has lost a part, or that the detector does not find
GONE, USUAL = (
    0.4,
    0.8,
)  # correlations of a part that is painted over, and of one under usual strokes, which is rarely less
MEASURED_AT = 1280  # longest side at which faces are measured
LEAST = 60  # pixels of a face's width; smaller ones count only if no other is painted
_LUMA = np.array(imaging.LUMA, np.float32) / np.float32(255)


def combined(seen: float, distance: float, drift: float | None, kept: float) -> float:
    """The measures in one number from 0 to 1."""
    placed = math.exp(-0.5 * (max(0.0, (drift or 0.0) - SCATTER) / DRIFT) ** 2)
    whole, there = (LOST + (1 - LOST) * min(1.0, max(0.0, share)) for share in ((kept - GONE) / (USUAL - GONE), seen))
    return max(0.0, 1 - distance / (2 * ANOTHER)) * placed * whole * there


def likeness(photo: Picture, picture: Picture) -> Likeness | None:
    """How alike the faces of `photo` still are in `picture`: a painting of it, at any size. None if the photo shows no face.

    photo, picture: in any form that `load` takes.

    Both are only compared with each other, and nothing is kept of them. Raises InputError for pictures of different proportions.
    """
    from portrait_nst import segmentation

    before, after = load(photo, "photo"), load(picture, "picture")
    if abs(before.height * after.width - before.width * after.height) > before.width * max(2, after.height / 100):
        sizes = " and ".join(f"{p.width} x {p.height}" for p in (before, after))
        raise InputError(f"The photo and a painting of it have the same proportions; these have {sizes} pixels.")
    meter = meter_of(before, segmentation.faces(before), most=max(after.size))
    return None if meter is None else meter.of(after.rgb)


def meter_of(photo: Photo, found: Sequence[Face], device: str = "cpu", most: int = MEASURED_AT) -> Meter | None:
    """The meter of the `found` faces of a photo of any size, the largest first; None without a face.

    most: the longest side of the pictures to measure; a larger photo is made that small, since a face loses by that alone.
    """
    if not found:
        return None
    size = imaging.size_within(photo.size, min(most, MEASURED_AT))
    down, across = size[0] / photo.height, size[1] / photo.width
    return Meter(Photo(imaging.resize(photo.rgb, size)), [face.scaled(down, across) for face in found], device)


@dataclass(eq=False)
class Meter:
    """Measures pictures against the `faces` of a `photo`, of which there is at least one, the largest first."""

    photo: Photo
    faces: Sequence[Face]
    device: str = "cpu"

    def of(self, rgb: UInt8Array) -> Likeness:
        """The likeness of `rgb` (h, w, 3), a picture of the whole photo at any size: that of the face that is least alike."""
        if max(rgb.shape[:2]) > max(self.photo.rgb.shape[:2]):
            rgb = imaging.resize(rgb, self.photo.size)
        size = (rgb.shape[0], rgb.shape[1])
        return min((known.likeness(rgb, size) for known in self._known), key=lambda found: found.value)

    @cached_property
    def _known(self) -> list[_KnownFace]:
        large = [face for face in self.faces if face.box[2] >= LEAST] or list(self.faces[:1])
        return [_KnownFace(self.photo, face, self.device) for face in large]


class _KnownFace:
    """A face of a photo, detected in the same way as it will be in pictures of it."""

    def __init__(self, photo: Photo, face: Face, device: str) -> None:
        from portrait_nst import segmentation

        self.size, self.device, self.hint = photo.size, device, face
        self.face = segmentation.redetect(photo, face) or face
        self.descriptor, self.light = self._look(photo.rgb, self.face, self.face)

    def likeness(self, rgb: UInt8Array, size: tuple[int, int]) -> Likeness:
        """The likeness in `rgb` of this `size`, (h, w)."""
        from portrait_nst import segmentation

        down, across = size[0] / self.size[0], size[1] / self.size[1]
        there = self.face.scaled(down, across)
        after = segmentation.redetect(Photo(rgb), self.hint.scaled(down, across))
        descriptor, light = self._look(rgb, there, there if after is None or after.landmarks is None else after)
        distance = float((descriptor - self.descriptor).norm())
        kept = faces.kept(self.light, light, self.face)
        score, drift = (0.0, None) if after is None else (after.score, faces.drift(there, after))
        value = combined(score / min(SURE, self.face.score), distance, drift, kept)
        return Likeness(value, after is not None, score, distance, drift, kept)

    def _look(self, rgb: UInt8Array, there: Face, own: Face) -> tuple[Tensor, FloatArray]:
        """The descriptor (128,) of the face at its `own` place, and the lightness (S, S) of the upright view of its old one."""
        import torch

        from portrait_nst import encoders, transfer

        image = transfer.colour.tensor(rgb, self.device) / 255
        turns = [faces.upright(own), faces.upright(there)]
        with torch.no_grad():
            views = encoders.upright_views(image, turns)
            descriptor = encoders.load_face_descriptor().to(self.device)(views[:1])[0]
        return descriptor, np.asarray(255 * views[1].permute(1, 2, 0).cpu().numpy() @ _LUMA, np.float32)
