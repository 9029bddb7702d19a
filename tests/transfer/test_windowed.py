"""Painting in windows: a window has the objective of the whole canvas, and its passes lead where the whole would go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from portrait_nst.transfer.config import EngineConfig
from portrait_nst.transfer.nearest.window_matching import FrameArrays
from portrait_nst.transfer.objective.build import Region, canvas_objective
from portrait_nst.transfer.objective.objective import Objective
from portrait_nst.transfer.objective.style_targets import gram_targets
from portrait_nst.transfer.objective.terms import Weights
from portrait_nst.transfer.objective.windowed import Window, windows
from portrait_nst.transfer.optim.lbfgs import LBFGS
from portrait_nst.transfer.optim.parametrization import Pyramid
from portrait_nst.transfer.rect import Rect
from portrait_nst.transfer.windowed_optimizer import WindowedOptimizer, steps_per_pass, windowed_evaluations

from .objective.test_tiled import CONTENT, STYLE, small

WEIGHTS = Weights(style=1.5, content=0.2, tv=0.3, style_layers=STYLE, content_layers=CONTENT)


def scene(weights: Weights = WEIGHTS, levels: int = 2, side: int = 64) -> tuple[WindowedOptimizer, Objective, Tensor]:
    """An optimizer whose grid does not move, the objective of the same canvas as a whole, and the picture."""
    size = (230, 310)
    rng = np.random.default_rng(1)
    content, painted = rng.random((2, *size, 3)).astype(np.float32)
    across = 1 / (1 + np.exp((np.arange(size[1]) - size[1] / 2) / 3))
    mask = np.zeros(size, np.float32)
    mask[20:-9, 11:-30] = 1
    regions = [(mask * across).astype(np.float32), (mask * (1 - across)).astype(np.float32)]
    weight_map = rng.random(size).astype(np.float32)
    encoder = small()
    encoder.net.float()
    encoder.bases = {layer: base.float() for layer, base in encoder.bases.items()}
    layers = [name for name, _ in weights.style_layers]
    style = torch.rand(1, 3, 70, 90)
    targets = gram_targets(encoder, style, None, layers, levels, style_loss=weights.style_loss)
    config = EngineConfig(sizes=(size,), iterations=(4,), tolerance=0, weights=weights, levels=levels)
    optimizer = WindowedOptimizer(
        encoder,
        config,
        FrameArrays(content, painted, regions, [targets, targets], weight_map),
        Rect(0, 0, size[0], size[1]),
    )
    optimizer.side = side
    optimizer.shifts = iter([(0, 0)] * 9)
    tensors = [torch.from_numpy(array).permute(2, 0, 1)[None] for array in (content, painted)]
    planes = [torch.from_numpy(region) for region in regions]
    whole = canvas_objective(
        encoder,
        tensors[0],
        (planes[0] + planes[1]).clamp(0, 1),
        torch.from_numpy(weight_map),
        [Region(plane, targets) for plane in planes],
        weights,
        levels=levels,
        guidance=config.guidance,
    )
    return optimizer, whole, tensors[1]


@pytest.mark.parametrize("levels", [1, 2])
@pytest.mark.parametrize("style_loss", ["gram", "wasserstein"])
def test_a_window_has_the_gradient_of_the_whole(levels: int, style_loss: str) -> None:
    optimizer, whole, image = scene(weights=replace(WEIGHTS, style_loss=style_loss), levels=levels)
    terms, gradient = whole(image)
    found = windows(optimizer.box.shape, (64, 160)[levels - 1], optimizer.step, optimizer.halo, between=True)
    optimizer._measure(found)
    assert optimizer.terms == pytest.approx(
        {name: terms[name] for name in optimizer.terms}, rel=2e-3 if style_loss == "wasserstein" else 1e-4
    )
    assert len(found) >= 9
    values = []
    scale = float(gradient.abs().max()) * (20 if style_loss == "wasserstein" else 1)
    for window in found:
        photo = torch.from_numpy(optimizer.frame.content).permute(2, 0, 1)[None]
        objective = optimizer._objective(window, window.outer.part(photo), False)
        value, own = objective(window.outer.part(image))
        values.append(value["style"])
        sure = torch.ones(window.shape, dtype=torch.bool)
        reach = 2 * window.halo << (levels - 1)  # a coarser level's cells see farther
        for axis, outer in enumerate(window.outer.slices):
            along = sure.movedim(axis, 0)
            along[: reach if outer.start > 0 else 0] = False
            along[len(along) - (reach if outer.stop < image.shape[2 + axis] else 0) :] = False
        wanted = window.outer.part(gradient)
        assert sure.any()
        torch.testing.assert_close(own[..., sure], wanted[..., sure], rtol=0, atol=1e-5 * scale)
    assert sum(values) == pytest.approx(terms["style"], rel=2e-3 if style_loss == "wasserstein" else 1e-4)


@pytest.mark.parametrize("style_loss", ["gram", pytest.param("wasserstein", marks=pytest.mark.slow)])
def test_windows_that_fall_lower_the_whole(style_loss: str) -> None:
    optimizer, whole, image = scene(weights=replace(WEIGHTS, style_loss=style_loss), levels=1)
    values = [whole(image)[0]["total"]]
    for number in range(2):
        for done, planned, terms, _note in optimizer.paint_pass(number, 2):
            assert 1 <= done <= planned
            assert terms["total"] == pytest.approx(sum(terms[name] for name in optimizer.terms))
        painted = torch.from_numpy(optimizer.frame.painted).permute(2, 0, 1)[None]
        values.append(whole(painted)[0]["total"])
        assert values[-1] < values[-2]


def test_all_windows_take_their_share() -> None:
    """A photo that is everywhere alike is changed everywhere alike, whichever window comes first."""
    optimizer, *_ = scene(levels=1, side=96)
    optimizer.frame.content_weight_map = None
    rng = np.random.default_rng(2)
    for array in (optimizer.frame.content, optimizer.frame.painted):
        array[:] = 0.5 + 0.1 * rng.standard_normal(array.shape)
    optimizer.frame.regions[0][:], optimizer.frame.regions[1][:] = 1, 0
    before = optimizer.frame.painted.copy()
    for _ in optimizer.paint_pass(0, 4):
        pass
    changed = np.abs(optimizer.frame.painted - before).mean(2)
    parts = [changed[top : top + 70, left : left + 70].mean() for top in (0, 80, 160) for left in (0, 80, 160, 240)]
    assert min(parts) > 0.7 * max(parts)


def test_passes_come_as_far_as_steps_of_the_whole_canvas() -> None:
    optimizer, whole, image = scene(levels=1, side=128)
    start = whole(image)[0]["total"]
    pyramid = Pyramid(*optimizer.box.shape, 5)

    def evaluate(x: Tensor) -> tuple[float, Tensor]:
        leaf = x.detach().requires_grad_(True)
        seen = pyramid.synthesise(leaf)
        terms, gradient = whole(seen)
        seen.backward(gradient)
        assert leaf.grad is not None
        return terms["total"], leaf.grad

    optimiser = LBFGS(evaluate, pyramid.analyse(image), memory=8, first_step=0.1)
    for _ in range(8):
        optimiser.step()
    for number, steps in enumerate(steps_per_pass(8)):
        for _ in optimizer.paint_pass(number, steps):
            pass
    painted = torch.from_numpy(optimizer.frame.painted).permute(2, 0, 1)[None]
    assert whole(painted)[0]["total"] - 0.1 * start < optimiser.value


def test_steps_are_spread_over_the_passes() -> None:
    assert (
        steps_per_pass(6) == [3, 3]
        and steps_per_pass(7) == [4, 3]
        and steps_per_pass(1) == [1]
        and steps_per_pass(40) == [6, 6, 6, 6, 6, 5, 5]
    )


def test_the_cost_of_windows() -> None:
    """One window: the content twice; in each pass the picture's statistics, the target, the start and the steps."""
    assert windowed_evaluations((500, 500), 1, "cpu") == pytest.approx(2 / 3 + 1 / 3 + 1 / 3 + 1 + 1)
    assert windowed_evaluations((500, 500), 6, "cpu") == pytest.approx(2 / 3 + 2 * (1 / 3 + 1 / 3 + 1 + 3))
    assert 12 < windowed_evaluations((6000, 4000), 6, "cpu") < 15


def test_without_memory_windows_become_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    optimizer, _, _ = scene(levels=1, side=310)
    real = WindowedOptimizer._optimize

    def limited(self: WindowedOptimizer, window: Window, steps: int) -> Iterator[tuple[dict[str, float], str]]:
        if max(window.shape) > 300:
            raise torch.OutOfMemoryError("CUDA out of memory")
        yield from real(self, window, steps)

    monkeypatch.setattr(WindowedOptimizer, "_optimize", limited)
    notes = [note for *_, note in optimizer.paint_pass(0, 1)]
    assert optimizer.side == 155 and "windows of 155 px" in notes[0]
