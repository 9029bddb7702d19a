"""The losses as modules: each holds its target, and is called with features or a picture.

    from portrait_nst.transfer import functional, losses
    style = losses.GuidedGramLoss(functional.guided_gram(style_features, style_guide), guide)
    content = losses.ContentLoss(content_features)
    (style(features) + 0.05 * content(features)).backward()

The modules are thin: the mathematics is that of `portrait_nst.transfer.functional`, which the engine itself uses. Each module
returns a scalar, the mean over the samples of a batch. `form` chooses a published form of the loss, see `functional.forms`:
"relative" (this project's own), "gatys2015", "gatys2016", "chollet" or "half". Targets, guides and weights are buffers, which
move with ``module.to(...)``. They are detached from the graph that computed them: gradients reach what a module is called with,
and nothing that it holds. Any floating-point types go together, as `portrait_nst.transfer.functional` says: a comparison is at
least in float32, also for a module in float16 or bfloat16, whose targets are then only as precise as that type.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from portrait_nst.transfer import functional
from portrait_nst.transfer.functional.batches import at_least_float32, require, require_square
from portrait_nst.transfer.functional.gram import require_basis

__all__ = ["ContentLoss", "GuidedGramLoss", "NearestFeatureLoss", "TotalVariationLoss"]


class _Loss(nn.Module):
    """A loss with the tensors that it compares with, which are detached, and the settings that its text names."""

    def __init__(self, tensors: dict[str, Tensor | None], **settings: object) -> None:
        super().__init__()
        self._settings = settings
        for name, tensor in tensors.items():
            self.register_buffer(name, None if tensor is None else tensor.detach())

    def extra_repr(self) -> str:
        """The shapes of the tensors, then the settings."""
        shapes = {name: tuple(tensor.shape) for name, tensor in self.named_buffers()}
        return ", ".join(f"{name}={value}" for name, value in (shapes | self._settings).items())


class GuidedGramLoss(_Loss):
    """How far the statistics of features inside a region are from a style's.

    >>> style = torch.tensor([[1.0, 2.0], [3.0, 4.0]]).view(1, 2, 1, 2)
    >>> loss = GuidedGramLoss(functional.guided_gram(style, torch.ones(1, 1, 2)))
    >>> loss(style), loss(0 * style)
    (tensor(0.), tensor(1.))
    """

    target: Tensor
    guide: Tensor | None
    basis: Tensor | None

    def __init__(
        self,
        target: Tensor,
        guide: Tensor | None = None,
        *,
        statistics: str = "gram",
        form: str = "relative",
        basis: Tensor | None = None,
        pixels: float | None = None,
    ) -> None:
        """`target` is (B or 1, C, C), or (B or 1, C+1, C+1) for "wasserstein", as `functional.feature_statistics` makes them.

        guide:      (B or 1, H, W; [0, 1]) at the layer's resolution, the region that takes the style; None for the whole map.
        statistics: "gram", or "wasserstein" for the distance between Gaussians.
        basis:      (C, C), the basis in which the target was computed.
        pixels:     the number of pixels of the region in the picture, by which the form "chollet" divides.
        All three tensors are detached. Raises ValueError for an unknown form or kind of statistics, for "chollet" without
        `pixels`, and for shapes and types that do not fit.
        """
        require_square("target", target, "B, C, C")
        if guide is not None:
            require("guide", guide, "B, H, W", mask=True)
        style = _form(form)
        if statistics not in functional.STATISTICS:
            known = ", ".join(functional.STATISTICS)
            raise ValueError(f"the kind of statistics must be one of {known}, not {statistics!r}")
        if form == "chollet" and pixels is None:
            raise ValueError("the form 'chollet' divides by the picture's pixels: give their number as `pixels`")
        require_basis(basis, target.shape[1] - (statistics == "wasserstein"), "target")
        super().__init__({"target": target, "guide": guide, "basis": basis}, statistics=statistics, form=form)
        self.form, self.statistics, self.relative = style, statistics, form == "relative"
        self.pixels = pixels or 0.0

    def forward(self, features: Tensor) -> Tensor:
        """The loss of `features` (B, C, H, W), a scalar; raises ValueError where their shape does not fit."""
        guide = _everywhere(features) if self.guide is None else self.guide
        found = functional.feature_statistics(features, guide, self.statistics, self.basis)
        if self.statistics == "wasserstein":
            return functional.wasserstein(found, self.target, relative=self.relative).mean()
        cells = at_least_float32(guide).sum() / len(guide)
        return self.form.style(found, self.target, cells, self.pixels).mean()


class NearestFeatureLoss(_Loss):
    """How far each cell of features is from the cell of a style that is most like it.

    The matches are searched at each call, unless they are given; `match` computes them, so that they can serve several calls.

    >>> style = torch.tensor([[0.0, 2.0], [3.0, 0.0]]).view(1, 2, 1, 2)
    >>> NearestFeatureLoss(style)(style.flip(3)).abs() < 1e-6
    tensor(True)
    """

    style: Tensor
    guide: Tensor | None

    def __init__(self, style: Tensor, guide: Tensor | None = None, *, tie: float = functional.TIE) -> None:
        """`style` is (B or 1, C, h, w); `guide` (B or 1, H, W; [0, 1]) the region that takes it, None for the whole picture.

        tie: weight of the squared distance beside the cosine distance.
        Both tensors are detached. Raises ValueError for shapes and types that do not fit.
        """
        require("style", style, "B, C, h, w")
        if guide is not None:
            require("guide", guide, "B, H, W", mask=True)
        super().__init__({"style": style, "guide": guide}, tie=tie)
        self.tie = tie

    def match(self, features: Tensor) -> Tensor:
        """The style's features that are most like `features` (B, C, H, W), of the same shape, without gradients."""
        index = functional.nearest_features(features, self.style).flatten(1)[:, None]
        cells = self.style.flatten(2).expand(len(features), -1, -1)
        return cells.gather(2, index.expand(-1, cells.shape[1], -1)).view(features.shape)

    def forward(self, features: Tensor, matches: Tensor | None = None) -> Tensor:
        """The loss of `features` (B, C, H, W), a scalar, from their `matches`; None searches the matches of these features."""
        matches = self.match(features) if matches is None else matches
        return functional.nearest_distance(features, matches, self.guide, self.tie).mean()


