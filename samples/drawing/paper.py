"""The surface of drawing papers: a tooth without direction, which shows no grid however hard it is rubbed."""

from __future__ import annotations

import numpy as np

from .canvas import Sheet


def tooth(sheet: Sheet, grain: float) -> np.ndarray:
    """HW float32, mean 0, standard deviation 1: hills and hollows about `grain` units wide, and finer ones on them."""
    total = np.zeros(sheet.shape, np.float32)
    for size, weight in ((0.42 * grain, 1.0), (0.18 * grain, 0.45)):
        hills = sheet.blur(sheet.rng.standard_normal(sheet.shape, np.float32), size)
        total += weight * hills / (hills.std() + 1e-6)
    return total / (total.std() + 1e-6)
