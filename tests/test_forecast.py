"""What is told before a painting starts: seconds and memory, in the API and on the command line."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from portrait_nst import Forecast, Settings, Step, forecast, stylize, transfer
from portrait_nst.cli import console
from portrait_nst.errors import ResourceError
from portrait_nst.pipeline import finishing
from portrait_nst.transfer import TimeEstimate
from portrait_nst.transfer.faces.controller import LikenessController

QUICK: dict[str, Any] = {"size": 96, "iterations": 2, "threads": 1, "precision": "float32"}


def test_the_first_step_tells_what_all_will_take(
    small_portrait: Path, small_style: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def estimate_time(painter: transfer.StyleOptimizer) -> TimeEstimate:
        count = len(painter.config.sizes)
        return TimeEstimate((1.0,) * count, (100.0,) * count, painter.config.iterations)

    monkeypatch.setattr(transfer, "estimate_time", estimate_time)
    steps: list[Step] = []
    told = stylize(small_portrait, small_style, on_step=steps.append, **QUICK)
    first = steps[0].forecast
    assert first is not None and all(step.forecast is None for step in steps[1:])
    painting = len({step.scale for step in steps}) + 100 * (len(steps) + finishing.STEPS)
    assert painting < first.seconds < painting + 60  # and what had passed before
    assert first.memory == forecast.memory("stylize", Settings(**QUICK), (160, 136), told_share(told.matte.alpha))
    assert "seconds" not in str(told.recipe)

    def never(painter: transfer.StyleOptimizer) -> TimeEstimate:
        raise AssertionError("measured for nobody")

    monkeypatch.setattr(transfer, "estimate_time", never)
    silent = stylize(small_portrait, small_style, **QUICK)
    assert np.array_equal(silent.rgb, told.rgb) and silent.recipe == told.recipe


def told_share(alpha: np.ndarray) -> float:
    rows, columns = np.flatnonzero((alpha > 0).any(1)), np.flatnonzero((alpha > 0).any(0))
    return float((rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1) / alpha.size)


def test_what_cannot_be_forecast_is_painted_all_the_same(
    small_portrait: Path, small_style: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "estimate_time", lambda painter: None)
    steps: list[Step] = []
    stylize(small_portrait, small_style, on_step=steps.append, **QUICK)
    assert all(step.forecast is None for step in steps) and steps[-1].seconds_left == 0


def step(ahead: Forecast | None) -> Step:
    return Step(0, 1, 0, 1, {"total": 1.0}, 1.0, 0.0, (8, 8), lambda: np.zeros((8, 8, 3), np.uint8), forecast=ahead)


@pytest.mark.parametrize(
    ("ahead", "line"),
    [
        (Forecast(19.6, 1.56e9), "About 20 s and 1.6 GB.\n"),
        (Forecast(431.0, 12e9), "About 7 min and 12.0 GB.\n"),
        (Forecast(9000.0, None), "About 2.5 h.\n"),
        (Forecast(6.2, 1.4e9, 18.0), "About 6 s to 18 s and 1.4 GB.\n"),
        (Forecast(6.2, 1.4e9, 3.0), "About 6 s and 1.4 GB.\n"),
        (None, ""),
    ],
)
def test_the_command_line_says_so_once_on_standard_error(
    ahead: Forecast | None, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with console.progress(False) as on_step:
        on_step(step(ahead))
        on_step(step(None))
    assert capsys.readouterr() == ("", line)
    for quiet, options in ((True, {}), (False, {"foretell": False})):
        with console.progress(quiet, **options) as on_step:
            on_step(step(ahead))
        assert capsys.readouterr() == ("", "")


def test_what_comes_after_the_painting_counts(capsys: pytest.CaptureFixture[str]) -> None:
    with console.progress(False, after=10.0) as on_step:
        on_step(step(Forecast(6.0, None, 8.0)))
    assert capsys.readouterr().err == "About 16 s to 28 s.\n"


def test_a_goal_of_likeness_may_take_longer(
    small_portrait: Path, small_style: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        transfer, "estimate_time", lambda painter: TimeEstimate((0.0,), (10.0,), painter.config.iterations[-1:])
    )
    for goal, more in ((0.0, 0), (0.9, LikenessController.rounds * LikenessController.extra)):
        steps: list[Step] = []
        with pytest.raises(Enough):
            stylize(small_portrait, small_style, likeness=goal, on_step=_once(steps), scales=(1.0,), **QUICK)
        ahead = steps[0].forecast
        assert ahead is not None and ahead.longest - ahead.seconds == pytest.approx(10.0 * more)


class Enough(Exception):
    """Ends a painting after its first step."""


def _once(steps: list[Step]) -> Callable[[Step], None]:
    def on_step(step: Step) -> None:
        steps.append(step)
        raise Enough

    return on_step


@pytest.mark.parametrize(("saves", "seen"), [(True, True), (True, False), (False, True)])
def test_an_interrupt_is_answered_at_once(
    saves: bool, seen: bool, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    """Where there is a picture to save, before it is composed and written; a second one is Python's own."""
    outer = signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run in the background ignores it
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, outer))
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), console.progress(False, saves=saves) as on_step:
        if seen:
            on_step(step(None))
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            assert capsys.readouterr().err == (f"{console.INTERRUPTED}\n" if saves and seen else "")
            assert signal.getsignal(signal.SIGINT) is before
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(
    ("budget", "whole"), [(9e9, forecast.WHOLE), (1.9e9, forecast.LEAST_WHOLE), (1.5e9, forecast.WHOLE)]
)
def test_with_less_memory_it_is_painted_in_parts_before_it_is_painted_smaller(budget: float, whole: int) -> None:
    settings = Settings(method="gram", size=800, precision="bfloat16")
    assert forecast.at_once(settings, (1400, 1400), budget) == whole
    fits = forecast.memory("stylize", settings, (1400, 1400), whole=whole) <= budget
    assert fits == (budget > 1.6e9)
    smaller, note = forecast.fit("stylize", settings, (1400, 1400), budget, "me.jpg")
    assert (
        (smaller == settings and not note)
        if fits
        else (256 <= int(smaller.size or 0) < 800 and "instead of 800" in note)
    )


