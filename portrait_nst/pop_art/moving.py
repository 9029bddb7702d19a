"""Pop art of a clip: what must not change during a shot is settled once, then one drawing follows the other.

Settled are the thresholds of the tones, in the picture and in faces, the lightness to which faces are evened, the scale of the
drawing, and how detailed and how tame it has to be for faces to be found. From one drawing to the next tones are held
(`partition.held`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from portrait_nst.errors import InputError, MaskError
from portrait_nst.motion import Motion
from portrait_nst.pop_art.colour.palette import Palette
from portrait_nst.pop_art.colour.palettes import for_mode
from portrait_nst.pop_art.compose import ATTEMPTS, coloured, compose_portrait
from portrait_nst.pop_art.composition import Composition
from portrait_nst.pop_art.face_match import FindFaces
from portrait_nst.pop_art.partition import tones
from portrait_nst.pop_art.partition.divide import drawn
from portrait_nst.pop_art.partition.framing import Frame, prepare
from portrait_nst.pop_art.partition.held import Held, regions_of, still
from portrait_nst.pop_art.partition.regions import Regions
from portrait_nst.pop_art.partition.split import split_large
from portrait_nst.pop_art.partition.tones import Thresholds
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.types import Face, FloatArray, UInt8Array

NEAR = 0.04
"""In distances between the eyes: points of a face that are no farther from where they were are where they were."""
LEAST = 0.01
"""The share of a picture that somebody must cover to be drawn; less is a hand at the rim."""


@dataclass(frozen=True, eq=False)
class View:
    """A frame of a clip: rgb (H, W, 3) uint8, alpha (H, W) in [0, 1], and its faces, the largest first."""

    rgb: UInt8Array
    alpha: FloatArray
    faces: tuple[Face, ...]


@dataclass(frozen=True, eq=False)
class Settled:
    """What stays for a shot.

    thresholds: of the tones.
    face_width: in pixels of the clip, from which the scale follows; 0 for a shot without faces.
    attempt:    which of the ways to divide is taken.
    tame:       how far the palette is tamed, 0 to 1.
    face_light: the mean lightness to which faces are evened; None for a shot without faces.
    """

    thresholds: Thresholds
    face_width: float
    attempt: int
    tame: float
    face_light: float | None = None


def check(settings: PopartSettings) -> PopartSettings:
    """The settings for a clip, which keeps its frame. Raises InputError for a bust."""
    if settings.frame == "bust":
        raise InputError("A clip keeps its frame: use frame photo, not bust, and crop the clip before.")
    return dataclasses.replace(settings, frame="photo")


def settle(
    samples: Sequence[View],
    settings: PopartSettings,
    palette: Palette | None = None,
    find_faces: FindFaces | None = None,
) -> Settled | None:
    """What is the same in all of a shot, from samples of it; None where nobody is in any of them.

    find_faces: with it, if the settings ask for likeness, detail and colours are those in which the face of the sample in the
                middle is found again.
    """
    seen = [view for view in samples if view.alpha.mean() >= LEAST]
    if not seen:
        return None
    widths = [view.faces[0].box[2] for view in seen if view.faces]
    width = float(np.median(widths)) if widths else 0.0
    attempt, tame = 0, 0.0
    with_face = [view for view in seen if view.faces and len(view.faces[0].keypoints) >= 6]
    if settings.likeness and find_faces is not None and with_face:
        middle = with_face[len(with_face) // 2]
        likeness = compose_portrait(
            middle.rgb, middle.alpha, middle.faces[0], settings, palette=palette, find_faces=find_faces
        ).measures
        attempt, tame = int(likeness.get("face_try_used") or 0), float(likeness.get("face_tame") or 0)
    frames = [frame for frame in (_frame(view, width) for view in seen) if frame is not None]
    if not frames:
        return None
    mean = tones.mean_of_faces(frames)
    lights = [_light(frame, settings, attempt, mean) for frame in frames]
    return Settled(tones.thresholds(frames, lights, settings.tones), width, attempt, tame, mean)


@dataclass(frozen=True, eq=False)
class Division:
    """A frame divided into regions, whose borders are still those of pixels; `held` is what the next division keeps of it."""

    view: View
    frame: Frame
    regions: Regions
    held: Held
    settings: PopartSettings
    settled: Settled

    def drawn(self, palette: Palette | None = None) -> Composition:
        """With straight borders, and coloured."""
        settings, detail = self.settings, _detail(self.settings, self.settled.attempt)
        whole = settings.segments is None
        partition = drawn(self.frame, self.regions, settings.tones, detail, merge_thin_regions=whole)
        if settings.mode == "facets":
            partition = split_large(partition)
        made = [coloured(partition, settings, one, self.settled.tame) for one in for_mode(settings, palette)]
        return Composition(made[0][0], tuple(c for _, c in made), settings, self.view.rgb, self.view.alpha)


def divided(view: View, settings: PopartSettings, settled: Settled, before: Held | None = None) -> Division | None:
    """The next division of a shot; None where nobody is there. `before` is the last one's, carried along the motion."""
    if view.alpha.mean() < LEAST:
        return None
    frame = _frame(view, settled.face_width)
    if frame is None:
        return None
    how = cv2.INTER_AREA if frame.scale < 1 else cv2.INTER_LINEAR
    matte = cv2.resize(view.alpha, (frame.width, frame.height), interpolation=how)
    matte = np.asarray(cv2.GaussianBlur(matte, (0, 0), 3 * frame.unit), np.float32)
    if before is not None and before.tone.shape != frame.light.shape:
        before = None
    frame = still(frame, matte, before)
    light, detail = _light(frame, settings, settled.attempt, settled.face_light), _detail(settings, settled.attempt)
    found, held = regions_of(frame, light, matte, settings.tones, detail, settled.thresholds, before, settings.segments)
    return Division(view, frame, found, held, settings, settled)


