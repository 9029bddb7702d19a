"""Clips made of one photo, whose motion is known exactly.

A scene says where a pixel of frame t lies in the photo. The motion between two frames follows from that by inversion in float64;
the mattes go along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from portrait_nst.clips.frame import Frame
from portrait_nst.motion import Motion, between
from portrait_nst.types import Face, FloatArray, UInt8Array
from portrait_nst.video.seen import SeenFrame

if TYPE_CHECKING:
    from av import VideoFrame

Places = NDArray[np.float64]  # (h, w, 2): x and y
Where = Callable[[Places, int], Places]  # of pixels of a frame, and its number: where they lie in its first frame
SIZE = 256  # px of a frame's longer side
MARGIN = 0.15  # of the photo beyond each side of the first frame, for what comes into view
RATE = 25


@dataclass(eq=False)
class Still:
    """A frame of a scene, as `clips.Frame` has it, without a file."""

    number: int
    rgb: UInt8Array
    pts: int = 0
    duration: int = 1
    time_base: Fraction = Fraction(1, RATE)
    alpha: UInt8Array | None = None

    @property
    def size(self) -> tuple[int, int]:
        return self.rgb.shape[0], self.rgb.shape[1]

    @property
    def native(self) -> VideoFrame:
        raise NotImplementedError

    @property
    def upright(self) -> VideoFrame:
        raise NotImplementedError

    def over(self, painted: UInt8Array | FloatArray, alpha: FloatArray) -> Frame:
        values = painted * 255.0 if painted.dtype != np.uint8 else painted.astype(np.float32)
        mixed = self.rgb + (values - self.rgb) * alpha[..., None]
        return Still(self.number, np.clip(np.rint(mixed), 0, 255).astype(np.uint8), self.pts)

    def replaced(self, rgb: UInt8Array | FloatArray, opacity: FloatArray | None = None) -> Frame:
        values = rgb if rgb.dtype == np.uint8 else np.clip(np.rint(rgb * 255.0), 0, 255).astype(np.uint8)
        return Still(self.number, np.asarray(values), self.pts)


@dataclass(frozen=True, eq=False)
class View:
    """A frame of a scene and what is known of it.

    alpha:  (h, w) float32, the person.
    motion: exactly, from the frame before; trusted where the pixel was in view there; None for the first frame.
    """

    rgb: UInt8Array
    alpha: FloatArray
    motion: Motion | None


@dataclass(frozen=True)
class Scene:
    """A movement. noise: of the sensor, in levels. layers: whether the person moves over a background that stands still."""

    where: Where
    noise: float = 0.0
    layers: bool = False


def _centred(change: Callable[[Places, int], Places]) -> Where:
    def where(at: Places, number: int) -> Places:
        centre = np.array(at.shape[1::-1], np.float64) / 2
        return change(at - centre, number) + centre

    return where


def _turned(at: Places, number: int) -> Places:
    angle = np.deg2rad(0.5 * number)
    return np.asarray(at @ np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]))


def _head(at: Places, number: int) -> Places:
    """A bulge of the plane that swings to and fro by up to 8 px, as a head that turns shows its middle shifted."""
    height, width = at.shape[:2]
    near = np.exp(-(((at - [width / 2, 0.4 * height]) / (0.22 * width)) ** 2).sum(axis=2) / 2)
    swing = 8 * np.sin(2 * np.pi * number / 32)
    return np.asarray(at + np.dstack([swing * near, np.zeros_like(near)]))


SCENES = {
    "pan-1": Scene(lambda at, t: at + np.array([1.0 * t, 0])),
    "pan-3": Scene(lambda at, t: at + np.array([3.0 * t - 20, 0])),
    "zoom": Scene(_centred(lambda at, t: at * 0.995**t)),
    "rotation": Scene(_centred(_turned)),
    "person": Scene(lambda at, t: at + np.array([16 * np.cos(t / 8), 6 * np.sin(t / 8)]), layers=True),
    "head": Scene(_head),
    "still": Scene(lambda at, t: at, noise=2.0),
}


def grid(height: int, width: int) -> Places:
    """(h, w, 2): the place of each pixel."""
    rows, columns = np.mgrid[:height, :width].astype(np.float64)
    return np.dstack([columns, rows])


def inverse(where: Where, target: Places, number: int) -> Places:
    """The places of frame `number` that lie at `target` in the first; by fixed-point iteration, to 1e-6 px."""
    found = target.copy()
    for _ in range(200):
        step = target - where(found, number)
        found += step
        if np.abs(step).max() < 1e-6:
            return found
    raise ValueError("this movement cannot be inverted")


def exact(scene: Scene, size: tuple[int, int], number: int) -> Motion | None:
    """The motion to frame `number` of the person, or of all; trusted where the pixel was inside the frame before."""
    if number == 0:
        return None
    here = grid(*size)
    before = inverse(scene.where, scene.where(here, number), number - 1)
    inside = ((before > 0) & (before < np.array(size[::-1]) - 1.0)).all(axis=2)
    return Motion((before - here).astype(np.float32), np.asarray(inside, np.float32))


def views(
    scene: Scene, photo: UInt8Array, alpha: FloatArray, count: int, behind: UInt8Array | None = None, size: int = SIZE
) -> Iterator[View]:
    """The frames of a scene.

    photo, alpha: the photo (H, W, 3) and its person (H, W).
    behind:       the background without the person, which scenes in layers need.
    size:         px of the frames' longer side.
    """
    height, width = photo.shape[:2]
    inner = np.array([width, height]) * (1 - 2 * MARGIN)
    scale = size / inner.max()
    frame = max(8, round(inner[1] * scale)), max(8, round(inner[0] * scale))
    whole = (round(width * scale), round(height * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    offset = np.array([(whole[0] - frame[1]) / 2, (whole[1] - frame[0]) / 2])
    source, matte = (cv2.resize(a, whole, interpolation=how).astype(np.float32) for a in (photo, alpha))
    back = None if behind is None else cv2.resize(behind, whole, interpolation=how).astype(np.float32)

    def seen(picture: FloatArray, at: Places) -> FloatArray:
        x, y = cv2.split((at + offset).astype(np.float32))
        return np.asarray(cv2.remap(picture, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT))

    here = grid(*frame)
    for number in range(count):
        at = scene.where(here, number)
        rgb, person = seen(source, at), np.clip(seen(matte, at), 0, 1)
        if scene.layers:
            if back is None:
                raise ValueError("a scene in layers needs the background behind the person")
            rgb = seen(back, here) + (rgb - seen(back, here)) * person[..., None]
        rng = np.random.default_rng(number)
        noisy = rgb + (rng.normal(0, scene.noise, rgb.shape) if scene.noise else 0)
        yield View(np.clip(np.rint(noisy), 0, 255).astype(np.uint8), person, exact(scene, frame, number))


def seen_frames(found: list[View], faces: list[tuple[Face, ...]] | None = None) -> list[SeenFrame]:
    """What painters get: motion as DIS finds it."""
    frames: list[SeenFrame] = []
    before: View | None = None
    for number, view in enumerate(found):
        motion = None if before is None else between(before.rgb, view.rgb)
        frame = Still(number, view.rgb, number)
        frames.append(SeenFrame(frame, view.rgb, view.alpha, faces[number] if faces else (), motion, 0))
        before = view
    return frames
