"""Portraits for the pop-art tests: real ones with hand-set faces, so that no detector is needed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from portrait_nst.pop_art import PopartResult, PopartSettings, compose_portrait
from portrait_nst.types import Face, FloatArray, UInt8Array


@dataclass(frozen=True, eq=False)
class Portrait:
    """A photo, its matte and its face."""

    rgb: UInt8Array
    alpha: FloatArray
    face: Face

    def compose(self, **settings: Any) -> PopartResult:
        """Its pop art, with some settings changed."""
        return compose_portrait(self.rgb, self.alpha, self.face, PopartSettings(**settings))


def outlined(size: tuple[int, int], *shapes: tuple[tuple[float, float], ...]) -> FloatArray:
    """A matte (h, w) that is 1 in polygons given in shares of (width, height), a little soft at the edge."""
    height, width = size
    alpha = np.zeros(size, np.float32)
    for shape in shapes:
        cv2.fillPoly(alpha, [np.rint(np.array(shape) * (width, height)).astype(np.int32)], 1)
    return np.asarray(cv2.GaussianBlur(alpha, (0, 0), width / 250), np.float32)


@pytest.fixture(scope="session")
def grace(samples: Path) -> Portrait:
    """Grace Hopper, whose silhouette is drawn by hand here."""
    rgb = np.array(Image.open(samples / "grace_hopper.jpg").convert("RGB"))
    head = (
        (0.33, 0.24),
        (0.35, 0.1),
        (0.48, 0.02),
        (0.62, 0.06),
        (0.7, 0.16),
        (0.7, 0.4),
        (0.62, 0.58),
        (0.4, 0.58),
        (0.32, 0.4),
    )
    body = ((0.02, 1), (0.06, 0.66), (0.38, 0.53), (0.64, 0.53), (0.92, 0.62), (1, 1))
    face = Face(
        (171, 146, 194, 194),
        ((228, 197), (304, 197), (262, 241), (264, 282), (189, 217), (352, 216)),
        0.93,
    )
    return Portrait(rgb, outlined(rgb.shape[:2], head, body), face)


@pytest.fixture(scope="session")
def ramp(grace: Portrait) -> PopartResult:
    return grace.compose()


@pytest.fixture(scope="session")
def facets(grace: Portrait) -> PopartResult:
    return grace.compose(mode="facets")


@pytest.fixture(scope="session")
def dots(grace: Portrait) -> PopartResult:
    return grace.compose(mode="dots")


@pytest.fixture(scope="session")
def grid(grace: Portrait) -> PopartResult:
    return grace.compose(mode="grid")
