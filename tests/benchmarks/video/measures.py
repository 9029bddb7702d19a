"""What is measured of a painted clip.

    error, error rms   mean and rms of |warp(S(t-1)) - S(t)| inside the person, where the motion is consistent, of 1
    frozen             whether fine texture stands on the screen while the person moves ("shower door"): m / (m + u), with m and
                       u the rms change of the fine structure (1 to 4 px) over some frames, carried along and not: 0 where it
                       sticks to the person, 1/2 where each frame is painted anew, 1 where the person slides under it. None
                       where nothing moves
    drift              the greatest change of the person's mean colour from the first frame, in levels, means of `OVER` frames
    matte              mean change of the matte between frames, in percent of the frame
    sharp              the rms of the fine structure, over that of painting frame by frame: a blur has less than 1

Paintings are (h, w, 3) float32 in [0, 1], mattes (h, w).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from portrait_nst.imaging.pixels import luma
from portrait_nst.motion import Motion, compose, warp
from portrait_nst.types import FloatArray
from portrait_nst.video.painter import FramePainter
from portrait_nst.video.seen import SeenFrame

TRUSTED = 0.9  # trust and matte from which a pixel counts
FAR = 3.0  # px of motion from which frozen texture is told from texture that moves along
SHARE = 0.1  # of the person, that has moved so far when frames are compared
OVER = 8  # frames of the running mean of the drift, so that noise is none
FINE = (0.7, 2.8)  # px: deviations of two Gaussians, between which the fine structure lies

Row = dict[str, Any]


def measure(
    painter: FramePainter, seen: Sequence[SeenFrame], motions: Sequence[Motion | None]
) -> tuple[Row, list[FloatArray]]:
    """The measures of what a painter makes of a shot whose motion is known, and the paintings."""
    painter.begin(seen[::8][:12])
    painted = [np.array(painter.paint(frame), np.float32) for frame in seen]
    return clip(painted, [frame.alpha for frame in seen], motions), painted


def clip(painted: Sequence[FloatArray], mattes: Sequence[FloatArray], motions: Sequence[Motion | None]) -> Row:
    """The measures of a painted clip; `motions[t]` leads from frame t - 1 to t."""
    means, squares = [], []
    for t in range(1, len(painted)):
        change = error(painted[t - 1], painted[t], _known(motions[t]), mattes[t])
        if change.size:
            means.append(float(np.abs(change).mean()))
            squares.append(float(np.square(change).mean()))
    return {
        "error": float(np.mean(means)) if means else None,
        "error rms": float(np.sqrt(np.mean(squares))) if squares else None,
        "frozen": frozen(painted, mattes, motions),
        "drift": drift(painted, mattes),
        "matte": flicker(mattes),
        "fine": float(np.mean([fine_strength(p, m) for p, m in zip(painted, mattes, strict=True)])),
    }


def error(before: FloatArray, now: FloatArray, motion: Motion, matte: FloatArray) -> NDArray[np.float64]:
    """(n, 3): warp(before) - now at the pixels of the person that can be compared."""
    where = (matte > TRUSTED) & (motion.trust > TRUSTED)
    return (warp(before, motion.back, sharp=True)[where] - now[where]).astype(np.float64)


def frozen(
    painted: Sequence[FloatArray], mattes: Sequence[FloatArray], motions: Sequence[Motion | None]
) -> float | None:
    """See above; frames are compared that are as far apart as it takes for a `SHARE` of the person to move by `FAR` px."""
    moved, still, start, path = 0.0, 0.0, 0, None
    for t in range(1, len(painted)):
        step = _known(motions[t])
        path = step if path is None else compose(path, step)
        where = (mattes[t] > TRUSTED) & (path.trust > TRUSTED)
        far = where & (np.linalg.norm(path.back, axis=2) >= FAR)
        if not where.any():
            start, path = t, None
        elif far.sum() >= SHARE * where.sum():
            before, now = fine(painted[start]), fine(painted[t])
            moved += float(np.square(warp(before, path.back, sharp=True)[far] - now[far]).sum())
            still += float(np.square(before[far] - now[far]).sum())
            start, path = t, None
    m, u = np.sqrt([moved, still])
    return float(m / (m + u)) if m + u > 0 else None


def drift(painted: Sequence[FloatArray], mattes: Sequence[FloatArray]) -> float:
    """In levels of 255."""
    colours = np.array([picture[matte > TRUSTED].mean(axis=0) for picture, matte in zip(painted, mattes, strict=True)])
    over = min(OVER, len(colours))
    running = np.array([colours[i : i + over].mean(axis=0) for i in range(len(colours) - over + 1)])
    return float(255 * np.abs(running - running[0]).max())


def flicker(mattes: Sequence[FloatArray]) -> float:
    """In percent."""
    changes = [np.abs(now - before).mean() for before, now in itertools.pairwise(mattes)]
    return float(100 * np.mean(changes)) if changes else 0.0


def fine(picture: FloatArray) -> FloatArray:
    """(h, w): the fine structure of a picture's luma."""
    level = luma(picture)
    narrow, wide = (cv2.GaussianBlur(level, (0, 0), sigma) for sigma in FINE)
    return np.asarray(narrow - wide)


def fine_strength(picture: FloatArray, matte: FloatArray) -> float:
    """rms of the fine structure inside the person."""
    inside = fine(picture)[matte > TRUSTED]
    return float(np.sqrt(np.square(inside, dtype=np.float64).mean())) if inside.size else 0.0


def _known(motion: Motion | None) -> Motion:
    if motion is None:
        raise ValueError("only the first frame of a shot has no motion")
    return motion
