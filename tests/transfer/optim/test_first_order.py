"""First-order optimisers: torch's own steps, the published decays, and the way back from values that are not finite."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch

from portrait_nst.transfer.optim.first_order import ENDED, GREW, NOT_FINITE, RATES, Descent, Schedule
from portrait_nst.transfer.optim.lbfgs import Evaluate
from tests.transfer.optim.test_lbfgs import quadratic, walled

THEIRS: dict[str, Callable[[torch.Tensor], torch.optim.Optimizer]] = {
    "adam": lambda x: torch.optim.Adam([x], betas=(0.9, 0.99)),
    "nadam": lambda x: torch.optim.NAdam([x], betas=(0.9, 0.99), momentum_decay=0),
    "rmsprop": lambda x: torch.optim.RMSprop([x]),
    "sgd": lambda x: torch.optim.SGD([x], lr=0.1),
}


def rate(decay: str, number: int) -> float:
    if decay == "cosine":
        return 0.1 * (0.1 + 0.45 * (1 + math.cos(math.pi * min(1, number / 20))))
    return 0.1 * (0.9 ** (number / 7) if decay == "exponential" else 1)


@pytest.mark.parametrize("decay", ["cosine", "exponential", "constant"])
@pytest.mark.parametrize("name", list(RATES))
def test_the_steps_are_torchs_at_the_decaying_rate(name: str, decay: str) -> None:
    evaluate = quadratic(10, n=6, shift=0.5)
    ours = Descent(evaluate, torch.zeros(6, dtype=torch.float64), name, Schedule(0.1, decay, 0.9, 7), 20)
    theirs = torch.zeros(6, dtype=torch.float64)
    optimiser = THEIRS[name](theirs)
    for number in range(25):
        optimiser.param_groups[0]["lr"] = rate(decay, number)
        value, theirs.grad = evaluate(theirs)
        optimiser.step()
        assert ours.step() == "" and ours.value == value
        torch.testing.assert_close(ours.x, theirs, rtol=0, atol=0)


@pytest.mark.parametrize("name, start_rate", [("adam", 0.1), ("nadam", 0.1), ("rmsprop", 0.02), ("sgd", 0.05)])
def test_each_reaches_a_minimum_and_leaves_the_start_as_it_is(name: str, start_rate: Any) -> None:
    x = torch.zeros(6)
    optimiser = Descent(quadratic(20, n=6, shift=0.5), x, name, Schedule(start_rate), 300)
    for _ in range(300):
        optimiser.step()
    torch.testing.assert_close(optimiser.x, torch.full((6,), 0.5), rtol=0, atol=5e-3)
    assert not x.any()


def test_it_comes_back_from_where_values_are_not_finite() -> None:
    optimiser = Descent(walled(0.35), torch.zeros(4, dtype=torch.float64), "adam", Schedule(0.1), 1000)
    notes = [optimiser.step() for _ in range(60)]
    assert any("not finite" in note for note in notes) and notes.count("") > 30
    assert math.isfinite(optimiser.value) and torch.isfinite(optimiser.x).all()
    assert optimiser.x.max() > 0.3, "it must go on as far as it can"
    assert optimiser.slower < 1


def test_a_rate_that_is_too_great_is_halved_until_it_holds() -> None:
    optimiser = Descent(quadratic(20, n=6, shift=0.5), torch.zeros(6), "sgd", Schedule(10.0, "constant"), 300)
    notes = [optimiser.step() for _ in range(200)]
    assert any("grew without end" in note for note in notes) and notes[-1] == ""
    torch.testing.assert_close(optimiser.x, torch.full((6,), 0.5), rtol=0, atol=5e-2)


def test_a_rough_first_step_is_no_divergence() -> None:
    """A start at the minimum of a heavy term: the first step of Adam's makes it a thousand times worse, and that is its way."""
    light, heavy = quadratic(20, n=6, shift=0.5), quadratic(20, n=6)

    def both(x: torch.Tensor) -> tuple[float, torch.Tensor]:
        parts = [light(x), heavy(x)]
        return parts[0][0] + 1e4 * parts[1][0], parts[0][1] + 1e4 * parts[1][1]

    optimiser = Descent(both, torch.zeros(6), "adam", Schedule(0.5, "constant"), 300)
    assert {optimiser.step() for _ in range(30)} == {""}
    assert optimiser.x.any()


