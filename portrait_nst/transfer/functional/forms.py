"""The published forms of the losses, and this project's own.

All forms act on guided means instead of sums, G = F T F^T / M with M = sum_p T_p cells (N channels, F of N x M). Where the guide
is 1 everywhere and the style has as many cells as the picture, each is the published formula to the letter:

``relative``   ||G - A||^2 / ||A||^2; content over the target's variance; layer weights add up to 1.
``gatys2015``  Gatys et al., arXiv:1508.06576: 1/(4 N^2 M^2) sum (MG - MA)^2 with w_l = 1/|L|; content 1/2 sum (F - P)^2.
``gatys2016``  the code of the CVPR paper: the mean of (G - A)^2 over N^2 entries, times 1000 / N^2; content mean (F - P)^2.
``chollet``    the Keras example: 1/(4 3^2 S^2) sum (MG - MA)^2 / |L| with S the picture's pixels; content sum (F - P)^2; total
               variation sum (dx^2 + dy^2)^1.25.
``half``       half the sum of squares over weighted layers: 1/2 sum w_l (G - A)^2 and 1/2 sum w_l (F - P)^2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from portrait_nst.transfer.functional.batches import at_least_float32
from portrait_nst.transfer.functional.content import content_factor
from portrait_nst.transfer.functional.gram import comparable, gram_distance

StyleDistance = Callable[[Tensor, Tensor, float | Tensor, float], Tensor]
ContentFactor = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Form:
    """One form of the losses.

    style:   (G (B, C, C), A (B or 1, C, C), M cells of the region at the layer, S pixels of the region) -> (B,), the layer's
             distance.
    factor:  (P (B, C, H, W), area (B or 1, H, W)) -> (B,), the factor of the sum of the content's squared errors.
    share:   how a style layer's weight counts among all: "sum" (over their sum), "count" (over their number) or "own".
    summed:  whether total variation is a sum over the region's pixels instead of a mean.
    style_weight, content_weight: the default weights of the terms.
    """

    style: StyleDistance
    factor: ContentFactor
    share: str
    summed: bool = True
    style_weight: float = 1.0
    content_weight: float = 1.0

    def layer_share(self, weight: float, weights: list[float]) -> float:
        """The share of a layer's `weight` among the `weights` of all style layers.

        >>> FORMS["relative"].layer_share(1.0, [1.0, 3.0]), FORMS["gatys2015"].layer_share(1.0, [1.0, 3.0])
        (0.25, 0.5)
        """
        if self.share == "own":
            return weight
        return weight / ((sum(weights) if self.share == "sum" else len(weights)) or 1.0)


def _squares(gram: Tensor, target: Tensor) -> Tensor:
    gram, target = comparable(gram, target)
    return (gram - target).square()


def _errors(gram: Tensor, target: Tensor) -> Tensor:
    return _squares(gram, target).sum((1, 2))


def _chollet(gram: Tensor, target: Tensor, cells: float | Tensor, pixels: float) -> Tensor:
    return _errors(gram, target) * (cells / max(pixels, 1.0)) ** 2 / (4 * 3**2)


def _constant(value: float) -> ContentFactor:
    return lambda target, area: target.new_full((len(target),), value, dtype=at_least_float32(area).dtype)


def _per_entry(target: Tensor, area: Tensor) -> Tensor:
    return (1 / (target.shape[1] * at_least_float32(area).sum((1, 2)).clamp_min(1e-6))).expand(len(target))


FORMS: dict[str, Form] = {
    "relative": Form(lambda gram, target, *_: gram_distance(gram, target), content_factor, "sum", summed=False),
    "gatys2015": Form(
        lambda gram, target, *_: _errors(gram, target) / (4 * gram.shape[1] ** 2),
        _constant(0.5),
        "count",
        style_weight=1e3,
    ),
    "gatys2016": Form(
        lambda gram, target, *_: _squares(gram, target).mean((1, 2)) * 1e3 / gram.shape[1] ** 2, _per_entry, "own"
    ),
    "chollet": Form(_chollet, _constant(1.0), "count", style_weight=1e-6, content_weight=2.5e-8),
    "half": Form(lambda gram, target, *_: _errors(gram, target) / 2, _constant(0.5), "own"),
}
