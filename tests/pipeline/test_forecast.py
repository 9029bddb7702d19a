"""What is told before a painting starts: seconds and memory, in the API and on the command line."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from portrait_nst import Forecast, Settings, Step, planning, stylize, transfer
from portrait_nst.cli import console
from portrait_nst.pipeline import finishing
from portrait_nst.transfer import TimeEstimate
from portrait_nst.transfer.faces.controller import LikenessController

QUICK: dict[str, Any] = {"size": 64, "iterations": 2, "threads": 1, "precision": "float32"}


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
    extent = planning.Extent.of(told.matte.alpha)
    assert first.memory == planning.make_plan(Settings(**QUICK), (160, 136), extent=extent).peak
    assert "seconds" not in str(told.recipe)

    def never(painter: transfer.StyleOptimizer) -> TimeEstimate:
        raise AssertionError("measured for nobody")

    monkeypatch.setattr(transfer, "estimate_time", never)
    silent = stylize(small_portrait, small_style, **QUICK)
    assert np.array_equal(silent.rgb, told.rgb) and silent.recipe == told.recipe


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
    for quiet, foretell in ((True, True), (False, False)):
        with console.progress(quiet, forecast=foretell) as on_step:
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
