"""The window: cv2's, which opencv-python brings."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from portrait_nst.errors import ResourceError
from portrait_nst.types import UInt8Array

NAME = "portrait-nst live"
SHOWN = 960  # pixels of the longest side of the window when it opens
LINE = 18  # pixels from one line of text to the next
WAY_OUT = "Run it where there is a screen, or use `portrait-nst video CLIP STYLE` for a film."


class Window(Protocol):
    """Shows pictures and hears keys."""

    def show(self, picture: UInt8Array) -> None:
        """Show (H, W, 3) uint8 RGB."""

    def key(self, seconds: float) -> int:
        """The key that is pressed within so many `seconds` (more than 0), as its character's number; -1 for none."""

    @property
    def closed(self) -> bool:
        """Whether the user has closed it."""

    def close(self) -> None:
        """Take it away."""


class CvWindow:
    """A `Window` on this machine's screen."""

    def __init__(self, size: tuple[int, int]) -> None:
        """size: (height, width) of the pictures. Raises ResourceError where there is no screen."""
        check_screen()
        import cv2

        try:
            cv2.namedWindow(NAME, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
        except cv2.error:
            raise ResourceError(f"The installed OpenCV opens no windows (opencv-python-headless?). {WAY_OUT}") from None
        factor = SHOWN / max(size)
        cv2.resizeWindow(NAME, round(size[1] * factor), round(size[0] * factor))
        self._shown = False

    def show(self, picture: UInt8Array) -> None:
        """Show (H, W, 3) uint8 RGB."""
        import cv2

        cv2.imshow(NAME, picture[..., ::-1])
        self._shown = True

    def key(self, seconds: float) -> int:
        """The key that is pressed within so many `seconds`."""
        import cv2

        found = cv2.waitKeyEx(max(1, round(1000 * seconds)))
        return -1 if found < 0 else found & 0xFFFF

    @property
    def closed(self) -> bool:
        """Whether the user has closed it."""
        import cv2

        return self._shown and cv2.getWindowProperty(NAME, cv2.WND_PROP_VISIBLE) < 1

    def close(self) -> None:
        """Take it away."""
        import cv2

        cv2.destroyWindow(NAME) if not self.closed else None
        cv2.waitKey(1)


def check_screen() -> None:
    """Raise ResourceError where no window can be opened. Qt would end the whole process, so another one tries it first."""
    if not sys.platform.startswith("linux"):
        return
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise ResourceError(f"There is no screen here (DISPLAY is not set). {WAY_OUT}")
    tried = subprocess.run(
        [sys.executable, "-c", "import cv2; cv2.namedWindow('')"], capture_output=True, check=False, timeout=60
    )
    if tried.returncode:
        raise ResourceError(f"No window can be opened on the screen {os.environ.get('DISPLAY', '')!r}. {WAY_OUT}")


def lettered(picture: UInt8Array, lines: Sequence[str], *, top: bool = False) -> UInt8Array:
    """`picture` (H, W, 3) with `lines` of text at its lower edge, or at the upper one; white with a dark rim."""
    import cv2

    found = np.ascontiguousarray(picture).copy()
    scale = max(0.35, min(1.0, picture.shape[0] / 700))
    step = round(LINE * scale / 0.5)
    first = step if top else picture.shape[0] - step * (len(lines) - 1) - step // 2
    for number, line in enumerate(lines):
        for colour, width in ((0, 3), (255, 1)):
            place = (6, first + number * step)
            cv2.putText(found, line, place, cv2.FONT_HERSHEY_SIMPLEX, scale, (colour,) * 3, width, cv2.LINE_AA)
    return found
