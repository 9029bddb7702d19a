"""What paints the frames of a clip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from portrait_nst.types import FloatArray
from portrait_nst.video.seen import SeenFrame

State = dict[str, NDArray[np.generic]]


class FramePainter(Protocol):
    """Paints one frame after the other, each in agreement with the one before."""

    def begin(self, samples: Sequence[SeenFrame]) -> None:
        """A new shot: forget the frames before.

        samples: frames from all of the shot (about every eighth, at most a dozen); what must not change in it is taken from them.
        """

    def paint(self, seen: SeenFrame) -> FloatArray:
        """The next frame of the shot painted: (h, w, 3) float32 sRGB in [0, 1], of the size of `seen.rgb`.

        Only where `seen.alpha` is over 0 does it count.
        """

    def state(self) -> State:
        """What it remembers of the shot so far, as arrays, so that another process can go on."""

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        """Go on from what `state` returned."""
