"""What the studio does before it is asked: whoever opened the page will bring a photo, and then want to see it painted.

Each step stands back for everybody who waits. What fails here fails again, with its message, where somebody asks for it.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

from portrait_nst import named_styles
from portrait_nst.errors import PortraitError
from portrait_nst.studio.api.asked import wanted
from portrait_nst.studio.models import Recipe, StyleShare
from portrait_nst.studio.studio import Studio

LONGEST = 512  # pixels of the page's previews
_resting = threading.Lock()  # held while a `rest` is waited for
PAUSE = 1.5  # seconds in which nobody asked for anything, before what may disturb is done
LONG = 3.0  # the same before what surely disturbs


def expect(studio: Studio) -> None:
    """Somebody opened the page: begin the desk's process, with what finds people. Returns at once."""
    if studio.desk.pid is None:
        _beside(lambda: studio.desk.later("warming.begin"))


def warm(studio: Studio) -> None:
    """A photo came: let the desk load what paints previews, while it looks for people."""
    _beside(lambda: studio.desk.call("warming.warm", device=studio.options.device))


def prepare(studio: Studio, photo: str) -> None:
    """It is known who is in this photo: find the matte, and paint a preview that nobody sees, so that the first is quick."""
    with contextlib.suppress(PortraitError):
        recipe = Recipe(photo=photo, style=[StyleShare(style=named_styles.styles()[0])])
        studio.desk.later("previews.prepare", longest=LONGEST, recipe=wanted(studio, recipe))


def rest(studio: Studio) -> None:
    """A preview was seen: once nobody asks for more, free memory of the desk, and begin the painter. Returns at once."""

    def begin() -> None:
        try:
            studio.desk.later("warming.rest", idle=LONG)
            studio.queue.warm()
        finally:
            _resting.release()

    if _resting.acquire(blocking=False):
        _beside(begin)


def _beside(work: Callable[[], Any]) -> None:
    def quietly() -> None:
        with contextlib.suppress(PortraitError):
            work()

    threading.Thread(target=quietly, daemon=True).start()
