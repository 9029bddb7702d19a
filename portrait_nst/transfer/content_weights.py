"""Where the photo's content counts more: by a given map, and at faces by as much as a goal of likeness requires."""

from __future__ import annotations

from collections.abc import Callable

from portrait_nst.planning.extent import Size
from portrait_nst.transfer import colour
from portrait_nst.transfer.crop import Crop
from portrait_nst.transfer.faces.controller import LikenessController, Portrait
from portrait_nst.transfer.initialization import sized
from portrait_nst.types import FloatArray, UInt8Array

Image = Callable[[], UInt8Array]


class ContentWeights:
    """The additional weight of the content at each place; a goal of likeness changes it while the painting proceeds."""

    def __init__(self, crop: Crop, weight_map: FloatArray | None, portrait: Portrait | None) -> None:
        """Take `weight_map` (H, W; >= 0; 1 doubles the content's weight) and the faces of `portrait`, both of the whole photo."""
        self.crop, self.portrait = crop, portrait
        self.weight_map = None if weight_map is None else crop.cut(weight_map)
        self.controller: LikenessController | None = None
        if portrait is not None and portrait.goal and portrait.measure is not None:
            self.controller = LikenessController(portrait.goal, portrait.measure)

    @property
    def at_faces(self) -> float:
        """The factor on the content's weight at faces that the goal of likeness has led to; 1 without a goal."""
        return 1.0 if self.controller is None else self.controller.factor

    @property
    def most_extra_steps(self) -> int:
        """The greatest number of steps that the finest scale may take beyond the plan."""
        return 0 if self.controller is None else self.controller.rounds * self.controller.extra

    def at(self, size: Size) -> FloatArray | None:
        """The weights, (h, w), over the crop at one of its sizes; None if there is no additional weight anywhere."""
        weights = None if self.weight_map is None else sized(self.weight_map, size)
        if self.controller is not None and self.portrait is not None:
            weights = self.controller.weight_map(weights, colour.resize(self.crop.cut(self.portrait.face), size))
        return weights

    def changed(self, scale: int, iteration: int, image: Image) -> bool:
        """Measure the likeness of `image` if that is due; returns whether the weights have changed."""
        if self.controller is None or not self.controller.due(scale, len(self.crop.sizes), iteration):
            return False
        return self.controller.look(image())

    def extra_steps(self, scale: int, image: Image) -> int:
        """The number of additional steps, with changed weights, that the faces in `image` need at the end of a scale."""
        last = scale + 1 == len(self.crop.sizes)
        return self.controller.more(image()) if self.controller is not None and last else 0
