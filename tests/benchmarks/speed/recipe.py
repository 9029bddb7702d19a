"""The reference recipe: neural style transfer as the well-known tools do it, written out in plain torch.

Gatys, Ecker & Bethge 2015 as in neural-style-pt, PytorchNeuralStyleTransfer and torch's tutorial: VGG-19 as a sequence of
channels-first modules in float32, average pooling, the whole picture at one scale, plain pixels that begin as the content,
and torch.optim.LBFGS with lr = 1, a history of 100 and no line search. ``max_iter`` is 1 a call, which is one evaluation and
the same path as 20 a call. Tolerances are 0, so that it does not stop early. Masks, layers, weights and
the form of each term are this project's own, so that both minimise the same number (style over one level).

It is minimised times `SCALE`, as the tools' losses are large numbers (pystiche's tolerances are made for such); from 1 to 1e8
the path is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from portrait_nst.encoders import Encoder
from portrait_nst.encoders.vgg import Vgg
from portrait_nst.transfer import functional
from portrait_nst.transfer.objective.terms import Weights

SCALE = 1e6
HISTORY = 100


class PlainVgg(nn.Module):
    """`encoder`'s VGG as modules one after the other; `forward` gives the rectified maps asked for."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        net = encoder.net
        assert isinstance(net, Vgg)
        self.mean, self.std, self.bgr = net.mean, net.std, net.bgr
        self.names: list[str] = []
        parts: list[nn.Module] = []
        for block, widths in enumerate(net.widths, start=1):
            if block > 1:
                parts.append(nn.AvgPool2d(2))
                self.names.append("")
            for index in range(1, len(widths) + 1):
                known = net.convolutions[f"conv{block}_{index}"]
                assert isinstance(known, nn.Conv2d)
                convolution = nn.Conv2d(known.in_channels, known.out_channels, 3, padding=1)
                convolution.load_state_dict(known.state_dict())
                parts += [convolution, nn.ReLU()]
                self.names += ["", f"relu{block}_{index}"]
        self.parts = nn.Sequential(*parts).requires_grad_(False).eval()

    def forward(self, image: Tensor, layers: set[str]) -> dict[str, Tensor]:
        found: dict[str, Tensor] = {}
        x = ((image.flip(1) if self.bgr else image) - self.mean) / self.std
        for name, part in zip(self.names, self.parts):
            x = part(x)
            if name in layers:
                found[name] = x[0]
                if len(found) == len(layers):
                    break
        return found


class PlainObjective:
    """``objective(image)``: the sum that `transfer.Objective` has for one region, one level and the "relative" form."""

    def __init__(self, encoder: Encoder, content: Tensor, mask: Tensor, style: Tensor, weights: Weights) -> None:
        """`content` and `style` are (1, 3, H, W) RGB in [0, 1], `mask` (H, W) the region of the content."""
        assert weights.form == "relative" and weights.style_loss == "gram" and not encoder.bases
        self.net, self.mask, self.weights = PlainVgg(encoder), mask, weights
        self.layers = {name for name, weight in (*weights.style_layers, *weights.content_layers) if weight}
        self.guides = {name: functional.propagate_guide(mask[None], encoder.geometry(name))[0] for name in self.layers}
        whole = torch.ones(style.shape[-2:])
        ones = {name: functional.propagate_guide(whole[None], encoder.geometry(name))[0] for name in self.layers}
        with torch.no_grad():
            maps = self.net(style, {name for name, weight in weights.style_layers if weight})
            self.grams = {name: gram(features, ones[name]) for name, features in maps.items()}
            self.targets = self.net(content, {name for name, weight in weights.content_layers if weight})
        self.spreads = {name: self._spread(target, self.guides[name]) for name, target in self.targets.items()}

    @staticmethod
    def _spread(target: Tensor, guide: Tensor) -> float:
        share = guide / guide.sum()
        mean = (target * share).sum((1, 2), keepdim=True)
        return float(((target - mean).square() * share).sum() * guide.sum())

    def __call__(self, image: Tensor) -> Tensor:
        maps = self.net(image, self.layers)
        total = self.weights.tv * variation(image[0], self.mask) + (image - image.clamp(0, 1)).square().mean()
        shares = sum(weight for _, weight in self.weights.style_layers)
        for name, weight in self.weights.style_layers:
            target = self.grams[name]
            error = (gram(maps[name], self.guides[name]) - target).square().sum() / target.square().sum()
            there = functional.presence(self.guides[name])
            total = total + self.weights.style * weight / shares * there * error
        shares = sum(weight for _, weight in self.weights.content_layers)
        for name, weight in self.weights.content_layers:
            error = ((maps[name] - self.targets[name]).square() * self.guides[name]).sum() / self.spreads[name]
            total = total + self.weights.content * weight / shares * error
        return total

    def facts(self, content: Tensor, style: Tensor) -> dict[str, Any]:
        """All that another library needs for the same sum, as tensors, numbers and names."""
        styles = sum(weight for _, weight in self.weights.style_layers)
        contents = sum(weight for _, weight in self.weights.content_layers)
        w, net = self.weights, self.net
        return {
            "mean": net.mean, "std": net.std, "bgr": net.bgr, "names": net.names, "state": net.parts.state_dict(),
            "guides": self.guides, "mask": self.mask, "start": content, "picture": style, "tv": w.tv,
            "style": {n: w.style * weight / styles * functional.presence(self.guides[n]) for n, weight in w.style_layers},
            "content": {n: (w.content * weight / contents, self.spreads[n]) for n, weight in w.content_layers},
        }  # fmt: skip


def gram(features: Tensor, guide: Tensor) -> Tensor:
    flat, weights = features.flatten(1), guide.flatten()
    return (flat * weights) @ flat.T / weights.sum()


def variation(image: Tensor, mask: Tensor) -> Tensor:
    right = image[:, :-1, 1:] - image[:, :-1, :-1]
    down = image[:, 1:, :-1] - image[:, :-1, :-1]
    return ((right.square() + down.square()).sum(0) * mask[:-1, :-1]).sum() / mask[:-1, :-1].sum()


def minimise(
    objective: Callable[[Tensor], Tensor], start: Tensor, iterations: int, seen: Callable[[int, Tensor, float], None]
) -> None:
    """L-BFGS from `start`; ``seen(iteration, picture, value)`` after each step, the value being that before the step."""
    image = start.clone().requires_grad_(True)
    optimiser = torch.optim.LBFGS(
        [image], lr=1, max_iter=1, history_size=HISTORY, tolerance_grad=0, tolerance_change=0, line_search_fn=None
    )

    def closure() -> Tensor:
        optimiser.zero_grad()
        loss = SCALE * objective(image)
        loss.backward()
        return loss

    for iteration in range(1, iterations + 1):
        loss = optimiser.step(closure)
        seen(iteration, image.detach(), float(loss.detach()) / SCALE)
