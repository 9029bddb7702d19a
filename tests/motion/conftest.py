"""The samples as photos of 352 px."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from portrait_nst.types import UInt8Array


def _square(path: Path) -> UInt8Array:
    with Image.open(path) as image:
        rgb = np.asarray(image.convert("RGB"))
    side = min(rgb.shape[:2])
    return np.asarray(cv2.resize(rgb[:side, :side], (352, 352), interpolation=cv2.INTER_AREA))


@pytest.fixture(scope="session")
def photo(samples: Path) -> UInt8Array:
    return _square(samples / "astronaut.jpg")


@pytest.fixture(scope="session")
def other(samples: Path) -> UInt8Array:
    return _square(samples / "grace_hopper.jpg")
