"""The track of a clip, one shot after the other, with a look at the samples of each beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from portrait_nst.clips.frame import Frame
from portrait_nst.video.painter import State
from portrait_nst.video.seen import SeenFrame

if TYPE_CHECKING:
    from portrait_nst.video.track import Track


class ShotTracker:
    """A `Tracker` by `video.track`.

    Samples are seen by a track of their own, each as a shot of one frame: who they show is known from the shots before, and
    what follows is not changed by the look.
    """

    def __init__(self, new_track: Callable[[], Track]) -> None:
        self._new_track, self._track, self._shot = new_track, new_track(), 0
        self._begun = False

    def begin(self, shot: int, samples: Sequence[Frame]) -> list[SeenFrame]:
        """A new shot; see `Tracker`."""
        self._shot = shot
        side = self._new_track()
        if self._begun:
            side.restore(self._track.state())
        return [replace(side.follow(frame, -2 - number), shot=shot) for number, frame in enumerate(samples)]

    def see(self, frame: Frame) -> SeenFrame:
        """The next frame; see `Tracker`."""
        self._begun = True
        return self._track.follow(frame, self._shot)

    def state(self) -> State:
        """What it remembers of the shot so far; see `Tracker`."""
        return {**self._track.state(), "now": np.array(self._shot)}

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        """Go on from what `state` returned."""
        self._shot, self._begun = int(state["now"]), True
        self._track.restore({name: value for name, value in state.items() if name != "now"})
