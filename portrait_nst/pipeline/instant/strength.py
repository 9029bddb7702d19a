"""How far each place is painted: what --strength and --face-hold mean for a learned network.

A place has a *local strength* from 0, the photo itself, to 1, all that the network has; see `portrait_nst.instant.strength`. Up
to --strength 0.5 it rises everywhere, in faces less than elsewhere; from there to 1 faces follow.
"""

from __future__ import annotations

import numpy as np

from portrait_nst.instant.strength import FADED, LEAST_SHARE
from portrait_nst.pipeline.subject import Subject
from portrait_nst.settings import Settings
from portrait_nst.types import FloatArray

HOLD = 0.25  # by which a face's local strength is less at --strength 0.5; its eyes and mouth have twice that
USUAL_HOLD = 3.0  # the value of --face-hold that stands for `HOLD`, as in method painterly


def local_strength(subject: Subject, settings: Settings, firmer: float = 1.0) -> FloatArray:
    """(H, W) float32 in [0, 1]. firmer: a factor on the hold of faces, by which a goal of likeness is reached."""
    level = np.float32(min(1.0, 2 * settings.strength))
    hold = HOLD if settings.face_hold is None else HOLD * settings.face_hold / USUAL_HOLD
    hold *= min(1.0, 2 * (1 - settings.strength)) * firmer
    if not (hold and subject.faces):
        return np.full(subject.size, level, np.float32)
    return np.asarray(level * np.clip(1 - np.float32(hold) * subject.face_map, 0, 1), np.float32)


def share_of(local: FloatArray) -> FloatArray:
    """How far features are moved to the painting's, in [0, 1], at this local strength."""
    return np.float32(LEAST_SHARE) + np.float32(1 - LEAST_SHARE) * local


def faded(photo: FloatArray, painted: FloatArray, local: FloatArray) -> FloatArray:
    """`painted` cross-faded with `photo` (both (h, w, 3)) where the local strength (h, w) is under `FADED`."""
    mix = np.minimum(local / np.float32(FADED), 1)[..., None]
    return np.asarray(photo + mix * (painted - photo), np.float32)
