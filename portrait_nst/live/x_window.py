"""Whether a window of this process was destroyed by somebody else, under X11: Qt does not notice that, and goes on without it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator

STRUCTURE = 1 << 17  # StructureNotifyMask
DESTROYED = 17  # DestroyNotify
EVENT = 24 * ctypes.sizeof(ctypes.c_long)  # bytes of an XEvent
OWNER, CARDINAL = b"_NET_WM_PID", 6


class XWindow:
    """The window of this process with a name, seen through a connection of its own; without X11 nothing is known of it.

    OpenCV's Qt links against the system's libX11 itself, so it is there wherever such a window can be.
    """

    def __init__(self, name: str) -> None:
        """name: the window's title."""
        self._name, self._display, self._window = name.encode(), None, 0
        if not sys.platform.startswith("linux"):
            return
        with contextlib.suppress(OSError):
            self._x = x = ctypes.CDLL("libX11.so.6")
            handler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
            # A window may go while it is looked at; Xlib would end the process.
            self._handler = handler(lambda display, error: 0)
            x.XOpenDisplay.restype = ctypes.c_void_p
            x.XDefaultRootWindow.restype = x.XInternAtom.restype = ctypes.c_ulong
            self._display = ctypes.c_void_p(found) if (found := x.XOpenDisplay(None)) else None

    def destroyed(self) -> bool:
        """Whether it was there and is no more."""
        if self._display is None:
            return False
        if not self._window:
            self._x.XSetErrorHandler(self._handler)
            root = self._x.XDefaultRootWindow(self._display)
            self._window = next((window for window in self._below(root) if self._is_ours(window)), 0)
            if self._window:
                self._x.XSelectInput(self._display, ctypes.c_ulong(self._window), ctypes.c_long(STRUCTURE))
                self._x.XSync(self._display, 0)
            return False
        event = ctypes.create_string_buffer(EVENT)
        window = ctypes.c_ulong(self._window)
        return bool(self._x.XCheckTypedWindowEvent(self._display, window, DESTROYED, event))

    def _below(self, window: int) -> Iterator[int]:
        """All windows in `window`: window managers put frames around those of programs."""
        root, parent, count = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.c_uint()
        children = ctypes.POINTER(ctypes.c_ulong)()
        found = (ctypes.byref(value) for value in (root, parent, children, count))
        if not self._x.XQueryTree(self._display, ctypes.c_ulong(window), *found) or not children:
            return
        below = children[: count.value]
        self._x.XFree(children)
        for child in below:
            yield child
            yield from self._below(child)

    def _is_ours(self, window: int) -> bool:
        name = ctypes.c_char_p()
        if not self._x.XFetchName(self._display, ctypes.c_ulong(window), ctypes.byref(name)):
            return False
        value = name.value
        self._x.XFree(name)
        return value == self._name and self._owner(window) in (None, os.getpid())

    def _owner(self, window: int) -> int | None:
        """The process that the window says it belongs to, if it says so."""
        atom = ctypes.c_ulong(self._x.XInternAtom(self._display, OWNER, 0))
        kind, form = ctypes.c_ulong(), ctypes.c_int()
        count, rest = ctypes.c_ulong(), ctypes.c_ulong()
        data = ctypes.POINTER(ctypes.c_ulong)()
        found = (ctypes.byref(value) for value in (kind, form, count, rest, data))
        none, one, cardinal = ctypes.c_long(0), ctypes.c_long(1), ctypes.c_ulong(CARDINAL)
        self._x.XGetWindowProperty(self._display, ctypes.c_ulong(window), atom, none, one, 0, cardinal, *found)
        if not data:
            return None
        owner = int(data[0]) if count.value else None
        self._x.XFree(data)
        return owner
