"""Brings the engine's painting to the photo's size, with the photo's fine structure and the style's brush work."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

import numpy as np

from portrait_nst.pipeline.subject import Subject
from portrait_nst.planning import wants_brushwork
from portrait_nst.settings import Settings
from portrait_nst.types import FloatArray, UInt8Array

if TYPE_CHECKING:
    from portrait_nst.transfer import EngineConfig, StyleSource

FACE = 0.65  # reduction of brush work in a face; eyes and mouth have none
STEPS = 5  # number of steps of the finest scale that take as long as the brush work
LATE = "interrupted when all was painted: finished all the same"
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
    followed = 1.0 if settings.face_hold is None else min(1.0, settings.face_hold)
    kept = FACE * followed * min(1.0, 2 * (1 - settings.strength))
    if not (kept and subject.faces):
        return np.full(subject.size, most, np.float32)
    share: FloatArray = np.float32(most) * np.clip(1 - np.float32(kept) * subject.face_map, 0, 1)
    return share


def finished(
    painted: FloatArray | UInt8Array,
    content: UInt8Array,
    sources: Sequence[StyleSource],
    config: EngineConfig,
    shares: FloatArray | None,
    faces: FloatArray | None = None,
    is_alike: Callable[[UInt8Array], bool] | None = None,
) -> UInt8Array:
    """`painted` (h, w, 3; float32 in [0, 1], or uint8 of the content's size) at the size of `content` (H, W, 3).

    shares: (H, W) in [0, 1], the style's share of the finest detail.
    faces, is_alike: (H, W) in [0, 1], where faces are, and a function that returns whether a picture reaches the goal.
            As long as it does not, faces get less of the style's detail.
    """
    from portrait_nst import transfer

    if painted.dtype == np.uint8:
        return np.asarray(painted, np.uint8)
    painted = np.asarray(painted, np.float32)
    plain = transfer.transfer_detail(content, painted)
    if shares is None:
        return plain
    size = (content.shape[0], content.shape[1])
    low, detail = transfer.brushwork(painted, size, sources, config)
    if is_alike is None or faces is None:
        return transfer.overlay_detail(plain, low, detail, shares)
    for fewer in FEWER:
        found = transfer.overlay_detail(plain, low, detail, shares * (1 - np.float32(1 - fewer) * faces))
        if is_alike(found):
            return found
    return found
