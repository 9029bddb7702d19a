"""The mathematics of the losses as pure functions on batches: any device, any dtype, differentiable, no encoder needed.

    from portrait_nst.transfer import functional
    gram = functional.guided_gram(features, guide)  # features (B, C, H, W), guide (B or 1, H, W)

The engine uses these functions, and so do the modules of `portrait_nst.transfer.losses`. A *guide* gives the weight of each cell
of a feature map, from 0 to 1. Functions that compare return one value for each sample of the batch, (B,). Arguments whose shapes
do not fit raise a ValueError that names the actual and the expected shape.
"""

from __future__ import annotations

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
