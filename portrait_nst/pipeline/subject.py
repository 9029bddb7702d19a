"""The subject of a painting: a photo, its painted region, its faces, and the separated colours of person and background."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from portrait_nst import imaging
from portrait_nst.errors import InputError
from portrait_nst.faces import face_map
from portrait_nst.pipeline.inputs import Mask, Picture, load, matte, remarks
from portrait_nst.pipeline.label_map import Region, label_text, load_label_map, regions_of, union
from portrait_nst.settings import Settings
from portrait_nst.types import Face, FloatArray, Matte, Origin, Photo, UInt8Array

SKIN = 0.5  # weight of hands, arms and necks; a cheek has 0.5 too, eyes and mouth have 2


@dataclass(frozen=True, eq=False)
class Subject:
    """A photo that is ready to be painted, in one style or in many.

    photo:   the photo.
    matte:   its painted region.
    faces:   all faces in the photo, the largest first.
    regions: those of a label map, each of which has its own style; empty without one. `matte` then has the map's origin.

    Arrays that several paintings need are computed at the first use, and stored.
    """

    photo: Photo
    matte: Matte
    faces: tuple[Face, ...] = ()
    regions: tuple[Region, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the photo."""
        return self.photo.size

    @cached_property
    def painted_faces(self) -> tuple[Face, ...]:
        """The faces whose middle the matte covers, the largest first."""
        from portrait_nst import segmentation

        return tuple(face for face in self.faces if segmentation.covers(self.matte.alpha, face))

    @cached_property
    def face_map(self) -> FloatArray:
        """(H, W) float32: 0 away from faces, 1 inside them, up to 2 at eyes and mouth; see `faces.face_map`."""
        return face_map(self.size, self.faces)

    @property
    def in_faces(self) -> FloatArray:
        """(H, W) float32 in [0, 1]: whether a pixel belongs to a face."""
        return np.minimum(self.face_map, 1)

    @property
    def in_painted_faces(self) -> FloatArray:
        """(H, W) float32 in [0, 1]: whether a pixel belongs to a painted face."""
        if len(self.painted_faces) == len(self.faces):
            return self.in_faces
        return np.minimum(face_map(self.size, self.painted_faces), 1)

    @cached_property
    def detail_map(self) -> FloatArray:
        """(H, W) float32 in [0, 2]: how closely strokes must follow the photo: eyes and mouths first, then faces and skin."""
        from portrait_nst import segmentation

        skin = np.float32(SKIN) * segmentation.skin_map(self.photo.rgb, self.matte.alpha, self.faces)
        # Squared, so that strokes may cross a cheek while eyes and mouth remain.
        found: FloatArray = np.maximum(self.face_map * self.face_map / 2, skin)
        return found

    @property
    def foreground(self) -> UInt8Array:
        """(H, W, 3) uint8: the person's colours, continued past the edge of the matte; the photo itself if all is painted."""
        return self._layers[0]

    @property
    def background(self) -> UInt8Array:
        """(H, W, 3) uint8: the background's colours, continued behind the person; the photo itself if all is painted."""
        return self._layers[1]

    @cached_property
    def _layers(self) -> tuple[UInt8Array, UInt8Array]:
        if not (self.matte.alpha < 1).any():
            return self.photo.rgb, self.photo.rgb
        return imaging.estimate_foreground(self.photo.rgb, self.matte.alpha)


def prepare(
    photo: Picture,
    *,
    mask: Mask | None = None,
    region: str = "person",
    person: str | int = "all",
    segmenter: str = Settings.segmenter,
    labels: Picture | None = None,
    painted_labels: Sequence[str | int] = (),
) -> Subject:
    """Load `photo`, and find its painted region and its faces.

    photo:  a picture in any form that `load` takes.
    mask, region, person, segmenter: the painted region; see `matte`.
    labels, painted_labels: instead of these, a label map in any form that `load` takes, or as an integer array (H, W); and those
            of its labels (0 to 255, as numbers or text, or "#rrggbb") that are painted.

    Raises InputError, MaskError and ModelError.
    """
    from portrait_nst import segmentation

    if (mask is not None or labels is not None) and (region, person, segmenter) != (
        "person",
        "all",
        Settings.segmenter,
    ):
        raise InputError(
            "A mask or a label map says what is painted, so region, person and segmenter have nothing to choose; "
            "leave them out."
        )
    picture = load(photo, "photo")
    if labels is None:
        found = matte(picture, mask=mask, region=region, person=person, segmenter=segmenter)
        return Subject(picture, found, tuple(segmentation.faces(picture)))
    if mask is not None or not painted_labels:
        raise InputError("Give a mask, or a label map (labels) with the labels that are painted (painted_labels).")
    if isinstance(painted_labels, str):
        raise InputError(f"painted_labels must be a list of labels, as in [{painted_labels!r}], not one text.")
    label_map = load_label_map(labels)
    regions = regions_of(label_map, picture, [label_text(label) for label in painted_labels])
    origin = Origin(None if label_map.path is None else str(label_map.path.absolute()), label_map.sha256)
    found = replace(union(regions, origin), notes=remarks(picture))
    return Subject(picture, found, tuple(segmentation.faces(picture)), regions)
