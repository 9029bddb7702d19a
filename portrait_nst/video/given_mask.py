"""A mask that the user gives for a clip: one picture for all frames, or a clip with a mask for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from portrait_nst import imaging
from portrait_nst.clips.frame import Frame
from portrait_nst.errors import InputError, MaskError
from portrait_nst.types import FloatArray

MOVING = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".gif", ".apng")  # suffixes of clips
PROPORTIONS = 0.02  # by which those of a mask may differ from the clip's


class GivenMask:
    """The mask of each frame.

    path: of a picture, or of a clip (by its suffix), of the clip's proportions.
    start, end, fps: the part of the clip that is painted, as for `clips.read`; a clip of masks is read in the same way.

    Raises InputError for a file that is not there.
    """

    def __init__(
        self, path: str | Path, start: float | None = None, end: float | None = None, fps: float | None = None
    ) -> None:
        self._path = Path(path)
        if not self._path.is_file():
            raise InputError(f"The mask {path} is not there; give a picture, or a clip of the same length.")
        self._part = start, end, fps
        self._still: FloatArray | None = None
        self._frames: Iterator[Frame] = iter(())
        self._next = -1

    def of(self, number: int, size: tuple[int, int]) -> FloatArray:
        """(height, width) float32 in [0, 1], the mask of the frame with this number at this `size`.

        Raises MaskError where nothing is marked in a picture, where a clip of masks has no such frame, and where proportions
        differ; InputError for a file that is neither a picture nor a clip.
        """
        if self._path.suffix.lower() not in MOVING:
            if self._still is None or self._still.shape != size:
                self._still = imaging.load_mask(self._path, size, of="the clip")
            return self._still
        if number != self._next:
            from portrait_nst import clips

            self._frames = clips.read(self._path, *self._part).frames(first=number)
        self._next = number + 1
        frame = next(self._frames, None)
        if frame is None:
            raise MaskError(
                f"{self._path} ends before the clip, at frame {number}; give a clip of masks of the same length, or a picture."
            )
        return self._plane(frame, size)

    def _plane(self, frame: Frame, size: tuple[int, int]) -> FloatArray:
        import cv2

        height, width = frame.size
        if abs(height * size[1] / (width * size[0]) - 1) > PROPORTIONS:
            raise MaskError(
                f"{self._path} is {width} x {height}, the clip has other proportions ({size[1]} x {size[0]}); "
                "give masks with those of the clip."
            )
        grey = cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY).astype(np.float32) / np.float32(255)
        return np.asarray(cv2.resize(grey, size[::-1], interpolation=cv2.INTER_AREA), np.float32)
