"""A sitter of flat patches whose every frame is known, for painters of frames."""

from __future__ import annotations

import cv2
import numpy as np

from portrait_nst.motion import Motion, between
from portrait_nst.types import Face, FloatArray, UInt8Array
from portrait_nst.video.seen import SeenFrame
from tests.benchmarks.video.scenes import Still

SIZE = 128


def picture(shift: int = 0) -> tuple[UInt8Array, FloatArray]:
    """A head and shoulders of six tones before a grey ground, moved to the right by some pixels, and the matte."""
    rgb, alpha = np.full((SIZE, SIZE, 3), 120, np.uint8), np.zeros((SIZE, SIZE), np.float32)
    x = 64 + shift
    for centre, axes, colour in [
        ((x, 120), (48, 38), (40, 60, 110)),
        ((x, 56), (30, 40), (150, 110, 90)),
        ((x + 8, 56), (20, 34), (200, 165, 140)),
        ((x, 26), (28, 14), (50, 35, 30)),
        ((x - 10, 112), (8, 16), (230, 225, 215)),
        ((x + 2, 78), (10, 4), (110, 40, 50)),
    ]:
        cv2.ellipse(rgb, centre, axes, 0, 0, 360, colour, -1)
        cv2.ellipse(alpha, centre, axes, 0, 0, 360, 1.0, -1)
    return np.asarray(cv2.GaussianBlur(rgb, (0, 0), 1.0)), np.asarray(cv2.GaussianBlur(alpha, (0, 0), 1.0))


def frames(count: int, noise: float = 0, step: int = 0, nobody: bool = False) -> list[SeenFrame]:
    """A shot in which the sitter moves by `step` pixels a frame under a sensor's noise of some levels.

    The face has a box that makes drawings as small as the frames, and no keypoints, so that nothing is favoured.
    """
    found: list[SeenFrame] = []
    for number in range(count):
        rgb, alpha = picture(step * number)
        rng = np.random.default_rng(number)
        rgb = np.clip(np.rint(rgb + rng.normal(0, noise, rgb.shape)), 0, 255).astype(np.uint8)
        motion: Motion | None = between(found[-1].rgb, rgb) if found else None
        face = Face((0.0, 0.0, 300.0, 300.0), (), 1.0)
        alpha = 0 * alpha if nobody else alpha
        found.append(SeenFrame(Still(number, rgb, number), rgb, alpha, (face,), motion, 0))
    return found
