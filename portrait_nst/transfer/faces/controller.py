"""What the engine knows about the faces that it paints, and the controller that keeps them as alike as the goal requires."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from portrait_nst.transfer.faces.identity import Identity
from portrait_nst.types import FloatArray, UInt8Array


@dataclass(frozen=True, eq=False)
class Portrait:
    """The faces of a photo.

    face:     (H, W) float32, 1 inside the faces, fading to 0 at their edges.
    goal:     the least likeness, from 0 to 1; 0 for no goal.
    measure:  the function that measures the likeness, 0 to 1, of a picture (h, w, 3) uint8 of the whole photo.
    sitter:   (H, W, 3) float32 RGB in [0, 1], the painting's face laid over the photo's, for gain maps; None for none.
    identity: the loss of a face-recognition network, or None.
    """

    face: FloatArray
    goal: float = 0.0
    measure: Callable[[UInt8Array], float] | None = None
    sitter: FloatArray | None = None
    identity: Identity | None = None


class LikenessController:
    """Raises the content's weight at faces while their likeness is below the goal, and lowers it when it is clearly above.

    `factor` is the factor on that weight; without a goal it would be 1.
    """

    every = 5  # iterations between two measurements
    scales = 2  # the number of finest scales at which faces are measured; coarser ones show too little of a face
    rounds, extra = 4, 8  # additional rounds at the end while the goal is missed, at most, and iterations of each
    most = 64.0  # greatest factor; a mosaic at strength 1 reaches 0.52 with 16, 0.63 with 64
    clear = 0.04  # difference from the goal from which on a likeness is clearly above or below it
    enough, least = 16.0, 0.002  # with a factor of at least `enough`, a round that gains less than `least` is the last

    def __init__(self, goal: float, measure: Callable[[UInt8Array], float]) -> None:
        self.goal, self.measure = goal, measure
        self.factor = 1.0
        self.left = self.rounds
        self.last = 0.0

    def due(self, scale: int, scales: int, iteration: int) -> bool:
        """Whether the faces are to be measured at this `iteration` of this `scale`; there are `scales` scales."""
        return scale >= scales - self.scales and iteration > 0 and iteration % self.every == 0

    def look(self, picture: UInt8Array) -> bool:
        """Measure `picture` (h, w, 3) and adapt `factor`; returns whether it has changed."""
        value, before = self.measure(picture), self.factor
        if value < self.goal:
            self.factor = min(self.most, before * (2.0 if value < self.goal - self.clear else 1.5))
        elif value > self.goal + self.clear:
            self.factor = max(1.0, before / 1.5)
        return self.factor != before

    def more(self, picture: UInt8Array) -> int:
        """The additional iterations at the end of the finest scale: 0 if the goal is met or cannot be met."""
        value, last = self.measure(picture), self.last
        hopeless = self.factor >= self.enough and value < last + self.least
        if not self.left or value >= self.goal or hopeless:
            return 0
        self.last = value
        self.left -= 1
        self.factor = min(self.most, self.factor * 2)
        return self.extra

    def weight_map(self, content_weight_map: FloatArray | None, face: FloatArray) -> FloatArray | None:
        """`content_weight_map` (h, w; >= 0) with 1 + its values multiplied by `factor` where `face` (h, w; [0, 1]) is 1."""
        if self.factor == 1:
            return content_weight_map
        base = np.float32(1) if content_weight_map is None else 1 + content_weight_map
        return (base * (1 + np.float32(self.factor - 1) * face) - 1).astype(np.float32)
