"""The window as the session sees it."""

from __future__ import annotations

import contextlib
import queue
import subprocess
import sys
import textwrap
import threading
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from portrait_nst.errors import ResourceError
from portrait_nst.live.window_process import CLOSED, EVENT, KEY, OPENED, SHOWN, SIZE
from portrait_nst.types import UInt8Array

SMALLEST = 0.35  # of OpenCV's letters that can be read
LETTER = 7  # pixels of such a letter, about; a line that has no place goes on in the next
EDGE = 6  # pixels between text and the sides
LINE = 18  # pixels from one line of text to the next
PATIENCE = 30.0  # seconds in which the window must open
SOON = 0.2  # seconds for which a picture is waited for until it is on the screen
WAY_OUT = "Run it where there is a screen, or use `portrait-nst video CLIP STYLE` for a film."


class Window(Protocol):
    """Shows pictures and hears keys."""

    def show(self, picture: UInt8Array) -> None:
        """Show (H, W, 3) uint8 RGB."""

    def key(self, seconds: float) -> int:
        """The key that was pressed, or is within so many `seconds`, as its character's number; -1 for none."""

    @property
    def closed(self) -> bool:
        """Whether the user has closed it."""

    def close(self) -> None:
        """Take it away."""


class ScreenWindow:
    """A `Window` on this machine's screen; see `window_process`."""

    def __init__(self) -> None:
        """Open it. Raises ResourceError where that cannot be."""
        command = [sys.executable, "-m", "portrait_nst.live.window_process"]
        pipe = subprocess.PIPE
        # In a session of its own, so that Ctrl-C in the terminal does not end it before the film is closed.
        self._process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, start_new_session=True
        )
        self._events: dict[int, queue.SimpleQueue[int]] = {kind: queue.SimpleQueue() for kind in (OPENED, SHOWN, KEY)}
        self.closed = False
        threading.Thread(target=self._hear, name="live window", daemon=True).start()
        try:
            opened = self._events[OPENED].get(timeout=PATIENCE)
        except queue.Empty:
            opened = -1
        if opened < 0:
            self.close()
            raise ResourceError(f"No window can be opened: no screen was found. {WAY_OUT}")

    def show(self, picture: UInt8Array) -> None:
        """Show (H, W, 3) uint8 RGB; returns when it is on the screen."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # closed meanwhile
            self._process.stdin.write(SIZE.pack(*picture.shape[:2]) + np.ascontiguousarray(picture).tobytes())
            self._process.stdin.flush()
        with contextlib.suppress(queue.Empty):
            self._events[SHOWN].get(timeout=SOON)

    def key(self, seconds: float) -> int:
        """The key that was pressed, or is within so many `seconds`; -1 for none."""
        try:
            return self._events[KEY].get(timeout=seconds)
        except queue.Empty:
            return -1

    def close(self) -> None:
        """Take it away."""
        self.closed = True
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _hear(self) -> None:
        assert self._process.stdout is not None
        while len(event := self._process.stdout.read(EVENT.size)) == EVENT.size:
            kind, value = EVENT.unpack(event)
            if kind == CLOSED:
                break
            self._events[kind].put(value)
        self.closed = True
        self._events[OPENED].put(-1)


def lettered(picture: UInt8Array, lines: Sequence[str], *, top: bool = False) -> UInt8Array:
    """`picture` (H, W, 3) with `lines` of text at its lower edge, or at the upper one; white with a dark rim.

    Long lines are broken, and all are as small as it takes to fit into the picture.
    """
    import cv2

    height, width = picture.shape[:2]
    longest = max(1, (width - 2 * EDGE) // LETTER)
    lines = [part for line in lines for part in textwrap.wrap(line, longest, replace_whitespace=False) or [""]]

    found = np.ascontiguousarray(picture).copy()

    def widest(scale: float) -> int:
        return max(int(cv2.getTextSize(line, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)[0][0]) for line in lines)

    scale = min(max(SMALLEST, min(1.0, height / 700)), height / (LINE / 0.5 * (len(lines) + 1)))
    while scale > 0.1 and widest(scale) > width - 2 * EDGE:  # their width does not quite go with their scale
        scale *= 0.95
    step = max(1, round(LINE * scale / 0.5))
    first = step if top else height - step * (len(lines) - 1) - step // 2
    # A rim by a broader pen would not do: cv2 5 sets broad letters farther apart.
    pens = [(x, y, 0) for x in (-1, 0, 1) for y in (-1, 0, 1) if x or y] + [(0, 0, 255)]
    for number, line in enumerate(lines):
        for x, y, colour in pens:
            place = (EDGE + x, first + number * step + y)
            cv2.putText(found, line, place, cv2.FONT_HERSHEY_SIMPLEX, scale, (colour,) * 3, 1, cv2.LINE_AA)
    return found
