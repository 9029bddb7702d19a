"""The window, in a process of its own: `python -m portrait_nst.live.window_process`.

PyAV and OpenCV bring each a libxcb of their own, and a window that is opened where both are loaded waits for ever. Qt, moreover,
ends the process where it finds no screen. So pictures come by standard input, and what happens goes to standard output.

A picture is its height and width (two integers of 32 bits) and its RGB; what happens is a kind and a value, see `KINDS`.
"""

from __future__ import annotations

import os
import struct
import sys
import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from portrait_nst.live.latest import Latest
from portrait_nst.live.x_window import XWindow

if TYPE_CHECKING:
    from portrait_nst.types import UInt8Array

NAME = "portrait-nst live"
LONGEST = 960  # pixels of the longest side of the window when it opens
SIZE, EVENT = struct.Struct("=II"), struct.Struct("=ii")
OPENED, SHOWN, KEY, CLOSED = KINDS = range(4)
TURN = 0.005  # seconds: between two looks for a picture, and for a key


def main() -> None:
    """Show what comes until nothing comes any more, or the user closes the window."""
    output = os.dup(1)
    os.dup2(2, 1)  # whatever libraries print must not come between
    import cv2

    cv2.namedWindow(NAME, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
    pictures: Latest[UInt8Array] = Latest()
    threading.Thread(target=_read, args=(sys.stdin.buffer, pictures), daemon=True).start()

    def tell(kind: int, value: int = 0) -> None:
        os.write(output, EVENT.pack(kind, value))

    tell(OPENED)
    size: tuple[int, ...] = ()
    window = XWindow(NAME)
    while not pictures.closed:
        picture = pictures.take(TURN)
        if picture is not None:
            if picture.shape != size:
                size, factor = picture.shape, LONGEST / max(picture.shape)
                cv2.resizeWindow(NAME, round(size[1] * factor), round(size[0] * factor))
            cv2.imshow(NAME, np.ascontiguousarray(picture[..., ::-1]))
        key = cv2.waitKeyEx(round(1000 * TURN))
        if picture is not None:
            tell(SHOWN)
        if key >= 0:
            tell(KEY, key & 0xFFFF)
        if size and (_closed() or window.destroyed()):
            tell(CLOSED)
            return
    cv2.destroyAllWindows()


def _closed() -> bool:
    """Whether the user has closed the window; OpenCV says so by a number, or knows it no more."""
    import cv2

    try:
        return cv2.getWindowProperty(NAME, cv2.WND_PROP_VISIBLE) < 1
    except cv2.error:
        return True


def _read(file: Any, pictures: Latest[UInt8Array]) -> None:
    while header := file.read(SIZE.size):
        height, width = SIZE.unpack(header)
        data = file.read(height * width * 3)
        pictures.put(np.frombuffer(data, np.uint8).reshape(height, width, 3))
    pictures.close()


if __name__ == "__main__":
    main()
