"""The terms of a picture whose feature maps are held as a whole: one level of the image pyramid, or all of them together."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from portrait_nst.transfer.functional import image_levels
from portrait_nst.transfer.objective.terms import JointTerms, Terms


def evaluate(terms: Terms, level: int, image: Tensor) -> dict[str, Tensor]:
    """The terms of one `level` of the image pyramid, which is `image` (1, 3, H, W), with graph."""
    features = terms.features(level, image)
    found = _of_maps(terms, level, features) if features else {}
    if level == 0:
        found["tv"] = terms.smoothness(image, terms.tv_mask)
    return found


def evaluate_jointly(terms: Terms, image: Tensor, local: JointTerms) -> dict[str, Tensor]:
    """The terms of all levels of `image` (1, 3, H, W) at once, with graph, as terms that compare several of them need it.

    No pass through the network is done twice.
    """
    found: dict[str, Tensor] = {}
    maps: dict[tuple[int, str], Tensor] = {}
    for level, scaled in enumerate(image_levels(image, terms.levels)):
        names = {name for at, name in local.keys if at == level}
        features = terms.features(level, scaled, names)
        maps.update({(level, name): features[name] for name in names})
        for name, value in _of_maps(terms, level, features).items():
            found[name] = found[name] + value if name in found else value
    found |= local(image, maps)
    if terms.identity is not None:
        found["identity"] = terms.identity_weight * terms.identity(image)
    found["tv"] = terms.smoothness(image, terms.tv_mask)
    return found


def _of_maps(terms: Terms, level: int, features: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A level's terms for its feature maps."""
    found: dict[str, Tensor] = {}
    statistics = [terms.statistics(t.layer, features[t.layer], t.guide) for t in terms.style_terms[level]]
    if statistics:
        found["style"] = terms.style(level, statistics)
    content = [term.distance(features[term.layer]) for term in terms.content_at(level)]
    if content:
        found["content"] = torch.cat(content).sum()
    return found