class ContentLoss(_Loss):
    """How far features are from a content picture's.

    >>> target = torch.tensor([0.0, 2.0]).view(1, 1, 1, 2)
    >>> ContentLoss(target)(torch.ones(1, 1, 1, 2)), ContentLoss(target, form="half")(torch.ones(1, 1, 1, 2))
    (tensor(1.), tensor(1.))
    """

    target: Tensor
    weight: Tensor
    mantissa: Tensor
    exponent: Tensor

    def __init__(
        self, target: Tensor, area: Tensor | None = None, weight: Tensor | None = None, *, form: str = "relative"
    ) -> None:
        """`target` is (B or 1, C, H, W), `area` (B or 1, H, W; [0, 1]) the region of the content, None for all.

        weight: (B or 1, H, W; >= 0), the weight of the errors; None for the area.
        All tensors are detached. Raises ValueError for shapes and types that do not fit and for an unknown form.
        """
        require("target", target, "B, C, H, W")
        area = _everywhere(target) if area is None else area
        require("area", area, "B, H, W", mask=True)
        weight = area if weight is None else weight
        require("weight", weight, "B, H, W", mask=True)
        # The factor, about 1e-7 for a large layer, would underflow in a module in float16. In two parts it does not.
        mantissa, exponent = torch.frexp(_form(form).factor(target.detach(), area.detach()))
        super().__init__({"target": target, "weight": weight, "mantissa": mantissa, "exponent": exponent}, form=form)

    def forward(self, features: Tensor) -> Tensor:
        """The loss of `features` (B, C, H, W), a scalar; raises ValueError where their shape does not fit."""
        factor = torch.ldexp(at_least_float32(self.mantissa), self.exponent)
        return (factor * functional.squared_errors(features, self.target, self.weight)).mean()


class TotalVariationLoss(_Loss):
    """How far a picture is from being smooth, and how far its values lie outside [0, 1].

    >>> TotalVariationLoss()(torch.tensor([[0.0, 1.0], [2.0, 9.0]]).view(1, 1, 2, 2))
    tensor(5.)
    """

    weight: Tensor | None

    def __init__(self, weight: Tensor | None = None, *, exponent: float = 2.0, within: float = 0.0) -> None:
        """`weight` (B or 1, H, W; >= 0) says which pixels count, `exponent` is that of `functional.total_variation`.

        within: weight of the mean squared excursion outside [0, 1], which is added to the variation.
        The tensor is detached. Raises ValueError for a shape or type that does not fit.
        """
        if weight is not None:
            require("weight", weight, "B, H, W", mask=True)
        super().__init__({"weight": weight}, exponent=exponent, within=within)
        self.exponent, self.within = exponent, within

    def forward(self, image: Tensor) -> Tensor:
        """The loss of `image` (B, C, H, W), a scalar; raises ValueError where its shape does not fit."""
        loss = functional.total_variation(image, self.weight, self.exponent).mean()
        return loss + self.within * functional.range_penalty(image).mean() if self.within else loss


def _form(name: str) -> functional.Form:
    """The form of this `name`. Raises ValueError for an unknown one."""
    if name not in functional.FORMS:
        raise ValueError(f"the form of a loss must be one of {', '.join(functional.FORMS)}, not {name!r}")
    return functional.FORMS[name]


def _everywhere(features: Tensor) -> Tensor:
    """A guide (1, H, W) that is 1 everywhere, in at least float32."""
    require("features", features, "B, C, H, W")
    return at_least_float32(features.new_ones(1, *features.shape[2:]))
