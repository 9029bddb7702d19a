"""The forecast of a painting's seconds, and what is left of it: by a made-up pace and clock, never by real ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from portrait_nst import Settings, encoders
from portrait_nst.encoders import Encoder
from portrait_nst.planning import Mode
from portrait_nst.transfer import (
    EngineConfig,
    StyleOptimizer,
    StylePart,
    StyleSource,
    TimeEstimate,
    build_config,
    engine,
    estimate_time,
    timing,
)
from portrait_nst.transfer.config import Nearest
from portrait_nst.transfer.objective.tiles import Tiling
from portrait_nst.transfer.optim import factory
from portrait_nst.transfer.timing import ETA, EvaluationCost
from portrait_nst.transfer.windowed_optimizer import windowed_evaluations


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return encoders.get("embedded")


@pytest.fixture(scope="module")
def config(encoder: Encoder) -> EngineConfig:
    return build_config(Settings(size=96, precision="float32", device="cpu"), encoder, 96, 96)


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "_known", {})


def style(side: int = 48) -> StyleSource:
    rng = np.random.default_rng(1)
    return StyleSource((StylePart(rng.random((side, side, 3), np.float32)),), np.ones((96, 96), np.float32))


def test_two_canvases_give_the_pace_and_a_larger_one_never_takes_less() -> None:
    squares = ((100, 100), (200, 200))
    for shapes in (squares, ((50, 200), (400, 100))):
        found = timing.fit_line(shapes, (0.03, 0.06))
        assert (found.fixed, found.per_megapixel) == pytest.approx((0.02, 1.0))
    assert timing.fit_line(squares, (0.05, 0.04)) == EvaluationCost(0.05, 0.0)
    assert timing.fit_line(squares, (0.01, 0.09)).fixed == 0


def test_a_canvas_in_tiles_costs_more_than_its_pixels() -> None:
    cost = EvaluationCost(0.5, 2.0)
    assert cost.seconds((1000, 1000)) == 2.5
    assert cost.seconds((1000, 1001), tiled=True) == pytest.approx((0.5 + 2.002) * timing.TILED)


def test_an_estimate_counts_evaluations_of_the_canvas_and_of_style_pictures(config: EngineConfig) -> None:
    two = replace(
        config, sizes=((200, 200), (400, 400)), iterations=(21, 10), jitter_every=10, tiling=Tiling(), nearest=None
    )
    cost, canvases = EvaluationCost(0.1, 10.0), [(98, 148), (148, 248)]

    def estimate(**changes: Any) -> TimeEstimate:
        return timing.time_estimate(cost, replace(two, **changes), canvases, 3)

    found = estimate()
    small, large = (0.1 + 10 * 98 * 148 / 1e6), (0.1 + 10 * 148 * 248 / 1e6)
    assert found.step == pytest.approx((small * 23 / 21, large))  # the grid is moved twice, and never
    seen = (0.1 + 10 * 0.04, 0.1 + 10 * 0.16)
    wanted = [timing.ENTER * each + timing.TARGETS * 3 * style for each, style in zip((small, large), seen)]
    assert found.enter == pytest.approx(wanted)
    assert found.seconds == pytest.approx(sum(wanted) + 23 * small + 10 * large)
    assert estimate(canvas="pixels").step == pytest.approx((small, large))
    asking = estimate(nearest=Nearest(0.1))
    assert asking.step == pytest.approx((small * (23 + 2 * timing.ASK) / 21, large))
    more = [timing.ASK * each + timing.CODEBOOK * 3 * style for each, style in zip((small, large), seen)]
    assert asking.enter == pytest.approx([a + b for a, b in zip(wanted, more)])


def test_an_estimate_goes_by_the_mode_of_each_scale(config: EngineConfig) -> None:
    two = replace(config, sizes=((200, 200), (400, 400)), iterations=(9, 9), nearest=None, jitter_every=0)
    cost, canvases = EvaluationCost(0.1, 10.0), [(232, 232), (432, 432)]
    modes: list[Mode] = ["whole", "tiled", "windowed"]
    whole, tiled, windowed = (
        timing.time_estimate(cost, replace(two, modes=("whole", mode)), canvases, 1).step for mode in modes
    )
    assert whole[0] == tiled[0] == windowed[0] and tiled[1] == pytest.approx(timing.TILED * whole[1])
    evaluations = windowed_evaluations((432, 432), 9, "cpu")
    assert windowed[1] == pytest.approx(whole[1] * evaluations / 9)


ESTIMATE = TimeEstimate(enter=(1.0, 3.0, 10.0), step=(0.1, 0.5, 2.0), steps=(10, 6, 5))


@pytest.mark.parametrize("slower", [0.5, 1.0, 3.0])
def test_what_is_left_is_right_across_scales_at_any_pace(slower: float) -> None:
    relative, absolute = ETA(ESTIMATE, absolute=False), ETA(ESTIMATE, absolute=True)
    spent, errors = 0.0, []
    for scale, (enter, each, count) in enumerate(zip(ESTIMATE.enter, ESTIMATE.step, ESTIMATE.steps)):
        spent += slower * enter
        for done in range(1, count + 1):
            spent += slower * each
            left = slower * ESTIMATE.seconds - spent
            assert relative.seconds(scale, done / count, spent) == pytest.approx(left, abs=1e-9)
            errors.append(abs(absolute.seconds(scale, done / count, spent) - left) / ESTIMATE.seconds / slower)
    assert errors[-1] == pytest.approx(0, abs=1e-9) and max(errors[-5:]) < 0.1
    assert max(errors) < abs(1 / slower - 1) or slower == 1


def test_a_scale_that_settles_early_does_not_count_as_slow_or_fast() -> None:
    remaining = ETA(ESTIMATE, absolute=False)
    remaining.seconds(0, 0.4, 1.0 + 4 * 0.1)
    assert remaining.seconds(1, 1 / 6, 1.4 + 3.5) == pytest.approx(5 * 0.5 + 10 + 5 * 2)


def test_a_short_disturbance_at_the_start_does_not_stretch_the_forecast() -> None:
    disturbed, believed = ESTIMATE.enter[0] * 4 + 0.1, ETA(ESTIMATE, absolute=True)
    ratio = believed.seconds(0, 0.1, disturbed) / (ESTIMATE.seconds - ESTIMATE.enter[0] - 0.1)
    assert 1 < ratio < 3 < ETA(ESTIMATE, absolute=False).seconds(0, 0.1, disturbed) / ESTIMATE.seconds


class Clock:
    """Time that passes only when told to."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