OBAMA, ASTRONAUT = ((1137, 910), 0.875), ((512, 512), 0.959)  # a photo's size and the share of it that is painted


@pytest.mark.parametrize(
    ("photo", "changes", "peak"),
    [
        (ASTRONAUT, {"method": "gram", "quality": "draft", "size": 256}, 1.03),
        (OBAMA, {"method": "gram", "size": 256}, 1.09),
        (OBAMA, {"method": "gram", "size": 512}, 1.36),
        (ASTRONAUT, {"method": "gram"}, 1.50),
        (OBAMA, {"method": "gram", "quality": "draft", "size": 768}, 1.68),
        (ASTRONAUT, {"size": 256}, 1.34),
        (OBAMA, {"size": 256}, 1.39),
        (OBAMA, {"size": 512}, 1.73),
        (ASTRONAUT, {}, 1.77),
        (OBAMA, {"size": 768}, 2.09),
    ],
)
def test_memory_is_forecast_within_a_quarter_of_what_was_measured(
    photo: tuple[tuple[int, int], float], changes: dict[str, Any], peak: float
) -> None:
    size, share = photo
    settings = Settings(precision="bfloat16").replace(**changes)
    assert forecast.memory("stylize", settings, size, share) / 1e9 == pytest.approx(peak, rel=0.2)


@pytest.mark.parametrize("size", [64, 100, 256, None])
def test_what_is_painted_smaller_fits_and_what_never_fits_is_refused(size: int | None) -> None:
    asked = Settings(size=size)
    with pytest.raises(ResourceError, match="needs at least"):
        forecast.fit("stylize", asked, (600, 500), 0.5e9, "The photo")
    need = forecast.least_memory("stylize", asked, (600, 500))
    assert forecast.fit("stylize", asked, (600, 500), need, "The photo") == (asked, "")
