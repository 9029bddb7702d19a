"""Eyes that begin anew when another camera, another person or another size is looked at."""

from __future__ import annotations

from collections.abc import Callable

from portrait_nst.live.camera import CameraFrame
from portrait_nst.live.stages import Eyes
from portrait_nst.studio.live.messages import Wanted
from portrait_nst.video.seen import SeenFrame

GAP = 1.0  # seconds between two frames after which nothing of the first is carried over to the second


def track(wanted: Wanted) -> Eyes:
    """What follows the person that is wanted, at a glance."""
    from portrait_nst.video.track import Track

    everything = wanted.everything and wanted.person == "all"
    return Track(wanted.person, region="all" if everything else "person", size=wanted.longest, quick=True)


class NewEyes:
    """A `stages.Eyes`; its shots are its own."""

    def __init__(self, wanted: Callable[[], Wanted], make: Callable[[Wanted], Eyes] = track) -> None:
        """wanted: what is wanted at this moment. make: makes what follows."""
        self._wanted, self._make = wanted, make
        self._eyes: Eyes | None = None
        self._for: tuple[object, ...] = ()
        self._last, self._shot = 0.0, -1

    def follow(self, frame: CameraFrame, shot: int) -> SeenFrame:
        """The frame with all that is known of it."""
        wanted = self._wanted()
        now = frame.size, wanted.person, wanted.everything, wanted.longest
        if self._eyes is None or now != self._for or frame.captured - self._last > GAP:
            self._eyes, self._for, self._shot = self._make(wanted), now, self._shot + 1
        self._last = frame.captured
        return self._eyes.follow(frame, self._shot)
