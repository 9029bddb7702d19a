"""From what the engine painted to the picture at the photo's size: the photo's fine structure, and the style's brush work."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

import numpy as np

from portrait_nst.planning import wants_brushwork
from portrait_nst.settings import Settings
from portrait_nst.types import Face, FloatArray, UInt8Array

if TYPE_CHECKING:
    from portrait_nst.transfer import EngineConfig, StyleSource

FACE = 0.65  # by how much brush work is less in a face; at eyes and mouth there is none
STEPS = 5  # of the finest scale, which brush work takes as long as
LATE = "interrupted when all was painted: finished all the same"
FEWER = (1.0, 0.5, 0.0)  # shares of the brush work in faces that are tried where a likeness is to be kept


@contextmanager
def undisturbed(notes: list[str]) -> Iterator[None]:
    """The first Ctrl-C is only noted: all is painted, and would be lost. The second one counts, also in a later such block."""
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


def wanted(settings: Settings, painted: tuple[int, int]) -> bool:
    """Whether any of the detail of a painting of `painted` (h, w) is to be the style's."""
    return wants_brushwork(settings, painted)


def share(
    size: tuple[int, int], painted: tuple[int, int], faces: Sequence[Face], settings: Settings
) -> FloatArray | None:
    """(H, W) in [0, 1]: how much of the detail is to be the style's, in a photo of `size` painted at `painted` (h, w).

    None for nothing anywhere. A picture that keeps much of the photo keeps its detail too; one of strength 1 has as much in
    faces as elsewhere.
    """
    if not wanted(settings, painted):
        return None
    most = settings.brushwork * min(1.0, 2 * settings.strength)
    held = 1.0 if settings.face_hold is None else min(1.0, settings.face_hold)
    kept = FACE * held * min(1.0, 2 * (1 - settings.strength))
    if not (kept and faces):
        return np.full(size, most, np.float32)
    from portrait_nst import segmentation

    return np.float32(most) * np.clip(1 - np.float32(kept) * segmentation.face_map(size, faces), 0, 1)


def finished(
    painted: FloatArray | UInt8Array,
    content: UInt8Array,
    sources: Sequence[StyleSource],
    config: EngineConfig,
    shares: FloatArray | None,
    faces: Sequence[Face] = (),
    alike: Callable[[UInt8Array], bool] | None = None,
) -> UInt8Array:
    """`painted` (h, w, 3; [0, 1], or uint8 of that size) at the size of `content` (H, W, 3).

    shares: (H, W), how much of the detail is the style's; `alike` says whether a picture is like enough, for which there is less
    of it in `faces` where need be.
    """
    from portrait_nst import segmentation, transfer

    if painted.dtype == np.uint8:
        return np.asarray(painted, np.uint8)
    painted = np.asarray(painted, np.float32)
    plain = transfer.transfer_detail(content, painted)
    if shares is None:
        return plain
    size = (content.shape[0], content.shape[1])
    low, detail = transfer.brushwork(painted, size, sources, config)
    if alike is None:
        return transfer.overlay_detail(plain, low, detail, shares)
    there = np.minimum(segmentation.face_map(size, faces), 1)
    for fewer in FEWER:
        found = transfer.overlay_detail(plain, low, detail, shares * (1 - np.float32(1 - fewer) * there))
        if alike(found):
            return found
    return found
