"""Where the content of the photo counts more: by a given map, and at faces as their likeness asks for."""

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
    """The additional weight of the content, place by place; a goal of likeness changes it while the painting goes on."""

    def __init__(self, crop: Crop, weight_map: FloatArray | None, portrait: Portrait | None) -> None:
        """Take `weight_map` (H, W; >= 0; 1 doubles the content's weight) and the faces of `portrait`, both of the whole photo."""
        self.crop, self.portrait = crop, portrait
        self.weight_map = None if weight_map is None else crop.cut(weight_map)
        self.controller: LikenessController | None = None
        if portrait is not None and portrait.goal and portrait.measure is not None:
            self.controller = LikenessController(portrait.goal, portrait.measure)

    @property
    def at_faces(self) -> float:
        """How many times the weight at faces is what it would be without a goal of likeness."""
        return 1.0 if self.controller is None else self.controller.firmness

    @property
    def most_extra_steps(self) -> int:
        """How many steps more than planned the finest scale may take."""
        return 0 if self.controller is None else self.controller.rounds * self.controller.extra

    def at(self, size: Size) -> FloatArray | None:
        """The weights, (h, w), over the crop at one of its sizes; None for no additional weight anywhere."""
        weights = None if self.weight_map is None else sized(self.weight_map, size)
        if self.controller is not None and self.portrait is not None:
            weights = self.controller.weight_map(weights, colour.resize(self.crop.cut(self.portrait.face), size))
        return weights

    def changed(self, scale: int, iteration: int, image: Image) -> bool:
        """Whether the weights are others than before, after the likeness of `image` was measured, where that was due."""
        if self.controller is None or not self.controller.due(scale, len(self.crop.sizes), iteration):
            return False
        return self.controller.look(image())

    def extra_steps(self, scale: int, image: Image) -> int:
        """How many steps more the faces in `image` need at the end of a scale, with other weights than before."""
        last = scale + 1 == len(self.crop.sizes)
        return self.controller.more(image()) if self.controller is not None and last else 0
