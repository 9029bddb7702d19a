"""The photo as the engine holds it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from portrait_nst import Settings, encoders
from portrait_nst.planning import Extent
from portrait_nst.transfer import EngineConfig, StylePart, StyleSource, build_config
from portrait_nst.transfer.objective.tiles import Tiling
from portrait_nst.transfer.photo_inputs import PhotoInputs

RNG = np.random.default_rng(0)
PHOTO = RNG.integers(0, 256, (300, 400, 3)).astype(np.uint8)
REGION = np.zeros((300, 400), np.float32)
REGION[200:280, 250:330] = 1
STYLE = [StyleSource((StylePart(RNG.random((32, 32, 3), np.float32)),), REGION)]


@pytest.fixture(scope="module")
def config() -> EngineConfig:
    settings = Settings(size=400, scales=(0.25, 0.5, 1.0), recolour=0.0, device="cpu")
    return build_config(settings, encoders.get("embedded"), 300, 400)


def test_a_small_photo_is_held_as_it_is(config: EngineConfig) -> None:
    inputs = PhotoInputs(PHOTO, STYLE, config, None, None)
    assert inputs.crop.all and inputs.faces is None and inputs.initial_image is None
    assert np.allclose(inputs.content * 255, PHOTO, atol=1e-3)
    part = np.zeros((300, 400, 3), np.float32)
    assert inputs.in_photo(part) is part


def test_of_a_large_photo_only_the_part_around_the_painting_is_held(config: EngineConfig) -> None:
    large = replace(config, tiling=Tiling(64, 10_000))
    inputs = PhotoInputs(PHOTO, STYLE, large, REGION, PHOTO.astype(np.float32) / np.float32(255))
    assert not inputs.crop.all and inputs.content.dtype == np.float16
    assert inputs.faces is not None and inputs.initial_image is not None
    assert inputs.faces.shape == inputs.content.shape[:2] == inputs.initial_image.shape[:2] == inputs.sizes[-1]
    whole = inputs.in_photo(np.zeros((*inputs.sizes[-1], 3), np.float32))
    assert whole.shape == (300, 400, 3) and not whole[200:280, 250:330].any() and whole[:50].any()


def test_canvases_are_those_of_the_plan_within_four_pixels(config: EngineConfig) -> None:
    inputs = PhotoInputs(PHOTO, STYLE, config, None, None)
    canvases = inputs.canvas_sizes()
    assert canvases == [inputs.at(size)[2].shape for size in inputs.sizes]
    for canvas, size in zip(canvases, config.sizes, strict=True):
        planned = Extent.of(REGION).canvas(size)
        assert all(abs(one - other) <= 4 for one, other in zip(canvas, planned))
