"""The work between camera and window, in threads: pictures are taken, looked at, and painted, each while the one before is shown.

Between camera and eyes the newest picture counts and late ones are dropped, so that what is shown is never old. What was looked
at is always painted, since the motion from frame to frame would be lost otherwise.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from portrait_nst.live.camera import CameraFrame
from portrait_nst.live.controls import Controls
from portrait_nst.live.latest import Latest
from portrait_nst.types import UInt8Array

if TYPE_CHECKING:
    from portrait_nst.video.seen import SeenFrame

PATIENCE = 0.2  # seconds after which a waiting thread looks whether it shall end
FOREVER = 3600.0  # seconds for which what was looked at waits to be painted: loading a network takes a few


class Eyes(Protocol):
    """Finds the person in a picture; `video.track.Track` does."""

    def follow(self, frame: CameraFrame, shot: int) -> SeenFrame:
        """The frame with its matte, faces and motion."""


@dataclass(frozen=True, eq=False)
class Shown:
    """What the window shows: the camera's picture, it painted, both (H, W, 3) uint8, and whether it is painted yet."""

    frame: CameraFrame
    picture: UInt8Array
    painted: bool


Brush = Callable[["SeenFrame"], Shown]


class Stages:
    """The three threads; `shown` holds the newest painted picture. Use it in a `with` statement."""

    def __init__(
        self,
        camera: Iterator[CameraFrame],
        eyes: Callable[[], Eyes],
        brush: Callable[[], Brush],
        controls: Callable[[], Controls],
    ) -> None:
        """camera: gives pictures, as fast as it can. eyes, brush: make those that look and paint, in their own threads.

        controls: those of this moment.
        """
        self.taken: Latest[CameraFrame] = Latest()
        self.seen: Latest[SeenFrame] = Latest()
        self.shown: Latest[Shown] = Latest()
        self.error: BaseException | None = None
        self._camera, self._eyes, self._brush, self._controls = camera, eyes, brush, controls
        self._threads = [
            threading.Thread(target=self._guarded, args=(work,), name=f"live {work.__name__}", daemon=True)
            for work in (self._take, self._look, self._paint)
        ]

    def __enter__(self) -> Stages:
        """Begin."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        """End, after the picture in work."""
        for place in (self.taken, self.seen, self.shown):
            place.close()
        for thread in self._threads:
            thread.join(10)

    def next(self, patience: float) -> Shown | None:
        """The newest picture, or None if none comes in `patience` seconds. Raises what a thread raised."""
        found = self.shown.take(patience)
        if self.error is not None:
            raise self.error
        return found

    @property
    def dropped(self) -> int:
        """How many of the camera's pictures were not looked at."""
        return self.taken.dropped

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # it is raised again in the window's thread
            self.error = self.error or error
            self.shown.close()

    def _take(self) -> None:
        import cv2

        for frame in self._camera:
            mirrored = frame.replaced(cast(UInt8Array, cv2.flip(frame.rgb, 1))) if self._controls().mirror else frame
            if not self.taken.put(mirrored):
                return

    def _look(self) -> None:
        eyes, mirror = self._eyes(), self._controls().mirror
        shot = 0
        while not self.taken.closed:
            # What is looked at while another picture waits to be painted is old when its own turn comes.
            frame = self.taken.take(PATIENCE) if self.seen.is_free(PATIENCE) else None
            if frame is None:
                continue
            if self._controls().mirror != mirror:  # left and right have changed places: as after a cut
                mirror, shot = not mirror, shot + 1
            self.seen.put(eyes.follow(frame, shot), FOREVER)

    def _paint(self) -> None:
        brush = self._brush()
        while not self.seen.closed:
            seen = self.seen.take(PATIENCE)
            if seen is not None:
                self.shown.put(brush(seen))
