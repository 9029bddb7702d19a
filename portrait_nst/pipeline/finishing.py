"""Brings the engine's painting to the photo's size, with the photo's fine structure and the style's brush work."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

import numpy as np

from portrait_nst.faces import drawn
from portrait_nst.pipeline.subject import Subject
from portrait_nst.planning import wants_brushwork
from portrait_nst.settings import Settings
from portrait_nst.types import FloatArray, UInt8Array

if TYPE_CHECKING:
    from portrait_nst.transfer import EngineConfig, StyleSource

FACE = 0.65  # reduction of brush work in a face; eyes have none
STEPS = 5  # number of steps of the finest scale that take as long as the brush work
LATE = "interrupted when all was painted: finished all the same"
Draw = Callable[[UInt8Array], UInt8Array]
FEWER = (1.0, 0.5, 0.0)  # factors on the brush work in faces, tried in turn until the goal of likeness is met


@contextmanager
def undisturbed(notes: list[str]) -> Iterator[None]:
    """A block in which the first Ctrl-C only adds `LATE` to `notes`, because the finished painting would otherwise be lost.

    The second Ctrl-C interrupts, also in a later block with the same notes.
    """
    before = signal.getsignal(signal.SIGINT)
    if LATE in notes or before in (None, signal.SIG_IGN) or threading.current_thread() is not threading.main_thread():
        yield
        return

    def pass_over(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)
        notes.append(LATE)

    signal.signal(signal.SIGINT, pass_over)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def style_share(subject: Subject, painted: tuple[int, int], settings: Settings) -> FloatArray | None:
    """(H, W) in [0, 1]: the style's share of the finest detail, for a painting of the size `painted` (h, w); None for none.

    At low strength, the photo's detail is preserved too. At strength 1, faces have as much of the style's detail as the rest.
    """
    if not wants_brushwork(settings, painted):
        return None
    most = settings.brushwork * min(1.0, 2 * settings.strength)
    kept = FACE * _held(settings)
    if not (kept and subject.faces):
        return np.full(subject.size, most, np.float32)
    share: FloatArray = np.float32(most) * np.clip(1 - np.float32(kept) * subject.face_map, 0, 1)
    return share


def _held(settings: Settings) -> float:
    """How far faces are held, from 0 to 1: less with a small face_hold, and above strength 0.5, down to 0 at strength 1."""
    followed = 1.0 if settings.face_hold is None else min(1.0, settings.face_hold)
    return followed * min(1.0, 2 * (1 - settings.strength))


def low(canvas: FloatArray) -> FloatArray:
    """The canvas (h, w, 3) without the detail that brush work replaces."""
    from portrait_nst.transfer import colour
    from portrait_nst.transfer.patches import CUT

    return colour.blur(canvas, CUT)


def draughtsman(subject: Subject, content: UInt8Array, settings: Settings) -> Draw | None:
    """What draws the eyes, brows and lips of the painted faces into a painting (H, W, 3); None where nothing is drawn.

    content: (H, W, 3), the photo as it is painted, at any size. At strength 1 faces are painted as freely as the rest, undrawn.
    """
    amount = _held(settings)
    if not (settings.painterly and amount and subject.painted_faces):
        return None
    down, across = (side / own for side, own in zip(content.shape, subject.size))
    faces = [face.scaled(down, across) for face in subject.painted_faces]
    return lambda painted: drawn(painted, content, faces, amount)


def finished(
    painted: FloatArray | UInt8Array,
    content: UInt8Array,
    sources: Sequence[StyleSource],
    config: EngineConfig,
    shares: FloatArray | None,
    faces: FloatArray | None = None,
    is_alike: Callable[[UInt8Array], bool] | None = None,
    draw: Draw | None = None,
) -> UInt8Array:
    """`painted` (h, w, 3; float32 in [0, 1], or uint8 of the content's size) at the size of `content` (H, W, 3).

    shares: (H, W) in [0, 1], the style's share of the finest detail.
    faces, is_alike: (H, W) in [0, 1], where faces are, and a function that returns whether a picture reaches the goal.
            As long as it does not, faces get less of the style's detail.
    draw:   the features of faces are drawn by it, at the end and before each look at the likeness.
    """
    from portrait_nst import transfer

    draw = draw or (lambda picture: picture)
    if painted.dtype == np.uint8:
        return draw(np.asarray(painted, np.uint8))
    painted = np.asarray(painted, np.float32)
    plain = transfer.transfer_detail(content, painted)
    if shares is None:
        return draw(plain)
    size = (content.shape[0], content.shape[1])
    low, detail = transfer.brushwork(painted, size, sources, config)
    if is_alike is None or faces is None:
        return draw(transfer.overlay_detail(plain, low, detail, shares))
    for fewer in FEWER:
        found = draw(transfer.overlay_detail(plain, low, detail, shares * (1 - np.float32(1 - fewer) * faces)))
        if is_alike(found):
            return found
    return found
