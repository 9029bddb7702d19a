"""Sweeps: a window's objective is the whole canvas', and what they paint is what the whole canvas would have become."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from portrait_nst.transfer.config import EngineConfig
from portrait_nst.transfer.functional import content_factor
from portrait_nst.transfer.nearest.window_matching import Pictures
from portrait_nst.transfer.objective.build import Region, canvas_objective
from portrait_nst.transfer.objective.style_targets import gram_targets
from portrait_nst.transfer.objective.terms import Weights
from portrait_nst.transfer.objective.windowed import RunningVariance, windows
from portrait_nst.transfer.rect import Rect
from portrait_nst.transfer.windowed import WindowedOptimizer, steps_per_pass, windowed_evaluations

from .objective.test_tiled import CONTENT, STYLE, small

WEIGHTS = Weights(style=1.5, content=0.2, tv=0.3, style_layers=STYLE, content_layers=CONTENT)


@pytest.mark.parametrize("size", [(64, 64), (65, 331), (400, 150), (129, 260)])
@pytest.mark.parametrize("between", [False, True])
def test_every_pixel_may_change_as_far_as_every_other(size, between):
    seen = torch.zeros(size)
    found = windows(size, 128, 16, 16, between)
    for window in found:
        assert window.outer.top % 16 == 0 and window.outer.left % 16 == 0
        window.outer.part(seen).add_(window.fade() ** 2)
        for axis, (outer, core) in enumerate(zip(window.outer.slices, window.core.slices)):
            fade = window.fade().movedim(axis, 0)
            assert core.start - outer.start == min(32, core.start)
            assert outer.stop - core.stop == min(32, size[axis] - core.stop)
            assert core.start < 32 or not fade[:16].any()
            assert core.stop > size[axis] - 32 or not fade[-16:].any()
    torch.testing.assert_close(seen, torch.ones(size))
    if between:
        edges = {w.core.left for w in windows(size, 128, 16, 16, False)} - {0}
        assert edges.isdisjoint({w.core.left for w in found})


def scene(size=(230, 310), weights=WEIGHTS, levels=2, side=64):
    """The whole objective and a sweeper of the same canvas, the grid not moved."""
    rng = np.random.default_rng(1)
    content, painted = rng.random((2, *size, 3)).astype(np.float32)
    across = 1 / (1 + np.exp((np.arange(size[1]) - size[1] / 2) / 3))
    mask = np.zeros(size, np.float32)
    mask[20:-9, 11:-30] = 1
    regions = [(mask * across).astype(np.float32), (mask * (1 - across)).astype(np.float32)]
    hold = rng.random(size).astype(np.float32)
    encoder = small()
    encoder.net.float()
    encoder.bases = {layer: base.float() for layer, base in encoder.bases.items()}
    layers = [name for name, _ in weights.style_layers]
    style = torch.rand(1, 3, 70, 90)
    targets = gram_targets(encoder, style, None, layers, levels, style_loss=weights.style_loss)
    config = EngineConfig(sizes=(size,), iterations=(4,), tolerance=0, weights=weights, levels=levels)
    sweeper = WindowedOptimizer(
        encoder, config, Pictures(content, painted, regions, [targets, targets], hold), Rect(0, 0, size[0], size[1])
    )
    sweeper.side = side
    sweeper.shifts = iter([(0, 0)] * 9)
    tensors = [torch.from_numpy(array).permute(2, 0, 1)[None] for array in (content, painted)]
    planes = [torch.from_numpy(region) for region in regions]
    whole = canvas_objective(
        encoder,
        tensors[0],
        (planes[0] + planes[1]).clamp(0, 1),
        torch.from_numpy(hold),
        [Region(plane, targets) for plane in planes],
        weights,
        levels=levels,
        guidance=config.guidance,
    )
    return sweeper, whole, tensors[1]


@pytest.mark.parametrize("levels", [1, 2])
@pytest.mark.parametrize("style_loss", ["gram", "wasserstein"])
def test_a_window_has_the_gradient_of_the_whole(levels, style_loss):
    sweeper, whole, image = scene(weights=replace(WEIGHTS, style_loss=style_loss), levels=levels)
    terms, gradient = whole(image)
    found = windows(image.shape[-2:], (64, 160)[levels - 1], sweeper.step, sweeper.halo, between=True)
    sweeper._measure(found)
    assert sweeper.sums == pytest.approx(
        {name: terms[name] for name in sweeper.sums}, rel=2e-3 if style_loss == "wasserstein" else 1e-4
    )
    assert len(found) >= 9
    values = []
    scale = float(gradient.abs().max()) * (20 if style_loss == "wasserstein" else 1)
    for window in found:
        patch = sweeper._patch(
            window, window.outer.part(torch.from_numpy(sweeper.pictures.content).permute(2, 0, 1)[None]), False
        )
        value, own = patch(window.outer.part(image))
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


@pytest.mark.parametrize("style_loss", ["gram", "wasserstein"])
def test_windows_that_fall_lower_the_whole(style_loss):
    sweeper, whole, image = scene(weights=replace(WEIGHTS, style_loss=style_loss), levels=1)
    values = [whole(image)[0]["total"]]
    for number in range(3):
        for done, planned, terms, _note in sweeper.paint_pass(number, 3):
            assert 1 <= done <= planned
            assert terms["total"] == pytest.approx(sum(terms[name] for name in sweeper.sums))
        painted = torch.from_numpy(sweeper.pictures.painted).permute(2, 0, 1)[None]
        values.append(whole(painted)[0]["total"])
        assert values[-1] < values[-2]


def test_all_windows_take_their_share():
    """A photo that is everywhere alike is changed everywhere alike, whichever window comes first."""
    sweeper, *_ = scene(levels=1, side=96)
    sweeper.pictures.content_weight_map = None
    rng = np.random.default_rng(2)
    for array in (sweeper.pictures.content, sweeper.pictures.painted):
        array[:] = 0.5 + 0.1 * rng.standard_normal(array.shape)
    sweeper.pictures.regions[0][:], sweeper.pictures.regions[1][:] = 1, 0
    before = sweeper.pictures.painted.copy()
    for _ in sweeper.paint_pass(0, 4):
        pass
    changed = np.abs(sweeper.pictures.painted - before).mean(2)
    parts = [changed[top : top + 70, left : left + 70].mean() for top in (0, 80, 160) for left in (0, 80, 160, 240)]
    assert min(parts) > 0.7 * max(parts)


def test_sweeps_come_as_far_as_steps_of_the_whole_canvas():
    from portrait_nst.transfer.optim.lbfgs import LBFGS
    from portrait_nst.transfer.optim.parametrization import Pyramid

    sweeper, whole, image = scene(levels=1, side=128)
    start = whole(image)[0]["total"]
    pyramid = Pyramid(*image.shape[-2:], 5)

    def evaluate(x):
        leaf = x.detach().requires_grad_(True)
        seen = pyramid.synthesise(leaf)
        terms, gradient = whole(seen)
        seen.backward(gradient)
        return terms["total"], leaf.grad

    optimiser = LBFGS(evaluate, pyramid.analyse(image), memory=8, first_step=0.1)
    for _ in range(8):
        optimiser.step()
    for number, steps in enumerate(steps_per_pass(8)):
        for _ in sweeper.paint_pass(number, steps):
            pass
    painted = torch.from_numpy(sweeper.pictures.painted).permute(2, 0, 1)[None]
    assert whole(painted)[0]["total"] - 0.1 * start < optimiser.value


def test_a_sum_of_parts_has_the_spread_of_the_whole():
    features, area = torch.rand(1, 4, 9, 11), torch.rand(1, 9, 11)
    total = RunningVariance()
    total.add(features[:, :, :4], area[:, :4])
    total.add(features[:, :, 4:], area[:, 4:])
    share = area / area.sum()
    mean = (features * share).sum((2, 3), keepdim=True)
    assert total.factor() == pytest.approx(float(content_factor(features, area)), rel=1e-5)
    assert total.total == pytest.approx(float(((features - mean).square() * area).sum()), rel=1e-5)


def test_steps_are_spread_over_the_sweeps():
    assert (
        steps_per_pass(6) == [3, 3]
        and steps_per_pass(7) == [4, 3]
        and steps_per_pass(1) == [1]
        and steps_per_pass(40) == [6, 6, 6, 6, 6, 5, 5]
    )


def test_what_sweeps_cost():
    """One window: the content twice; in each sweep the picture's statistics, the target, the start and the steps."""
    assert windowed_evaluations((500, 500), 1, "cpu") == pytest.approx(2 / 3 + 1 / 3 + 1 / 3 + 1 + 1)
    assert windowed_evaluations((500, 500), 6, "cpu") == pytest.approx(2 / 3 + 2 * (1 / 3 + 1 / 3 + 1 + 3))
    assert 12 < windowed_evaluations((6000, 4000), 6, "cpu") < 15


def test_without_memory_windows_become_smaller(monkeypatch):
    sweeper, _, _ = scene(levels=1, side=310)
    real = WindowedOptimizer._paint

    def paint(self, window, steps):
        if max(window.shape) > 300:
            raise torch.OutOfMemoryError("CUDA out of memory")
        yield from real(self, window, steps)

    monkeypatch.setattr(WindowedOptimizer, "_paint", paint)
    notes = [note for *_, note in sweeper.paint_pass(0, 1)]
    assert sweeper.side == 155 and "windows of 155 px" in notes[0]