def _frame(view: View, face_width: float) -> Frame | None:
    faces = [face for face in view.faces if len(face.keypoints) >= 6]
    try:
        return prepare(view.rgb, view.alpha, faces[0] if faces else None, False, faces[1:], face_width or None)
    except MaskError:
        return None


def _light(frame: Frame, settings: PopartSettings, attempt: int, mean: float | None) -> FloatArray:
    return tones.smooth(frame, _detail(settings, attempt), ATTEMPTS[attempt].even, mean)


def _detail(settings: PopartSettings, attempt: int) -> float:
    return settings.detail + (1 - settings.detail) * ATTEMPTS[attempt].raised


def followed(faces_before: Sequence[Face], motion: Motion) -> tuple[Face, ...]:
    """Faces of the frame before, moved along."""
    height, width = motion.size

    def moved(points: FloatArray) -> FloatArray:
        at = np.rint(points).astype(int)
        return np.asarray(
            points - motion.back[np.clip(at[:, 1], 0, height - 1), np.clip(at[:, 0], 0, width - 1)], np.float32
        )

    found = []
    for face in faces_before:
        left, top, wide, high = face.box
        x, y = moved(np.array([[left + wide / 2, top + high / 2]], np.float32))[0].tolist()
        points = moved(np.array(face.keypoints, np.float32).reshape(-1, 2))
        dense = None if face.landmarks is None else moved(face.landmarks)
        box = (x - wide / 2, y - high / 2, wide, high)
        found.append(Face(box, tuple((float(x), float(y)) for x, y in points), face.score, dense))
    return tuple(found)


def steady(found: Sequence[Face], before: Sequence[Face]) -> tuple[Face, ...]:
    """`found`, in which a face that is where one of the followed faces `before` is has its very points."""
    kept = []
    for face in found:
        for old in before:
            if _apart(face, old) < NEAR:
                face = old
                break
        kept.append(face)
    return tuple(kept)


def _apart(one: Face, other: Face) -> float:
    """The greatest distance of the points of two faces, in distances between the eyes."""
    a, b = _points(one), _points(other)
    if a.shape != b.shape:
        return float("inf")
    eyes = np.linalg.norm(np.subtract(one.keypoints[0], one.keypoints[1])) if len(one.keypoints) > 1 else one.box[2] / 2
    return float(np.linalg.norm(a - b, axis=1).max() / max(eyes, 1.0))


def _points(face: Face) -> FloatArray:
    """(n, 2): the landmarks of a face, else its keypoints, else the corners of its box."""
    if face.landmarks is not None:
        return face.landmarks
    left, top, width, height = face.box
    return np.array(face.keypoints or ((left, top), (left + width, top + height)), np.float32)
