"""Pop art that moves: a drawing for every few frames, in which only what moves in the clip changes.

Drawings are held over `hold_frames` frames, as drawn films are "on threes"; between drawings nothing moves.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from portrait_nst.clips.frame import Frame
from portrait_nst.errors import InputError
from portrait_nst.motion import Motion, compose
from portrait_nst.pop_art import moving
from portrait_nst.pop_art.colour.colouring import TRANSPARENT
from portrait_nst.pop_art.colour.oklab import rgb_of
from portrait_nst.pop_art.colour.palettes import for_mode
from portrait_nst.pop_art.colour.ramp import ground_of
from portrait_nst.pop_art.composition import Composition
from portrait_nst.pop_art.face_match import FindFaces
from portrait_nst.pop_art.partition.held import Held
from portrait_nst.pop_art.partition.tones import Thresholds
from portrait_nst.pop_art.render import raster
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.types import Face, FloatArray, UInt8Array
from portrait_nst.video.painter import State
from portrait_nst.video.seen import SeenFrame

_HELD = tuple(field.name for field in dataclasses.fields(Held))


def popart_frames(settings: PopartSettings, hold_frames: int = 3, find_faces: FindFaces | None = None) -> PopartFrames:
    """What draws the frames of a clip.

    settings:    with a kept background only the person is drawn, else the whole frame (`PopartFrames.whole`).
    find_faces:  a detector for drawn faces; by default that of `segmentation`.

    Raises InputError for a bust, which would cut the clip, and for a grid of another shape than the clip's.
    """
    settings = moving.check(settings)
    if settings.mode == "grid" and settings.grid[0] != settings.grid[1]:
        raise InputError("In a clip, a grid needs as many columns as rows, so that it keeps the clip's shape.")
    return PopartFrames(settings, hold_frames, find_faces or _painted_faces)


class PopartFrames:
    """Draws one frame after the other.

    whole: whether a painting is the whole frame, background too, to be laid by `laid`; else it counts where the matte is over 0.
    drawing: the last drawing, None where there is nobody. opacity: its (h, w) opacity in [0, 1], None where it is opaque.
    """

    def __init__(self, settings: PopartSettings, hold_frames: int, find_faces: FindFaces) -> None:
        self.settings, self.hold_frames, self._find_faces = settings, hold_frames, find_faces
        self.whole = settings.background != "keep"
        self._forget()

    def _forget(self) -> None:
        self._settled: moving.Settled | None = None
        self._held: Held | None = None
        self._faces: tuple[Face, ...] = ()
        self._motion: Motion | None = None  # since the last drawing
        self._count = 0  # frames of the shot so far
        self._picture: UInt8Array | None = None
        self.drawing: Composition | None = None
        self.opacity: FloatArray | None = None

    def begin(self, samples: Sequence[SeenFrame]) -> None:
        """A new shot: settle what stays for all of it."""
        self._forget()
        self._settled = moving.settle([_view(seen) for seen in samples], self.settings, find_faces=self._find_faces)

    def paint(self, seen: SeenFrame) -> FloatArray:
        """The drawing that is shown with this frame, (h, w, 3)."""
        if seen.motion is not None and self._count:
            self._motion = seen.motion if self._motion is None else compose(self._motion, seen.motion)
        if self._count % self.hold_frames == 0 or self._picture is None:
            self._draw(seen)
        self._count += 1
        assert self._picture is not None
        return self._picture.astype(np.float32) / np.float32(255)

    def laid(self, seen: SeenFrame, painted: FloatArray) -> Frame:
        """The finished frame where the drawing is the whole of it."""
        opacity = self.opacity
        size = seen.frame.size[::-1]
        rgb = cv2.resize(painted, size, interpolation=cv2.INTER_LINEAR)
        if opacity is not None:
            opacity = cv2.resize(opacity, size, interpolation=cv2.INTER_LINEAR)
        return seen.frame.replaced(np.clip(rgb, 0, 1), opacity)

    def _draw(self, seen: SeenFrame) -> None:
        before = self._held
        if self._motion is not None:
            before = None if before is None else before.carried(self._motion)
            self._faces = moving.followed(self._faces, self._motion)
        self._motion = None
        self._faces = moving.steady(seen.faces, self._faces)
        if self._settled is None:  # nobody was in the samples
            self._settled = moving.settle([_view(seen)], self.settings)
        view = moving.View(seen.rgb, seen.alpha, self._faces)
        made = None if self._settled is None else moving.divided(view, self.settings, self._settled, before)
        if made is not None and self._held is not None and made.held.is_as(self._held):
            return
        self.drawing, self._held = (None, None) if made is None else (made.drawn(), made.held)
        self._picture, self.opacity = self._rendered(seen)

    def _rendered(self, seen: SeenFrame) -> tuple[UInt8Array, FloatArray | None]:
        """The drawing as pixels."""
        height, width = seen.rgb.shape[:2]
        if self.drawing is None:
            return self._empty(seen)
        if self.whole:
            rgb, alpha = raster.render(self.drawing, (width, height))
            return rgb, None if alpha is None else alpha.astype(np.float32) / np.float32(255)
        open_ground = dataclasses.replace(self.settings, background="transparent")
        rgb, alpha = raster.render(dataclasses.replace(self.drawing, settings=open_ground), (width, height))
        assert alpha is not None
        return _continued(rgb, alpha == 255), None

    def _empty(self, seen: SeenFrame) -> tuple[UInt8Array, FloatArray | None]:
        """A frame in which there is nobody."""
        if not self.whole:
            return seen.rgb, None
        ground = ground_of(for_mode(self.settings, None)[0], self.settings.background)
        if ground == TRANSPARENT:
            return np.zeros_like(seen.rgb), np.zeros(seen.rgb.shape[:2], np.float32)
        return np.full_like(seen.rgb, rgb_of(ground)), None

    def state(self) -> State:
        """What it remembers, as arrays."""
        found: State = {"count": np.array(self._count)}
        if self._picture is not None:
            found["picture"] = self._picture
        if self.opacity is not None:
            found["opacity"] = self.opacity
        if self._motion is not None:
            found |= {"back": self._motion.back, "trust": self._motion.trust}
        if self._held is not None:
            for name in _HELD:
                plane = getattr(self._held, name)
                found[f"held.{name}"] = plane.astype(np.float16) if plane.dtype == np.float32 else plane
        if self._settled is not None:
            s = self._settled
            found |= {"thresholds": s.thresholds.rest, "scale": np.array([s.face_width, s.attempt, s.tame])}
            found |= {} if s.thresholds.face is None else {"thresholds.face": s.thresholds.face}
            found |= {} if s.face_light is None else {"face_light": np.array(s.face_light)}
        for i, face in enumerate(self._faces):
            found[f"face{i}"] = np.array([*face.box, face.score, *np.ravel(face.keypoints)], np.float64)
            found |= {} if face.landmarks is None else {f"landmarks{i}": face.landmarks}
        return found

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        """Go on from what `state` returned. `drawing` is not restored before the next one."""
        self._forget()
        given = {name: np.asarray(value) for name, value in state.items()}
        self._count = int(given["count"])
        self._picture, self.opacity = given.get("picture"), given.get("opacity")
        if "back" in given:
            self._motion = Motion(given["back"], given["trust"])
        if "held.tone" in given:
            planes: dict[str, Any] = {name: given[f"held.{name}"] for name in _HELD}
            full = {n: p.astype(np.float32) if p.dtype == np.float16 else p for n, p in planes.items()}
            self._held = Held(**full)
        if "thresholds" in given:
            width, attempt, tame = given["scale"].tolist()
            edges = Thresholds(given["thresholds"], given.get("thresholds.face"))
            mean = float(given["face_light"]) if "face_light" in given else None
            self._settled = moving.Settled(edges, width, int(attempt), tame, mean)
        faces: list[Face] = []
        while f"face{len(faces)}" in given:
            number = len(faces)
            values = given[f"face{number}"].tolist()
            points = tuple((x, y) for x, y in zip(values[5::2], values[6::2], strict=True))
            faces.append(Face(tuple(values[:4]), points, values[4], given.get(f"landmarks{number}")))
        self._faces = tuple(faces)


def _view(seen: SeenFrame) -> moving.View:
    return moving.View(seen.rgb, seen.alpha, seen.faces)


def _continued(rgb: UInt8Array, drawn: NDArray[np.bool_]) -> UInt8Array:
    """`rgb` with each pixel that is not drawn in the colour of the nearest one that is: the matte is not quite the silhouette."""
    if drawn.all() or not drawn.any():
        return rgb
    labelled = cv2.distanceTransformWithLabels(
        (~drawn).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )[1]
    of_label = np.zeros((int(labelled.max()) + 1, 3), np.uint8)
    of_label[labelled[drawn]] = rgb[drawn]
    return np.asarray(np.where(drawn[..., None], rgb, of_label[labelled]), np.uint8)


def _painted_faces(rgb: UInt8Array) -> list[Face]:
    from portrait_nst import segmentation
    from portrait_nst.types import Photo

    return segmentation.faces(Photo(np.ascontiguousarray(rgb)), painted=True)
