"""Stand-ins for camera, eyes, painter and window."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from portrait_nst.live.camera import CameraFrame
from portrait_nst.live.stages import Shown
from portrait_nst.types import FloatArray, UInt8Array
from portrait_nst.video.painter import State
from portrait_nst.video.seen import SeenFrame


def camera(count: int | None = None, pause: float = 0.001, size: tuple[int, int] = (24, 32)) -> Iterator[CameraFrame]:
    """Pictures whose left half is dark and whose right half is light; `count` of them, or for ever."""
    number = 0
    while count is None or number < count:
        rgb = np.full((*size, 3), 10, np.uint8)
        rgb[:, size[1] // 2 :] = 200
        yield CameraFrame(number, time.monotonic(), rgb)
        number += 1
        time.sleep(pause)


class Eyes:
    """Sees a person in the middle, or nobody."""

    def __init__(self, *, nobody: bool = False, pause: float = 0.0) -> None:
        self.shots: list[int] = []
        self._nobody, self._pause = nobody, pause

    def follow(self, frame: CameraFrame, shot: int) -> SeenFrame:
        time.sleep(self._pause)
        self.shots.append(shot)
        alpha = np.zeros(frame.size, np.float32)
        if not self._nobody:
            alpha[6:-6, 8:-8] = 1
        return SeenFrame(frame, frame.rgb, alpha, (), None, shot)


class Red:
    """A `FramePainter` that paints everything red, and remembers what it was given."""

    def __init__(self, strength: float = 1.0) -> None:
        self.strength = strength
        self.samples: tuple[SeenFrame, ...] = ()

    def begin(self, samples: Iterable[SeenFrame]) -> None:
        self.samples = tuple(samples)

    def paint(self, seen: SeenFrame) -> FloatArray:
        return np.broadcast_to(np.array([1, 0, 0], np.float32), (*seen.rgb.shape[:2], 3)).copy()

    def state(self) -> State:
        return {}

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        pass


def plain_brush(seen: SeenFrame) -> Shown:
    assert isinstance(seen.frame, CameraFrame)
    return Shown(seen.frame, seen.frame.rgb, True)


class FakeWindow:
    """Presses one key after each of the first pictures, and is closed after a number of them."""

    def __init__(self, keys: str = "", most: int = 10) -> None:
        self.pictures: list[UInt8Array] = []
        self.keys, self.most, self.gone = list(keys), most, False

    def show(self, picture: UInt8Array) -> None:
        self.pictures.append(picture)

    def key(self, seconds: float) -> int:
        return ord(self.keys.pop(0)) if self.keys and len(self.pictures) > 1 else -1

    @property
    def closed(self) -> bool:
        return len(self.pictures) >= self.most

    def close(self) -> None:
        self.gone = True