def test_a_rate_for_each_pixel() -> None:
    assert Schedule(0.002, per_pixel=True).for_canvas(5000).at(0, 10) == pytest.approx(10)
    assert Schedule(0.002).for_canvas(5000).at(0, 10) == pytest.approx(0.002)


@pytest.mark.parametrize("value, slope", [(math.nan, 1.0), (math.inf, 1.0), (1.0, math.nan)])
def test_a_start_that_is_not_finite_raises(value: float, slope: float) -> None:
    with pytest.raises(FloatingPointError, match="start"):
        Descent(lambda x: (value, torch.full_like(x, slope)), torch.zeros(3), "adam", Schedule(0.1)).step()


def test_the_best_point_of_an_old_objective_is_not_the_best_of_the_new_one() -> None:
    optimiser = Descent(quadratic(20, n=6, shift=0.5), torch.zeros(6), "sgd", Schedule(0.05, "constant"), 300)
    for _ in range(100):
        optimiser.step()
    optimiser.renew(quadratic(20, n=6, shift=-0.5))
    optimiser.step()
    assert optimiser.best is not None and optimiser.best[0] == optimiser.value


def test_it_takes_another_objective() -> None:
    optimiser = Descent(quadratic(10, n=4), torch.zeros(4, dtype=torch.float64), "adam", Schedule(0.02))
    optimiser.renew(quadratic(10, n=4, shift=1.0))
    optimiser.step()
    assert optimiser.value > 0 and (optimiser.x != 0).all()


def parabola(x: torch.Tensor) -> tuple[float, torch.Tensor]:
    return float(0.5 * x @ x), x.clone()


def counted(evaluate: Evaluate, seen: list[tuple[float, torch.Tensor]]) -> Evaluate:
    """`evaluate`, whose values and points are added to those `seen`."""

    def found(x: torch.Tensor) -> tuple[float, torch.Tensor]:
        value, gradient = evaluate(x)
        seen.append((value, x.clone()))
        return value, gradient

    return found


@pytest.mark.parametrize("decay", ["cosine", "constant"])
@pytest.mark.parametrize("rate", [3.0, 1e2, 1e5, 1e9])
@pytest.mark.parametrize("name", list(RATES))
def test_whatever_the_rate_it_ends_far_below_where_it_began_and_says_once_what_was_wrong(
    name: str, rate: float, decay: str
) -> None:
    evaluate = quadratic(20, n=6, shift=0.5)
    optimiser = Descent(evaluate, torch.zeros(6, dtype=torch.float64), name, Schedule(rate, decay), 40)
    notes = [optimiser.step() for _ in range(40)]
    assert evaluate(optimiser.x)[0] < 0.1 * optimiser.first
    told = [note for note in notes if note]
    assert len(told) <= 1 and (rate < 100 or "went back to the best point" in told[0])


def test_the_rate_is_halved_for_as_long_as_that_makes_a_step_better() -> None:
    """On x^2/2 a step of rate r leads from x to (1 - r) x: better below 2, and to the minimum at 1."""
    seen: list[tuple[float, torch.Tensor]] = []
    optimiser = Descent(counted(parabola, seen), torch.ones(1), "sgd", Schedule(64.0, "constant"), 100)
    assert [optimiser.step() for _ in range(3)] == ["", "", GREW]
    assert [float(x) for _, x in seen] == [1, -63, 63**2, 1, -31, -15, -7, -3, -1, 0, 0.5]
    assert (optimiser.slower, float(optimiser.x), optimiser.value) == (1 / 64, 0, 0.5)


