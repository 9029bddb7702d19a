"""The committed sample portraits, and their mattes (made once)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from portrait_nst import segmentation
from portrait_nst.types import Matte, Photo

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


def read(name: str) -> Photo:
    import cv2

    picture = cv2.imread(str(SAMPLES / f"{name}.jpg"), cv2.IMREAD_COLOR)
    assert picture is not None, f"samples/{name}.jpg is missing"
    return Photo(np.ascontiguousarray(picture[:, :, ::-1]))


def resized(photo: Photo, width: int, height: int) -> Photo:
    import cv2

    return Photo(np.asarray(cv2.resize(photo.rgb, (width, height), interpolation=cv2.INTER_AREA)))


@pytest.fixture(scope="session")
def grace() -> Photo:
    return read("grace_hopper")


@pytest.fixture(scope="session")
def astronaut() -> Photo:
    return read("astronaut")


@pytest.fixture(scope="session")
def pair(grace: Photo, astronaut: Photo) -> Photo:
    """Both sitters side by side, Grace Hopper on the left."""
    height = 512
    left = resized(grace, round(grace.width * height / grace.height), height)
    right = resized(astronaut, round(astronaut.width * height / astronaut.height), height)
    return Photo(np.hstack([left.rgb, right.rgb]))


@pytest.fixture(scope="session")
def grace_matte(grace: Photo) -> Matte:
    return segmentation.person(grace)


@pytest.fixture(scope="session")
def astronaut_matte(astronaut: Photo) -> Matte:
    return segmentation.person(astronaut)
