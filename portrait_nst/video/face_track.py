"""The faces in the frames of a shot: carried along the flow, and corrected by what is detected, without jitter.

As `matte_track`, with points in place of pixels: p = p' + K (s - p'). In one frame a face is detected again, in turn, so that
time does not grow with their number, and in the next one newcomers are looked for. A face that moves so fast that the flow may
err by more than the detector is detected between, too. One that is not detected stays for a while where the flow carries it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from portrait_nst import segmentation
from portrait_nst.motion import Motion
from portrait_nst.types import Face, FloatArray, UInt8Array
from portrait_nst.video.painter import State

DRIFT = 0.15  # px by which a carried point goes astray for each px that it moves
STILL = 0.02  # of a detector's error, by which it does where nothing moves
ERROR = 0.006  # of a face's width, by which points that are detected jitter
LEFT = (0.02, 0.06)  # of a face's width: what differs by less may be jitter, by more is believed at once
ROUND = 2  # frames in which a face is detected again, and newcomers are looked for, once
QUICK = 4  # such frames for a camera
MISSED = 12  # detections without it after which a face is given up
TRUST = 0.3  # in the flow within a face, below which one that is not detected is gone at once

_POINTS, _DENSE = 6, 478


@dataclass(frozen=True, eq=False)
class _Known:
    face: Face
    missed: int = 0


class FaceTrack:
    """The faces of a shot. `arrived` says whether the last frame showed a new one. quick: for a camera, in half of the time."""

    def __init__(self, quick: bool = False) -> None:
        self._round = QUICK if quick else ROUND
        self._known: list[_Known] = []
        self._frames = 0
        self.arrived = False

    def forget(self) -> None:
        """A new shot begins."""
        self._known, self._frames, self.arrived = [], 0, False

    @property
    def faces(self) -> tuple[Face, ...]:
        """Those of the last frame, the largest first."""
        found = [known.face for known in self._known]
        return tuple(sorted(found, key=lambda face: -face.box[2] * face.box[3]))

    def follow(self, rgb: UInt8Array, motion: Motion | None) -> tuple[Face, ...]:
        """The faces of the next frame (H, W, 3) uint8, the largest first. motion: from the last frame; None for a first one."""
        if motion is None:
            self.forget()
        else:
            self._known = [replace(known, face=_carried(known.face, motion)) for known in self._known]
        turn, place = divmod(self._frames, self._round)
        regular = place == self._round // 2
        if self._known:
            number = (turn if regular else self._frames) % len(self._known)
            if regular or _is_astray(self._known[number], motion):
                self._known[number] = _corrected(rgb, self._known[number], motion, self._round)
        self._known = [known for known in self._known if known.missed < MISSED and _within(known.face, rgb.shape)]
        new: list[Face] = []
        if place == 0 or not self._known:
            new = segmentation.newcomers(rgb, self.faces, turn if self._known else self._frames)
        self.arrived = bool(new)
        self.add(new)
        self._frames += 1
        return self.faces

    def add(self, faces: Sequence[Face]) -> None:
        """Follow these faces of the last frame too, as far as they are not known."""
        for face in faces:
            if not any(segmentation.same_place(face, other) for other in self.faces):
                self._known.append(_Known(face))

    def state(self) -> State:
        """What it remembers, as arrays."""
        faces, count = [known.face for known in self._known], len(self._known)
        points = np.full((count, _POINTS, 2), np.nan)
        dense = np.full((count, _DENSE, 2), np.nan, np.float32)
        for i, face in enumerate(faces):
            if face.keypoints:
                points[i, : len(face.keypoints)] = face.keypoints
            if face.landmarks is not None:
                dense[i] = face.landmarks
        return {
            "boxes": np.array([(*face.box, face.score) for face in faces]).reshape(count, 5),
            "points": points,
            "dense": dense,
            "missed": np.array([known.missed for known in self._known], int),
            "frames": np.array(self._frames),
        }

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        """Go on from what `state` returned."""
        self._frames, self._known, self.arrived = int(state["frames"]), [], False
        for box, points, dense, missed in zip(*(state[name] for name in ("boxes", "points", "dense", "missed"))):
            keypoints = tuple((float(x), float(y)) for x, y in points if np.isfinite(x))
            landmarks = dense.astype(np.float32) if np.isfinite(dense).all() else None
            left, top, width, height, score = (float(v) for v in box)
            self._known.append(_Known(Face((left, top, width, height), keypoints, score, landmarks), int(missed)))


def _carried(face: Face, motion: Motion) -> Face:
    """The face where the flow takes it. Its box goes with the mean of its points, and keeps its size."""
    own = np.array(face.keypoints, np.float32).reshape(-1, 2)
    if face.landmarks is not None:
        own = np.concatenate([own, face.landmarks])
    if not len(own):
        left, top, width, height = face.box
        own = np.array([[left + width / 2, top + height / 2]], np.float32)
    moved = own - _at(own, motion.back)
    moved = own - _at(moved, motion.back)  # back(x) is known where a point goes, not where it comes from
    step = np.median(moved - own, axis=0)
    box = (face.box[0] + float(step[0]), face.box[1] + float(step[1]), *face.box[2:])
    count = len(face.keypoints)
    points = tuple((float(x), float(y)) for x, y in moved[:count])
    return replace(face, box=box, keypoints=points, landmarks=None if face.landmarks is None else moved[count:])


def _at(points: FloatArray, back: FloatArray) -> FloatArray:
    """The motion at points (n, 2), by bilinear interpolation: (n, 2)."""
    across, down = np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])
    found = cv2.remap(back, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32).reshape(-1, 2)


def _is_astray(known: _Known, motion: Motion | None) -> bool:
    """Whether the flow may err by more than the detector in this frame, or the face was missed in the last."""
    return known.missed > 0 or DRIFT * _speed(known.face, motion) > ERROR * known.face.box[2]


def _speed(face: Face, motion: Motion | None) -> float:
    """Pixels by which the middle of a face moved."""
    if motion is None:
        return 0.0
    left, top, width, height = face.box
    return float(np.hypot(*_at(np.array([[left + width / 2, top + height / 2]], np.float32), motion.back)[0]))


def _corrected(rgb: UInt8Array, known: _Known, motion: Motion | None, frames: int) -> _Known:
    """A face that was carried here, with what is detected of it; one that is not detected has missed once more.

    frames: that it was carried for, about.
    """
    carried = known.face
    seen = segmentation.again(rgb, carried)
    if seen is None:
        gone = motion is not None and _trust(carried, motion) < TRUST
        return _Known(carried, MISSED if gone else known.missed + 1)
    width = carried.box[2]
    q = (DRIFT * _speed(carried, motion) * frames / (ERROR * width)) ** 2 + STILL**2
    gain = (np.sqrt(q * q + 4 * q) - q) / 2

    def between(old: FloatArray, new: FloatArray) -> FloatArray:
        away = np.hypot(*(new - old).T) / width
        step = np.clip((away - LEFT[0]) / (LEFT[1] - LEFT[0]), 0, 1)[:, None]
        return np.asarray(old + (gain + (1 - gain) * step) * (new - old), np.float32)

    corners = [np.array([face.box[:2], face.box[2:]], np.float32) for face in (carried, seen)]
    left, top, wide, high = (float(v) for v in between(*corners).ravel())
    points = seen.keypoints
    if len(carried.keypoints) == len(points):
        both = (np.array(face.keypoints, np.float32).reshape(-1, 2) for face in (carried, seen))
        points = tuple((float(x), float(y)) for x, y in between(*both))
    dense = seen.landmarks if carried.landmarks is None else carried.landmarks
    if carried.landmarks is not None and seen.landmarks is not None:
        dense = between(carried.landmarks, seen.landmarks)
    return _Known(Face((left, top, wide, high), points, seen.score, dense))


def _trust(face: Face, motion: Motion) -> float:
    """The mean trust in the flow within a face's box."""
    part = motion.trust[segmentation.Roi.middle_of(face).slices]
    return float(part.mean()) if part.size else 0.0


def _within(face: Face, shape: tuple[int, ...]) -> bool:
    x, y = face.box[0] + face.box[2] / 2, face.box[1] + face.box[3] / 2
    return 0 <= x < shape[1] and 0 <= y < shape[0]