def test_the_steps_of_a_painting_know_what_is_left(
    encoder: Encoder, config: EngineConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(config, sizes=((32, 32), (64, 64)), iterations=(3, 2), tolerance=0.0)
    expected = TimeEstimate((2.0, 4.0), (1.0, 5.0), (3, 2))
    clock = Clock()
    monkeypatch.setattr(engine, "time", clock)
    painter = StyleOptimizer(encoder, np.full((64, 64, 3), 0.5, np.float32), [style()], config)
    costs = iter([2 + 1, 1, 1, 4 + 5, 5])  # of a machine as forecast

    class Slow:
        def __init__(self, optimiser: Any) -> None:
            self.optimiser = optimiser

        def __getattr__(self, name: str) -> Any:
            return getattr(self.optimiser, name)

        def step(self) -> str:
            clock.now += next(costs)
            return str(self.optimiser.step())

    known = factory.make_optimizer
    monkeypatch.setattr(engine, "make_optimizer", lambda *args: Slow(known(*args)))
    steps = list(painter.steps(expected))
    assert [step.seconds for step in steps] == [3, 4, 5, 14, 19]
    assert [step.seconds_left for step in steps] == pytest.approx([16, 15, 14, 5, 0])


def test_the_pace_is_measured_once_for_each_way_to_work(
    encoder: Encoder, config: EngineConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[tuple[int, int], int]] = []

    def evaluation(_: Encoder, config: EngineConfig, shape: tuple[int, int], targets: list[Any], book: Any) -> float:
        asked.append((shape, len(targets)))
        return 0.01 + shape[0] * shape[1] / 1e6

    monkeypatch.setattr(timing, "_evaluation", evaluation)
    found = timing.measured(encoder, config)
    assert found is not None and (found.fixed, found.per_megapixel) == pytest.approx((0.01, 1.0))
    assert timing.measured(encoder, replace(config, sizes=((9, 9),), iterations=(1,), seed=3)) is found
    squares = [(side, side) for side in timing.SIDES]
    assert asked == [(shape, 1) for shape in squares]
    timing.measured(encoder, replace(config, bf16=True))
    timing.measured(encoder, config, regions=2)
    assert asked[2:] == [*((shape, 1) for shape in squares), *((shape, 2) for shape in squares)]


@pytest.mark.parametrize(
    "own, shapes",
    [
        ([(50, 90), (200, 300)], [(50, 90), (200, 300)]),
        ([(50, 90), (70, 100), (200, 300), (400, 600)], [(50, 90), (70, 100)]),
        ([(20, 30), (50, 90), (200, 300)], [(50, 90), (200, 300)]),  # the first is too small to tell
        ([(50, 90), (400, 600)], None),  # the second takes too long
        ([(20, 30), (50, 90)], None),
        ([], None),
    ],
)
def test_two_small_ones_of_a_paintings_own_canvases_are_measured(
    own: list[tuple[int, int]],
    shapes: list[tuple[int, int]] | None,
    encoder: Encoder,
    config: EngineConfig,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[int, int]] = []

    def evaluation(_: Encoder, config: EngineConfig, shape: tuple[int, int], *rest: Any) -> float:
        asked.append(shape)
        return 0.01 + 2 * shape[0] * shape[1] / 1e6

    monkeypatch.setattr(timing, "_evaluation", evaluation)
    found = timing.measured(encoder, config, own=own)
    assert asked == (shapes or [(side, side) for side in timing.SIDES])
    assert found is not None and (found.fixed, found.per_megapixel) == pytest.approx((0.01, 2.0))


def test_what_is_measured_are_the_canvases_that_will_be_painted(
    encoder: Encoder, config: EngineConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(config, sizes=((80, 80), (160, 160)), iterations=(1, 1), beyond=8, grid=1)
    region = np.zeros((160, 160), np.float32)
    region[30:150, 20:110] = 1
    painter = StyleOptimizer(
        encoder, np.full((160, 160, 3), 0.5, np.float32), [replace(style(), region=region)], config
    )
    measured: list[tuple[int, int]] = []
    painted: list[tuple[int, ...]] = []

    def evaluation(_: Encoder, config: EngineConfig, shape: tuple[int, int], *rest: Any) -> float:
        measured.append(shape)
        return 0.1

    monkeypatch.setattr(timing, "_evaluation", evaluation)
    assert estimate_time(painter) is not None
    known = factory.make_optimizer

    def make_optimizer(canvas: Any, *rest: Any) -> Any:
        painted.append(tuple(canvas.union.shape))
        return known(canvas, *rest)

    monkeypatch.setattr(engine, "make_optimizer", make_optimizer)
    list(painter.steps(None))
    assert measured == painted and len(measured) == 2


@pytest.mark.parametrize("changes", [{}, {"optimizer": "adam"}, {"canvas": "pixels"}, {"grey": True}])
def test_it_measures_what_will_be_painted_and_leaves_no_trace(
    encoder: Encoder, config: EngineConfig, changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "SIDES", (32, 48))
    before = torch.get_rng_state()
    found = timing.measured(encoder, replace(config, **changes))
    assert found is not None and found.fixed + found.per_megapixel > 0
    assert torch.equal(before, torch.get_rng_state())


def test_what_cannot_be_measured_is_not_forecast(
    encoder: Encoder, config: EngineConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> float:
        raise RuntimeError("not enough memory: you tried to allocate 9 bytes")

    monkeypatch.setattr(timing, "_evaluation", fail)
    short = replace(config, sizes=((64, 64),), iterations=(3,), tolerance=0.0)
    painter = StyleOptimizer(encoder, np.full((64, 64, 3), 0.5, np.float32), [style()], short)
    assert estimate_time(painter) is None
    assert list(painter.steps(None))[-1].seconds_left == 0
