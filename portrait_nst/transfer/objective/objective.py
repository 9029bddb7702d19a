"""The weighted sum of all terms and its gradient, for a picture whose feature maps are computed as a whole or in tiles."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from portrait_nst.transfer.functional import image_levels
from portrait_nst.transfer.objective import tiled
from portrait_nst.transfer.objective.backward import backward_from
from portrait_nst.transfer.objective.terms import JointTerms, Terms


class Objective(Terms):
    """The weighted sum of all terms for one canvas, or for a part of it, and its gradient.

    Levels of the image pyramid are differentiated one after the other, so that memory holds the maps of one level only. A level
    that is too large for that is processed tile by tile. Terms that compare several levels need the maps of all levels at once.
    """

    def __call__(self, image: Tensor) -> tuple[dict[str, float], Tensor]:
        """Weighted terms and the gradient (1, 3, H, W) of their sum at `image` (1, 3, H, W)."""
        leaf = image.detach().requires_grad_(True)
        sums = {"content": 0.0, "style": 0.0, "tv": 0.0}
        if callable(self.local):
            found = self._jointly(leaf, self.local)
            torch.autograd.backward(torch.stack(list(found.values())).sum())
            sums |= {name: float(value.detach()) for name, value in found.items()}
        else:
            if self.local is not None:
                found, leaf.grad = self.local.evaluate(leaf.detach())
                sums |= {name: float(value) for name, value in found.items()}
            for level, scaled in enumerate(image_levels(leaf, self.levels)):
                for name, value in self._level(level, scaled).items():
                    sums[name] = sums.get(name, 0.0) + float(value.detach())
        assert leaf.grad is not None
        return {**sums, "total": sum(sums.values())}, leaf.grad

    def _level(self, level: int, image: Tensor) -> dict[str, Tensor]:
        """The terms of one level, which is `image` (1, 3, H, W); their gradient is added to the gradient of the picture."""
        more = level + 1 < self.levels
        terms: dict[str, Tensor] = {}
        if level == 0:
            terms |= self.of_picture(image)
        if self.tiling.needed(image):
            found, gradient = tiled.evaluate(self, level, image.detach())
            backward_from(image, gradient, retain_graph=more or bool(terms))
            terms |= found
        else:
            features = self.features(level, image)
            terms |= self._of_maps(level, features) if features else {}
            if level == 0:
                terms["tv"] = self.smoothness(image, self.tv_mask)
        pulled = [term for term in terms.values() if term.requires_grad]
        if pulled:
            torch.autograd.backward(torch.stack(pulled).sum(), retain_graph=more)
        return terms

    def _jointly(self, image: Tensor, local: JointTerms) -> dict[str, Tensor]:
        """The terms of all levels of `image` (1, 3, H, W) at once, with graph, since `local` compares several of them.

        No pass through the network is done twice.
        """
        found: dict[str, Tensor] = {}
        maps: dict[tuple[int, str], Tensor] = {}
        for level, scaled in enumerate(image_levels(image, self.levels)):
            names = {name for at, name in local.keys if at == level}
            features = self.features(level, scaled, names)
            maps.update({(level, name): features[name] for name in names})
            for name, value in self._of_maps(level, features).items():
                found[name] = found[name] + value if name in found else value
        found |= local(image, maps) | self.of_picture(image)
        found["tv"] = self.smoothness(image, self.tv_mask)
        return found

    def _of_maps(self, level: int, features: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The style and content terms of a level for its feature maps."""
        found: dict[str, Tensor] = {}
        statistics = [self.statistics(t.layer, features[t.layer], t.guide) for t in self.style_terms[level]]
        if statistics:
            found["style"] = self.style(level, statistics)
        content = [term.distance(features[term.layer]) for term in self.content_at(level)]
        if content:
            found["content"] = torch.cat(content).sum()
        return found
