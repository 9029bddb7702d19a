"""The mathematics of the losses as pure functions on batches: on any device, differentiable, no encoder needed.

    from portrait_nst.transfer import functional
    gram = functional.guided_gram(features, guide)  # features (B, C, H, W), guide (B or 1, H, W)

The engine uses these functions, and so do the modules of `portrait_nst.transfer.losses`. A *guide* gives the weight of each cell
of a feature map, from 0 to 1. Functions that compare return one value for each sample of the batch, (B,). Arguments whose shapes
do not fit raise a ValueError that names the actual and the expected shape; anything but a tensor raises a TypeError.

The rule for types: arguments are of any floating-point type, and guides, areas and weights also bool. Statistics have the type of
their features, and comparisons the type that has the precision of both sides, but at least float32 in any case: float16 and
bfloat16 are converted, and so are Gram matrices before linear algebra. Integers are refused with a ValueError, since a picture of
0 to 255 would be taken for one of 0 to 1. `image_levels` keeps the type of its picture. `match_distance` and `greatest_products`,
which act on the parts of a search, do not check or convert anything.
"""

from portrait_nst.transfer.functional.content import content_distance, content_factor, squared_errors
from portrait_nst.transfer.functional.forms import FORMS, Form
from portrait_nst.transfer.functional.gaussian import wasserstein
from portrait_nst.transfer.functional.gram import (
    STATISTICS,
    apply_basis,
    feature_statistics,
    gram_distance,
    guided_gram,
    guided_mean,
)
from portrait_nst.transfer.functional.guidance import MODES, presence, propagate_guide, propagate_or_soft
from portrait_nst.transfer.functional.levels import image_levels, level_count
from portrait_nst.transfer.functional.nearest import (
    BLOCK,
    TIE,
    greatest_products,
    match_distance,
    nearest_distance,
    nearest_features,
)
from portrait_nst.transfer.functional.smoothness import range_penalty, total_variation

__all__ = [
    "BLOCK",
    "FORMS",
    "MODES",
    "STATISTICS",
    "TIE",
    "Form",
    "apply_basis",
    "content_distance",
    "content_factor",
    "feature_statistics",
    "gram_distance",
    "greatest_products",
    "guided_gram",
    "guided_mean",
    "image_levels",
    "level_count",
    "match_distance",
    "nearest_distance",
    "nearest_features",
    "presence",
    "propagate_guide",
    "propagate_or_soft",
    "range_penalty",
    "squared_errors",
    "total_variation",
    "wasserstein",
]
