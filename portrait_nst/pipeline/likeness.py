"""How similar a painted face is to the photo's face.

The likeness of the largest painted face is the product of three measures, each of one aspect of recognition:

- *seen*: the detector's score, up to the least score of a certain face. It says whether there is a face at all.
- *placed*: exp(-(d / DRIFT)^2 / 2) of the keypoints' drift beyond SCATTER: eyes, nose tip and mouth are at
  their places. Drifts up to SCATTER, in distances between the eyes, occur under any paint.
- *alike*: the correlation of features, which falls with every stroke across the face.

    value = min(1, score / SURE) * placed * max(0, similarity)

It is a product, because a face that lacks one of them is not similar, however good the others are. Features are computed from
lightness, since a face in other colours is the same face, and from a face 40 pixels wide: people recognise faces by 8 to 16
cycles per face (Costen, Parker & Craw 1996), and the finer texture of the paint should not count against the likeness.

Values on paintings of three people in two styles: 0.8 and less if a mouth is painted over or an eye is lost; 0.9 if friends would
recognise the person and strokes are visible; 0.95 and more if little but the colours has changed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from portrait_nst import imaging
from portrait_nst.faces import face_map
from portrait_nst.segmentation import SURE, Roi
from portrait_nst.types import Face, FloatArray, Likeness, Photo, UInt8Array

if TYPE_CHECKING:
    from torch import Tensor

    from portrait_nst.encoders import Encoder
    from portrait_nst.transfer import Identity

SIDE = 64  # pixels along each side of the cut-out that is compared
AROUND = 1.6  # width of the cut-out in widths of the face
SCATTER, DRIFT = 0.05, 0.15
_LUMA = np.array(imaging.LUMA, np.float32) / np.float32(255)


def combined(score: float, drift: float, similarity: float) -> float:
    """The three measures in one number from 0 to 1."""
    placed = math.exp(-0.5 * (max(0.0, drift - SCATTER) / DRIFT) ** 2)
    return min(1.0, score / SURE) * placed * max(0.0, similarity)


def keypoint_drift(before: Face, after: Face) -> float:
    """The mean distance by which eyes, nose tip and mouth moved, divided by the distance between the eyes."""
    old, new = np.array(before.keypoints[:4]), np.array(after.keypoints[:4])
    eyes = max(float(np.linalg.norm(old[0] - old[1])), 1e-6)
    return float(np.linalg.norm(new - old, axis=1).mean()) / eyes


@dataclass(eq=False)
class Meter:
    """Measures pictures against the `face` of a `photo`.

    alpha:  (H, W), how much of each pixel is painted: only painted pixels are compared.
    layers: the layers of `encoder` by which faces are compared.
    """

    photo: Photo
    alpha: FloatArray
    face: Face
    encoder: Encoder
    layers: tuple[str, ...]
    device: str = "cpu"
    identity: Identity | None = None

    def of(self, rgb: UInt8Array) -> Likeness:
        """The likeness of `rgb` (h, w, 3), a painting of the whole photo at any size, on the photo's own background."""
        from portrait_nst import segmentation

        if max(rgb.shape[:2]) > max(self.photo.rgb.shape[:2]):
            rgb = imaging.resize(rgb, (self.photo.height, self.photo.width))
        down, across = rgb.shape[0] / self.photo.height, rgb.shape[1] / self.photo.width
        before = self._before.scaled(down, across)
        similarity = self._similarity(self._features(rgb))
        identity = None if self.identity is None else self.identity.cosine(rgb)
        after = segmentation.redetect(Photo(rgb), self.face.scaled(down, across))
        if after is None:
            return Likeness(0.0, False, 0.0, None, similarity, identity)
        drift = keypoint_drift(before, after)
        value = combined(after.score, drift, similarity)
        return Likeness(value, True, after.score, drift, similarity, identity)

    @cached_property
    def _before(self) -> Face:
        """The face in the photo, detected in the same way as in the painting."""
        from portrait_nst import segmentation

        return segmentation.redetect(self.photo, self.face) or self.face

    @cached_property
    def _size(self) -> tuple[int, int]:
        """The (height, width) to which pictures are resized, so that their cut-outs, which begin at whole pixels, align."""
        factor = min(1.0, SIDE / (AROUND * max(self.face.box[2:])))
        return max(1, round(self.photo.height * factor)), max(1, round(self.photo.width * factor))

    @cached_property
    def _small(self) -> Face:
        """The face at that size."""
        return self.face.scaled(self._size[0] / self.photo.height, self._size[1] / self.photo.width)

    @cached_property
    def _reference(self) -> dict[str, Tensor]:
        return self._features(self.photo.rgb)

    @cached_property
    def _guide(self) -> Tensor:
        """(SIDE, SIDE) the weight of each pixel of the cut-out: the painted face, and more at eyes and mouth."""
        import torch

        roi = _roi(self._small)
        left, top, width, height = self._small.box
        points = tuple((x - roi.left, y - roi.top) for x, y in self._small.keypoints)
        inside = Face((left - roi.left, top - roi.top, width, height), points, 1.0)
        there = np.repeat(imaging.to_uint8(imaging.resize_mask(self.alpha, self._size))[..., None], 3, 2)
        painted = imaging.to_float(roi.cut(there, (SIDE, SIDE))[..., 0])
        return torch.from_numpy(face_map((SIDE, SIDE), [inside]) * painted).to(self.device)

    def _features(self, rgb: UInt8Array) -> dict[str, Tensor]:
        import torch

        grey = _roi(self._small).cut(imaging.resize(rgb, self._size), (SIDE, SIDE)).astype(np.float32) @ _LUMA
        image = torch.from_numpy(grey)[None, None].expand(1, 3, -1, -1).to(self.device)
        with torch.no_grad():
            return {name: map_[0].float() for name, map_ in self.encoder.features(image, self.layers).items()}

    def _similarity(self, after: dict[str, Tensor]) -> float:
        """Correlation of the features under the face's map, each channel's mean removed; the mean over the layers."""
        from torch.nn import functional as F

        found = []
        for name, old in self._reference.items():
            weight = F.interpolate(self._guide[None, None], size=old.shape[-2:], mode="area")[0]
            a, b = (x - (x * weight).sum((1, 2), keepdim=True) / weight.sum() for x in (old, after[name]))
            norms = (weight * a * a).sum() * (weight * b * b).sum()
            found.append(float((weight * a * b).sum() / norms.sqrt().clamp_min(1e-12)))
        return sum(found) / len(found)


def _roi(face: Face) -> Roi:
    """The square of SIDE pixels around a face."""
    left, top, width, height = face.box
    return Roi.around(left + width / 2, top + 0.42 * height, SIDE, SIDE)
