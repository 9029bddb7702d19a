"""How alike a painted face still is to the photo's.

Three measures, each of one thing that makes a face the same face, are taken of the largest painted face and multiplied:

- *seen*: the detector's score, up to the least of a sure face. It says whether there is a face at all.
- *placed*: exp(-(d / DRIFT)^2 / 2) of the keypoints' drift beyond SCATTER: eyes, nose tip and mouth are where they were. Up to
  SCATTER, in distances between the eyes, the detector's own points move under any coat of paint.
- *alike*: the correlation of features, which goes down with every stroke that is laid across the face.

    value = min(1, score / SURE) * placed * max(0, similarity)

A product, because a face that lacks one of them is not alike, however good the others are. Features are those of the picture's
lightness, since a face in other colours is still the same face, and of a face 40 pixels wide: people go by 8 to 16 cycles a face
(Costen, Parker & Craw 1996), and the texture of the paint, which is finer, is not to count against it.

On paintings of three people in two styles: 0.8 and less where a mouth is painted over or an eye is lost; 0.9 where friends
would know the sitter and the strokes are still there; 0.95 and more where little but the colours is painted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from portrait_nst import imaging
from portrait_nst.imaging.luma import LUMA
from portrait_nst.types import Face, FloatArray, Likeness, Photo, UInt8Array

if TYPE_CHECKING:
    from torch import Tensor

    from portrait_nst.encoders import Encoder
    from portrait_nst.segmentation.crops import Window
    from portrait_nst.transfer import Identity

SIDE = 64  # pixels of the cut-out that is compared, which is
AROUND = 1.6  # faces wide
SURE = 0.72
SCATTER, DRIFT = 0.05, 0.15
_LUMA = np.array(LUMA, np.float32) / np.float32(255)


def combined(score: float, drift: float, similarity: float) -> float:
    """The three measures in one number from 0 to 1."""
    placed = math.exp(-0.5 * (max(0.0, drift - SCATTER) / DRIFT) ** 2)
    return min(1.0, score / SURE) * placed * max(0.0, similarity)


def keypoint_drift(before: Face, after: Face) -> float:
    """Mean distance of eyes, nose tip and mouth from where they were, over the distance between the eyes."""
    old, new = np.array(before.keypoints[:4]), np.array(after.keypoints[:4])
    eyes = max(float(np.linalg.norm(old[0] - old[1])), 1e-6)
    return float(np.linalg.norm(new - old, axis=1).mean()) / eyes


@dataclass(eq=False)
class Meter:
    """Measures pictures against the `face` of a `photo`.

    alpha:  (H, W), how much of each pixel is painted: only that is compared.
    layers: of `encoder`, those that compare faces.
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
        after = segmentation.look_again(Photo(rgb), self.face.scaled(down, across))
        if after is None:
            return Likeness(0.0, False, 0.0, None, similarity, identity)
        drift = keypoint_drift(before, after)
        value = combined(after.score, drift, similarity)
        return Likeness(value, True, after.score, drift, similarity, identity)

    @cached_property
    def _before(self) -> Face:
        """The face in the photo, seen as it will be in the painting."""
        from portrait_nst import segmentation

        return segmentation.look_again(self.photo, self.face) or self.face

    @cached_property
    def _size(self) -> tuple[int, int]:
        """(height, width) to which pictures are brought: cut-outs in whole pixels of different sizes would not align."""
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
        """(SIDE, SIDE) where the painted face is in the cut-out, eyes and mouth above the rest."""
        import torch

        from portrait_nst import segmentation

        window = _window(self._small)
        left, top, width, height = self._small.box
        points = tuple((x - window.left, y - window.top) for x, y in self._small.keypoints)
        inside = Face((left - window.left, top - window.top, width, height), points, 1.0)
        there = np.repeat(imaging.to_uint8(imaging.resize_mask(self.alpha, self._size))[..., None], 3, 2)
        painted = imaging.to_float(window.cut(there, (SIDE, SIDE))[..., 0])
        return torch.from_numpy(segmentation.face_map((SIDE, SIDE), [inside]) * painted).to(self.device)

    def _features(self, rgb: UInt8Array) -> dict[str, Tensor]:
        import torch

        grey = _window(self._small).cut(imaging.resize(rgb, self._size), (SIDE, SIDE)).astype(np.float32) @ _LUMA
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


def _window(face: Face) -> Window:
    """The square of SIDE pixels around a face."""
    from portrait_nst.segmentation.crops import Window

    left, top, width, height = face.box
    return Window.around(left + width / 2, top + 0.42 * height, SIDE, SIDE)