@pytest.mark.parametrize("times, told", [(9e5, 1), (1e3, 26), (31.0, 38), (29.0, 50), (1.6, 50), (1.4, None)])
def test_less_is_borne_the_longer_it_goes_on(times: float, told: int | None) -> None:
    """All but the first point are so many `times` worse: a million is too much at once, one and a half from halfway on."""

    def evaluate(x: torch.Tensor) -> tuple[float, torch.Tensor]:
        return 1.0 if x <= 0 else times, torch.full_like(x, -1.0)

    optimiser = Descent(evaluate, torch.zeros(1), "sgd", Schedule(1e-3, "constant"), 100)
    notes = [optimiser.step() for _ in range(99)]
    assert [number for number, note in enumerate(notes) if note] == ([] if told is None else [told])


def test_a_rough_start_that_comes_down_is_left_as_it_is() -> None:
    """Adam from the minimum of a heavy term, three hundred times worse at once: to the bit what torch's own comes to."""
    light, heavy = quadratic(20, n=6, shift=0.5), quadratic(20, n=6)

    def both(x: torch.Tensor) -> tuple[float, torch.Tensor]:
        parts = [light(x), heavy(x)]
        return parts[0][0] + 1e4 * parts[1][0], parts[0][1] + 1e4 * parts[1][1]

    seen: list[tuple[float, torch.Tensor]] = []
    ours = Descent(counted(both, seen), torch.zeros(6), "adam", Schedule(0.02), 400)
    theirs = torch.zeros(6)
    optimiser = torch.optim.Adam([theirs], betas=(0.9, 0.99))
    for number in range(400):
        optimiser.param_groups[0]["lr"] = ours.schedule.at(number, 400)
        theirs.grad = both(theirs)[1]
        optimiser.step()
        assert ours.step() == ""
    assert torch.equal(ours.x, theirs)
    assert len(seen) == 401, "and one look at where the last step arrived"
    assert max(value for value, _ in seen) > 30 * seen[0][0] > 30 * seen[-1][0]


def stairs(at: dict[float, float]) -> Evaluate:
    """Values at points 1/4 apart; down the stairs is to the left."""

    def evaluate(x: torch.Tensor) -> tuple[float, torch.Tensor]:
        return at.get(float(x), 1.0), torch.ones_like(x)

    return evaluate


@pytest.mark.parametrize("last", [9.0, math.nan, math.inf])
def test_a_last_step_that_leads_astray_is_taken_back(last: float) -> None:
    heights = {0.0: 1.0, -1.0: 0.5, -2.0: 0.3, -3.0: last, -2.5: 0.31, -2.25: 0.25}
    optimiser = Descent(stairs(heights), torch.zeros(1), "sgd", Schedule(1.0, "constant"), 3)
    notes = [optimiser.step() for _ in range(3)]
    assert notes == ["", "", ENDED if last == 9 else NOT_FINITE]
    assert float(optimiser.x) == -2.25 and optimiser.value == pytest.approx(0.3)


def test_a_last_step_that_is_hardly_worse_is_left_as_it_is() -> None:
    heights = {0.0: 1.0, -1.0: 0.5, -2.0: 0.3, -3.0: 0.44}
    optimiser = Descent(stairs(heights), torch.zeros(1), "sgd", Schedule(1.0, "constant"), 3)
    assert [optimiser.step() for _ in range(3)] == ["", "", ""]
    assert float(optimiser.x) == -3


def test_it_stays_at_a_point_from_which_no_step_is_better() -> None:
    optimiser = Descent(stairs({0.0: 0.1}), torch.zeros(1), "sgd", Schedule(1.0, "constant"), 1)
    assert optimiser.step() == ENDED
    assert float(optimiser.x) == 0 and optimiser.value == pytest.approx(0.1)


def test_a_wild_point_is_not_the_best_of_a_new_objective() -> None:
    optimiser = Descent(parabola, torch.ones(1), "sgd", Schedule(40.0, "constant"), 100)
    optimiser.step()
    optimiser.step()
    assert optimiser.value == pytest.approx(0.5 * 39**2), "borne, so early"
    optimiser.renew(quadratic(1, n=1, shift=0.25))
    optimiser.step()
    assert optimiser.best is not None and optimiser.best[1] == 1
    assert optimiser.best[0] == pytest.approx(0.5 * 0.75**2), "by the new objective"
