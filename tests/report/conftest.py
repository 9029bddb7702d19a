"""A made-up run, so that most tests of reports paint nothing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest

from portrait_nst.report import Trace
from portrait_nst.types import Step


def losses(step: int, level: float = 1.0) -> dict[str, float]:
    style, content, tv = level / (1 + step), 0.02 * level, 0.001
    return {"style": style, "content": content, "tv": tv, "total": style + content + tv}


def made_up_trace(name: str = "run", level: float = 1.0, steps: int = 30) -> Trace:
    scales = ((0, (40, 30)), (12, (80, 60)), (24, (120, 90)))
    return Trace(name, [losses(i, level) for i in range(steps)], scales, 3.2)


def gradient(height: int, width: int, blue: int = 128) -> np.ndarray:
    """(height, width, 3) uint8: smooth, so that films keep it nearly unchanged."""
    y, x = np.mgrid[:height, :width]
    planes = np.stack([y * 255 / height, x * 255 / width, np.full((height, width), blue)], 2)
    return planes.astype(np.uint8)


def made_up_steps(count: int) -> Iterator[Step]:
    for i in range(count):
        scale = 3 * i // count
        size = (40 * (scale + 1), 30 * (scale + 1))
        image = gradient(*size, blue=255 * i // count)
        yield Step(scale, 3, i, count, losses(i), float(i), 0.0, size, partial(np.copy, image))


@pytest.fixture
def trace() -> Trace:
    return made_up_trace()
