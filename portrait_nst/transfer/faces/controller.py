"""What the engine is told of the faces it paints, and the controller that keeps them as alike as is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from portrait_nst.transfer.faces.identity import Identity
from portrait_nst.types import FloatArray, UInt8Array


@dataclass(frozen=True, eq=False)
class Portrait:
    """The faces of a photo.

    face:     (H, W) float32, 1 inside of them, fading to 0 at their edge.
    goal:     how alike they are to stay, by `measure`: a picture (h, w, 3) uint8 of the whole photo -> 0 to 1; 0 for no goal.
    sitter:   (H, W, 3) float32 RGB in [0, 1], the painting's face laid over the photo's, for gain maps; None for none.
    identity: the loss of a face-recognition network, or None.
    """

    face: FloatArray
    goal: float = 0.0
    measure: Callable[[UInt8Array], float] | None = None
    sitter: FloatArray | None = None
    identity: Identity | None = None


class LikenessController:
    """Holds faces more firmly while they are less alike than the goal, and lets go where they are clearly more so.

    `firmness` is how many times the photo's weight at the faces is what it would be without a goal.
    """

    every = 5  # iterations between two looks
    scales = 2  # the finest ones, at which faces are looked at: on coarser ones there is nothing yet to be alike
    rounds, extra = 4, 8  # at the end, while the goal is missed: at most this many rounds of this many iterations more
    most = 16.0  # beyond it strokes vanish and little is gained: from 16 to 128 times, 0.02 or less
    clear = 0.04  # above the goal
    enough, least = 16.0, 0.002  # at a firmness from `enough` on, rounds that gain less than `least` are the last

    def __init__(self, goal: float, measure: Callable[[UInt8Array], float]) -> None:
        self.goal, self.measure = goal, measure
        self.firmness = 1.0
        self.left = self.rounds
        self.last = 0.0

    def due(self, scale: int, scales: int, iteration: int) -> bool:
        """Whether the faces are to be looked at at this `iteration` of this `scale`; there are `scales` scales."""
        return scale >= scales - self.scales and iteration > 0 and iteration % self.every == 0

    def look(self, picture: UInt8Array) -> bool:
        """Whether `firmness` changed for what `picture` (h, w, 3) looks like."""
        value, before = self.measure(picture), self.firmness
        if value < self.goal:
            self.firmness = min(self.most, before * (2.0 if value < self.goal - self.clear else 1.5))
        elif value > self.goal + self.clear:
            self.firmness = max(1.0, before / 1.5)
        return self.firmness != before

    def more(self, picture: UInt8Array) -> int:
        """How many iterations more the end of the finest scale needs: 0 where the goal is met, or will not be."""
        value, last = self.measure(picture), self.last
        hopeless = self.firmness >= self.enough and value < last + self.least
        if not self.left or value >= self.goal or hopeless:
            return 0
        self.last = value
        self.left -= 1
        self.firmness = min(self.most, self.firmness * 2)
        return self.extra

    def weight_map(self, content_weight_map: FloatArray | None, face: FloatArray) -> FloatArray | None:
        """`content_weight_map` (h, w; >= 0) with 1 + its values times `firmness` where `face` (h, w; [0, 1]) is 1."""
        if self.firmness == 1:
            return content_weight_map
        base = np.float32(1) if content_weight_map is None else 1 + content_weight_map
        return (base * (1 + np.float32(self.firmness - 1) * face) - 1).astype(np.float32)
