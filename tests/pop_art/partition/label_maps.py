"""Label maps for tests of what is traced from them."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

label_maps = array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12).flatmap(
    lambda shape: arrays(np.int32, shape, elements=st.integers(0, 3))
)


def areas(polygons: list[shapely.Polygon], owners: list[int], count: int) -> NDArray[np.float64]:
    """The (count,) area of each region."""
    return np.asarray(np.bincount(owners, [p.area for p in polygons], minlength=count), float)
