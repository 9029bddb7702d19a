"""The optimisers: against a textbook recursion, on hard functions, and where values are not finite."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from portrait_nst.transfer.optim.lbfgs import LBFGS, Evaluate


def differentiated(function: Any) -> Evaluate:
    def evaluate(x: Tensor) -> tuple[float, Tensor]:
        leaf = x.detach().clone().requires_grad_(True)
        value = function(leaf)
        torch.autograd.backward(value)
        assert leaf.grad is not None
        return float(value.detach()), leaf.grad

    return evaluate


@differentiated
def rosenbrock(x: Tensor) -> Tensor:
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def quadratic(condition: float, n: int = 40, shift: float = 0.0) -> Any:
    """1/2 (x - shift)^T A (x - shift), A with eigenvalues from 1 to `condition` in a turned basis."""
    generator = torch.Generator().manual_seed(7)
    basis = torch.linalg.qr(torch.randn(n, n, dtype=torch.float64, generator=generator)).Q
    matrix = basis @ torch.diag(torch.logspace(0, math.log10(condition), n, dtype=torch.float64)) @ basis.T

    def evaluate(x: Tensor) -> tuple[float, Tensor]:
        gradient = matrix.to(x.dtype) @ (x - shift)
        return float(0.5 * (x - shift) @ gradient), gradient

    return evaluate


def start(n: int, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(n, dtype=dtype, generator=torch.Generator().manual_seed(3))


def two_loops(gradient: Tensor, pairs: list[tuple[Tensor, Tensor]]) -> Tensor:
    """-H g, Nocedal & Wright, "Numerical Optimization", algorithm 7.4, oldest pair first."""
    q, alphas = gradient.clone(), []
    for s, y in reversed(pairs):
        alpha = (s @ q) / (y @ s)
        alphas.append(alpha)
        q = q - alpha * y
    s, y = pairs[-1]
    r = (s @ y) / (y @ y) * q
    for (s, y), alpha in zip(pairs, reversed(alphas)):
        beta = (y @ r) / (y @ s)
        r = r + s * (alpha - beta)
    return -r


@pytest.mark.parametrize("memory", [1, 3, 6])
@pytest.mark.parametrize("name", ["rosenbrock", "quadratic"])
def test_the_direction_is_the_textbooks_also_after_the_ring_wrapped(name: str, memory: int) -> None:
    evaluate, n = (rosenbrock, 12) if name == "rosenbrock" else (quadratic(1e3), 40)
    optimiser = LBFGS(evaluate, start(n), memory=memory)
    pairs: list[tuple[Tensor, Tensor]] = []
    compared = 0
    for _ in range(5 * memory + 12):
        x, gradient = optimiser.x.clone(), optimiser.gradient.clone()
        expected = two_loops(gradient, pairs) if pairs else -gradient
        optimiser.step()
        step = optimiser.x - x
        if not step.any():
            pairs = []  # no progress: it starts again from steepest descent
            continue
        torch.testing.assert_close(step / step.norm(), expected / expected.norm(), rtol=0, atol=1e-7)
        compared += 1
        change = optimiser.gradient - gradient
        if step @ change > 1e-8 * change @ change:
            pairs = [*pairs, (step, change)][-memory:]
    assert compared > 4 * memory + 5, "the ring must have wrapped"
    assert len(pairs) == memory


def test_a_step_of_its_full_length_is_the_textbooks_step() -> None:
    """Not only the direction: length 1 wherever max_step allows it and the value falls."""
    optimiser = LBFGS(quadratic(50), start(40), memory=8, max_step=1e9)
    optimiser.step()
    x, gradient = optimiser.x, optimiser.gradient
    first = x - start(40)
    expected = two_loops(gradient, [(first, gradient - quadratic(50)(start(40))[1])])
    optimiser.step()
    torch.testing.assert_close(optimiser.x - x, expected, rtol=1e-10, atol=1e-12)


def test_it_reaches_the_minimum_of_an_ill_conditioned_quadratic() -> None:
    optimiser = LBFGS(quadratic(1e5, shift=0.3), start(40))
    first = optimiser.value
    for _ in range(1300):  # torch.optim.LBFGS with a strong Wolfe search takes 1218 evaluations
        optimiser.step()
    assert optimiser.value < 1e-12 * first
    assert optimiser.evaluations < 1450
    torch.testing.assert_close(optimiser.x, torch.full((40,), 0.3, dtype=torch.float64), rtol=0, atol=1e-3)


def test_it_reaches_the_minimum_in_float32() -> None:
    optimiser = LBFGS(quadratic(1e3, shift=0.3), start(40, torch.float32))
    for _ in range(150):
        optimiser.step()
    torch.testing.assert_close(optimiser.x, torch.full((40,), 0.3), rtol=0, atol=2e-3)


@pytest.mark.parametrize("n", [2, 10])
def test_it_reaches_the_minimum_of_rosenbrock(n: int) -> None:
    x = torch.full((n,), -1.2, dtype=torch.float64)
    x[1::2] = 1.0
    optimiser = LBFGS(rosenbrock, x)
    for _ in range(250):
        optimiser.step()
    torch.testing.assert_close(optimiser.x, torch.ones(n, dtype=torch.float64), rtol=0, atol=1e-5)


def test_every_step_decreases_and_keeps_its_bounds() -> None:
    optimiser = LBFGS(rosenbrock, start(10), first_step=0.03, max_step=0.2)
    for number in range(80):
        x, value, evaluations = optimiser.x, optimiser.value, optimiser.evaluations
        optimiser.step()
        moved = float((optimiser.x - x).abs().max())
        if moved:
            assert optimiser.value < value
        else:
            assert optimiser.value == value
        assert moved <= (0.03 if number == 0 else 0.2) * (1 + 1e-9)
        assert optimiser.value == rosenbrock(optimiser.x)[0]
        assert torch.equal(optimiser.gradient, rosenbrock(optimiser.x)[1])
        assert 1 <= optimiser.evaluations - evaluations <= optimiser.tries


def test_the_start_is_left_as_it_is() -> None:
    x = start(10)
    copy = x.clone()
    optimiser = LBFGS(rosenbrock, x)
    for _ in range(5):
        optimiser.step()
    assert torch.equal(x, copy)


def walled(wall: float, bad: float = math.nan) -> Evaluate:
    """Falls towards `wall`, and is `bad` beyond it."""

    def evaluate(x: Tensor) -> tuple[float, Tensor]:
        value, gradient = quadratic(10, n=4, shift=1.0)(x)
        return (bad, torch.full_like(x, bad)) if (x > wall).any() else (value, gradient)

    return evaluate


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_value_that_is_not_finite_shortens_the_step_and_is_said(bad: float) -> None:
    optimiser = LBFGS(walled(0.02, bad), torch.zeros(4, dtype=torch.float64), first_step=0.05)
    value = optimiser.value
    note = optimiser.step()
    assert "not finite" in note and "shorter" in note
    assert optimiser.value < value and 0 < optimiser.x.abs().max() <= 0.025
    for _ in range(30):
        optimiser.step()
        assert math.isfinite(optimiser.value) and torch.isfinite(optimiser.x).all()
    assert (optimiser.x <= 0.02).all()


def test_a_gradient_that_is_not_finite_is_no_step_either() -> None:
    def evaluate(x: Tensor) -> tuple[float, Tensor]:
        value, gradient = quadratic(10, n=4, shift=1.0)(x)
        return value, torch.where(x > 0.02, math.nan, gradient)

    optimiser = LBFGS(evaluate, torch.zeros(4, dtype=torch.float64))
    assert "not finite" in optimiser.step()
    assert torch.isfinite(optimiser.gradient).all() and (optimiser.x <= 0.02).all()


def test_no_note_where_all_is_well() -> None:
    optimiser = LBFGS(quadratic(100), start(40))
    assert {optimiser.step() for _ in range(20)} == {""}


@pytest.mark.parametrize("value, slope", [(math.nan, 1.0), (math.inf, 1.0), (1.0, math.nan)])
def test_a_start_that_is_not_finite_raises(value: float, slope: float) -> None:
    with pytest.raises(FloatingPointError, match="start"):
        LBFGS(lambda x: (value, torch.full_like(x, slope)), torch.zeros(3))


def test_where_no_step_decreases_it_stays_and_forgets() -> None:
    """A gradient of the wrong sign: nothing is accepted, nothing moves, each later first step is shorter."""
    asked = []

    def uphill(x: Tensor) -> tuple[float, Tensor]:
        asked.append(float(x.abs().max()))
        value, gradient = quadratic(10, n=4, shift=1.0)(x)
        return value, -gradient

    optimiser = LBFGS(uphill, torch.zeros(4, dtype=torch.float64), first_step=0.08)
    for _ in range(2):
        assert optimiser.step() == ""
    assert not optimiser.x.any() and not optimiser.order
    assert asked[1] == pytest.approx(0.08) and asked[1 + optimiser.tries] == pytest.approx(0.04)
    assert len(asked) == optimiser.evaluations == 1 + 2 * optimiser.tries


def test_a_pair_without_curvature_is_not_remembered() -> None:
    optimiser = LBFGS(lambda x: (float(-(x @ x)), -2 * x), torch.full((3,), 0.1, dtype=torch.float64))
    for _ in range(3):
        optimiser.step()
    assert optimiser.value < -0.03 and optimiser.order == []


def steps_until(optimiser: LBFGS, value: float) -> int:
    for number in range(1000):
        if optimiser.value < value:
            return number
        optimiser.step()
    raise AssertionError("not reached")


def test_renew_keeps_the_history() -> None:
    """With the curvature of a like objective the next one takes less than half the steps of a fresh start."""
    optimiser = LBFGS(quadratic(1e3, n=8), start(8), memory=12)
    steps_until(optimiser, 1e-10)
    x, order = optimiser.x, list(optimiser.order)
    shifted = quadratic(1e3, n=8, shift=0.2)
    optimiser.renew(shifted)
    assert torch.equal(optimiser.x, x) and optimiser.order == order and order
    assert optimiser.value == shifted(x)[0] and torch.equal(optimiser.gradient, shifted(x)[1])
    renewed, fresh = steps_until(optimiser, 1e-10), steps_until(LBFGS(shifted, x, memory=12), 1e-10)
    assert renewed < fresh / 2


def test_renewing_with_an_objective_that_is_not_finite_keeps_the_old_one() -> None:
    optimiser = LBFGS(quadratic(10, n=4), start(4))
    value = optimiser.value
    optimiser.renew(lambda x: (math.nan, x))
    assert optimiser.value == value
    optimiser.step()
    assert optimiser.value < value


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_the_scale_of_the_objective_does_not_matter(scale: float) -> None:
    """Published losses are of any size; the way down is the same."""
    plain = quadratic(100)

    def scaled(x: Tensor) -> tuple[float, Tensor]:
        value, gradient = plain(x)
        return scale * value, scale * gradient

    ours, theirs = LBFGS(scaled, start(40)), LBFGS(plain, start(40))
    for _ in range(30):
        ours.step()
        theirs.step()
    assert ours.value / scale == pytest.approx(theirs.value, rel=1e-3, abs=1e-9)
    assert len(ours.order) == len(theirs.order) > 0
