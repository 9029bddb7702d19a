"""What several tests of the pipeline paint with."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.types import FloatArray


@pytest.fixture(scope="session")
def half_mask() -> FloatArray:
    """(160, 136): a mask of the small portrait with sharp edges."""
    mask = np.zeros((160, 136), np.float32)
    mask[40:, 30:100] = 1
    mask.flags.writeable = False
    return mask
