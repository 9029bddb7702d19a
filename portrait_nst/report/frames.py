"""A store that keeps evenly spaced frames of a run of unknown length, in little memory."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import numpy as np

from portrait_nst import imaging
from portrait_nst.types import UInt8Array

Frame = UInt8Array | Callable[[], UInt8Array]

_QUALITY = 95  # frames are held as JPEGs of this quality, a few dozen kilobytes each


class FrameStore:
    """Keeps every `stride`-th frame; whenever there are more than `most`, every second one goes and the stride doubles.

    So at the end there are between `most` / 2 and `most` frames, evenly spaced, of a run of any length. A frame is given as
    an array (h, w, 3) uint8, or as a function that makes it, which is called for the frames that are kept only.
    """

    def __init__(self, most: int, longest: int) -> None:
        """`longest`: greatest side in pixels of a kept frame; larger ones are scaled down."""
        if most < 2:
            raise ValueError(f"most must be at least 2, not {most}")
        self.most, self.longest = most, longest
        self.stride, self.seen = 1, 0
        self._kept: list[bytes] = []

    def add(self, frame: Frame) -> None:
        """Take the next frame of the run; most are dropped."""
        if self.seen % self.stride == 0:
            if len(self._kept) == self.most:
                del self._kept[1::2]
                self.stride *= 2
            if self.seen % self.stride == 0:
                self._kept.append(_pack(shrink(frame() if callable(frame) else frame, self.longest)))
        self.seen += 1

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[UInt8Array]:
        return map(_unpack, self._kept)


def shrink(rgb: UInt8Array, longest: int) -> UInt8Array:
    """`rgb` (H, W, 3) uint8, scaled down where a side is greater than `longest`."""
    height, width = rgb.shape[:2]
    return rgb if max(height, width) <= longest else imaging.resize(rgb, imaging.size_within((height, width), longest))


def _pack(rgb: UInt8Array) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb)).save(file, "JPEG", quality=_QUALITY, subsampling=0)
    return file.getvalue()


def _unpack(data: bytes) -> UInt8Array:
    from PIL import Image

    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))
