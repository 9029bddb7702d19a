"""The forecast of a painting's seconds, and what is left of it: by a made-up pace and clock, never by real ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from portrait_nst import Settings, encoders
from portrait_nst.encoders import Encoder
from portrait_nst.transfer import (
    EngineConfig,
    StyleOptimizer,
    StylePart,
    StyleSource,
    TimeEstimate,
    build_config,
    engine,
    timing,
)
from portrait_nst.transfer.config import Nearest
from portrait_nst.transfer.objective.tiles import Tiling
from portrait_nst.transfer.rect import rect_around
from portrait_nst.transfer.timing import ETA, Pace


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
        found = timing.line(shapes, (0.03, 0.06))
        assert (found.fixed, found.each) == pytest.approx((0.02, 1.0))
    assert timing.line(squares, (0.05, 0.04)) == Pace(0.05, 0.0)
    assert timing.line(squares, (0.01, 0.09)).fixed == 0


def test_a_canvas_in_tiles_costs_more_than_its_pixels(config: EngineConfig) -> None:
    at, tiled = Pace(0.5, 2.0), replace(config, tiling=Tiling(768, 1_000_000))
    assert at.seconds((1000, 1000), tiled) == 2.5
    assert at.seconds((1000, 1001), tiled) == pytest.approx((0.5 + 2.002) * timing.TILED)
    assert at.seconds((1000, 1001), replace(config, tiling=Tiling())) == pytest.approx(2.502)


@pytest.mark.parametrize("rows", [(0, 300), (40, 200), (299, 300)])
@pytest.mark.parametrize("columns", [(0, 10), (55, 133), (30, 240)])
def test_the_boxes_are_those_of_the_engine(rows: tuple[int, int], columns: tuple[int, int]) -> None:
    region = np.zeros((300, 240), np.float32)
    region[slice(*rows), slice(*columns)] = 1
    part, rest = region.copy(), region.copy()
    part[: rows[0] + 1], rest[rows[0] + 1 :] = 0, 0  # two regions make one box
    for regions in ([region], [part, rest]):
        (height, width), (half_height, half_width) = timing.boxes(regions, [(300, 240), (150, 120)])
        whole = rect_around(region).shape
        assert abs(height - whole[0]) <= 4 and abs(width - whole[1]) <= 4  # it may begin on a coarser grid
        own = rect_around(region.reshape(150, 2, 120, 2).max((1, 3))).shape
        assert abs(half_height - own[0]) <= 4 and abs(half_width - own[1]) <= 4


def test_an_outlook_counts_evaluations_of_the_box_and_style_pictures(config: EngineConfig) -> None:
    mask = np.zeros((400, 400), np.float32)
    mask[100:200, 100:300] = 1
    two = replace(
        config, sizes=((200, 200), (400, 400)), iterations=(21, 10), jitter_every=10, tiling=Tiling(), nearest=None
    )
    source = replace(style(), parts=style().parts * 3)
    found = timing.time_estimate(Pace(0.1, 10.0), two, two.sizes, [mask], [source])
    small, large = (0.1 + 10 * (50 + 48) * (100 + 48) / 1e6), (0.1 + 10 * (100 + 48) * (200 + 48) / 1e6)
    assert found.step == pytest.approx((small * 23 / 21, large))  # the grid is moved twice, and never
    seen = (0.1 + 10 * 0.04, 0.1 + 10 * 0.16)
    wanted = [timing.ENTER * each + timing.TARGETS * 3 * style for each, style in zip((small, large), seen)]
    assert found.enter == pytest.approx(wanted)
    assert found.seconds == pytest.approx(sum(wanted) + 23 * small + 10 * large)
    pixels = timing.time_estimate(Pace(0.1, 10.0), replace(two, canvas="pixels"), two.sizes, [mask], [source])
    assert pixels.step == pytest.approx((small, large))
    asking = timing.time_estimate(Pace(0.1, 10.0), replace(two, nearest=Nearest(0.1)), two.sizes, [mask], [source])
    assert asking.step == pytest.approx((small * (23 + 2 * timing.ASK) / 21, large))
    more = [timing.ASK * each + timing.CODEBOOK * 3 * style for each, style in zip((small, large), seen)]
    assert asking.enter == pytest.approx([a + b for a, b in zip(wanted, more)])


OUTLOOK = TimeEstimate(enter=(1.0, 3.0, 10.0), step=(0.1, 0.5, 2.0), steps=(10, 6, 5))


@pytest.mark.parametrize("slower", [0.5, 1.0, 3.0])
def test_what_is_left_is_right_across_scales_at_any_pace(slower: float) -> None:
    relative, absolute = ETA(OUTLOOK, absolute=False), ETA(OUTLOOK, absolute=True)
    spent, errors = 0.0, []
    for scale, (enter, each, count) in enumerate(zip(OUTLOOK.enter, OUTLOOK.step, OUTLOOK.steps)):
        spent += slower * enter
        for done in range(1, count + 1):
            spent += slower * each
            left = slower * OUTLOOK.seconds - spent
            assert relative.seconds(scale, done / count, spent) == pytest.approx(left, abs=1e-9)
            errors.append(abs(absolute.seconds(scale, done / count, spent) - left) / OUTLOOK.seconds / slower)
    assert errors[-1] == pytest.approx(0, abs=1e-9) and max(errors[-5:]) < 0.1
    assert max(errors) < abs(1 / slower - 1) or slower == 1


def test_a_scale_that_settles_early_does_not_count_as_slow_or_fast() -> None:
    remaining = ETA(OUTLOOK, absolute=False)
    remaining.seconds(0, 0.4, 1.0 + 4 * 0.1)
    assert remaining.seconds(1, 1 / 6, 1.4 + 3.5) == pytest.approx(5 * 0.5 + 10 + 5 * 2)


def test_a_short_disturbance_at_the_start_does_not_stretch_the_forecast() -> None:
    disturbed, believed = OUTLOOK.enter[0] * 4 + 0.1, ETA(OUTLOOK, absolute=True)
    ratio = believed.seconds(0, 0.1, disturbed) / (OUTLOOK.seconds - OUTLOOK.enter[0] - 0.1)
    assert 1 < ratio < 3 < ETA(OUTLOOK, absolute=False).seconds(0, 0.1, disturbed) / OUTLOOK.seconds


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

    known = engine.make_optimizer
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
    assert found is not None and (found.fixed, found.each) == pytest.approx((0.01, 1.0))
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
    assert found is not None and (found.fixed, found.each) == pytest.approx((0.01, 2.0))


def test_what_is_measured_are_the_canvases_that_will_be_painted(
    encoder: Encoder, config: EngineConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(config, sizes=((80, 80), (160, 160)), iterations=(1, 1), beyond=8, grid=1)
    region = np.zeros((160, 160), np.float32)
    region[30:150, 20:110] = 1
    painter = StyleOptimizer(
        encoder, np.full((160, 160, 3), 0.5, np.float32), [replace(style(), region=region)], config
    )
    measured, painted = [], []
    monkeypatch.setattr(timing, "_evaluation", lambda _, config, shape, *rest: measured.append(shape) or 0.1)
    assert timing.estimate_time(painter) is not None
    known = engine.make_optimizer

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
    assert found is not None and found.fixed + found.each > 0
    assert torch.equal(before, torch.get_rng_state())


def test_what_cannot_be_measured_is_not_forecast(
    encoder: Encoder, config: EngineConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> float:
        raise RuntimeError("not enough memory: you tried to allocate 9 bytes")

    monkeypatch.setattr(timing, "_evaluation", fail)
    painter = StyleOptimizer(
        encoder, np.full((64, 64, 3), 0.5, np.float32), [style()], replace(config, sizes=((64, 64),), tolerance=0.0)
    )
    assert timing.estimate_time(painter) is None
    assert list(painter.steps(None))[-1].seconds_left == 0
