"""Samples and their alpha side by side, as encoders take them."""

from __future__ import annotations

import numpy as np

from portrait_nst.imaging.colour.depth import Codes
from portrait_nst.types import Samples


def stacked(samples: Samples) -> Codes:
    """(H, W) grey, or (H, W, 2 to 4): the values and, where there is one, the alpha."""
    values = samples.values if samples.alpha is None else np.dstack([samples.values, samples.alpha])
    return np.ascontiguousarray(values[..., 0] if values.shape[2] == 1 else values)
