"""Nearest features in windows: a window has the gradient of the whole canvas, no cell is left out, and no seam shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from portrait_nst.transfer.config import StylePart
from portrait_nst.transfer.nearest import hypercolumns
from portrait_nst.transfer.nearest.term import NearestTerm
from portrait_nst.transfer.nearest.window_matching import FrameArrays, WindowMatcher
from portrait_nst.transfer.objective.build import Region, canvas_objective
from portrait_nst.transfer.objective.objective import Objective
from portrait_nst.transfer.objective.style_targets import gram_targets
from portrait_nst.transfer.objective.windowed import Window, WindowObjective, windows
from portrait_nst.transfer.rect import Rect
from portrait_nst.transfer.windowed_optimizer import WindowedOptimizer, _WindowProblem

from .scenes import LAYERS, STYLE, codebook, float_encoder, orders, tensor, texture


def scene(
    size: tuple[int, int] = (264, 328), side: int = 64, levels: int = 2, soft: bool = True
) -> tuple[WindowedOptimizer, Objective, Tensor]:
    """An optimizer whose grid does not move, the objective of the whole canvas for the same query, and the picture."""
    encoder = float_encoder()
    content, painted, query = (texture(*size, seed) for seed in (3, 4, 5))
    across = 1 / (1 + np.exp((np.arange(size[1]) - size[1] / 2) / 3))
    mask = np.ones(size, np.float32)
    if soft:
        mask[:20], mask[:, :11], mask[:, -30:] = 0, 0, 0
    regions = [(mask * across).astype(np.float32), (mask * (1 - across)).astype(np.float32)]
    weight_map = np.random.default_rng(1).random(size).astype(np.float32)
    styles = [texture(90, 100, seed) for seed in (1, 2)]
    books = [codebook(encoder, [StylePart(style)], size, 3000) for style in styles]
    names = [name for name, _ in STYLE]
    targets = [gram_targets(encoder, tensor(style), None, names, levels) for style in styles]
    config = replace(orders(size), levels=levels)
    frame = FrameArrays(content, painted.copy(), regions, targets, weight_map, books, query)
    optimizer = WindowedOptimizer(encoder, config, frame, Rect(0, 0, *size))
    optimizer.side, optimizer.shifts = side, iter([(0, 0)] * 9)
    planes, weights = [torch.from_numpy(region) for region in regions], torch.from_numpy(weight_map)
    assert config.nearest is not None
    term = NearestTerm(
        encoder,
        matcher_of(optimizer).keys,
        config.nearest,
        list(zip(planes, books)),
        tensor(content),
        tensor(query),
        content_weight_map=weights,
    )
    whole = canvas_objective(
        encoder,
        tensor(content),
        (planes[0] + planes[1]).clamp(0, 1),
        weights,
        [Region(plane, target) for plane, target in zip(planes, targets)],
        config.weights,
        levels=levels,
        guidance=config.guidance,
        local=term,
    )
    return optimizer, whole, tensor(painted)


def matcher_of(optimizer: WindowedOptimizer) -> WindowMatcher:
    assert optimizer.matcher is not None
    return optimizer.matcher


def prepared(optimizer: WindowedOptimizer, side: int, between: bool = False) -> list[Window]:
    found = windows(optimizer.box.shape, side, optimizer.step, optimizer.halo, between)
    optimizer._measure(found)
    matcher_of(optimizer).begin(0, optimizer.box, optimizer.side, optimizer.union)
    return found


def part(window: Window, image: Tensor) -> Tensor:
    return window.outer.part(image)


def objective_of(optimizer: WindowedOptimizer, window: Window) -> WindowObjective:
    photo = part(window, tensor(optimizer.frame.content))
    return _WindowProblem(
        optimizer.encoder, photo, optimizer.config, lambda bf16: optimizer._objective(window, photo, bf16)
    ).window_objective


def matches_in(optimizer: WindowedOptimizer, window: Window) -> Tensor:
    local = objective_of(optimizer, window).local
    assert isinstance(local, NearestTerm)
    return local.parts[0].matches


def test_one_window_over_all_is_the_whole_canvas() -> None:
    optimizer, whole, image = scene((120, 136))
    (window,) = prepared(optimizer, 512)
    found, gradient = objective_of(optimizer, window)(image)
    terms, known = whole(image)
    assert terms["nearest"] > 0 and terms["content"] > 0 and terms["style"] > 0
    for name, value in terms.items():
        assert found[name] == pytest.approx(value, rel=1e-3), name
    assert float((gradient - known).norm() / known.norm()) < 1e-3


@pytest.mark.parametrize("between", [False, True])
def test_a_window_has_the_gradient_of_the_whole(between: bool) -> None:
    optimizer, whole, image = scene()
    _, gradient = whole(image)
    found = prepared(optimizer, 128, between)
    assert len(found) >= 4
    checked = torch.zeros(image.shape[-2:])
    for window in found:
        _, own = objective_of(optimizer, window)(part(window, image))
        wanted, sure = part(window, gradient), torch.ones(window.shape, dtype=torch.bool)
        for axis, outer in enumerate(window.outer.slices):
            along = sure.movedim(axis, 0)
            reach = 2 * optimizer.halo + 48  # beyond the cells that count, what they see
            along[: reach if outer.start > 0 else 0] = False
            along[len(along) - (reach if outer.stop < image.shape[2 + axis] else 0) :] = False
        part(window, checked)[sure] += 1
        apart = (own - wanted)[..., sure]
        assert float(apart.norm()) < 0.02 * float(wanted[..., sure].norm()) + 1e-9
    assert checked.sum() > 5000


@pytest.mark.parametrize("levels", [1, 2, 3])
@pytest.mark.parametrize("between", [False, True])
def test_no_cell_is_left_out(levels: int, between: bool) -> None:
    optimizer, *_ = scene((264, 328), levels=levels, soft=False)
    seen = torch.zeros(optimizer.box.shape)
    for window in windows(optimizer.box.shape, 128, optimizer.step, optimizer.halo, between):
        window.outer.part(seen).add_(matcher_of(optimizer)._core(window))
    assert seen.min() >= 1


def test_the_reported_terms_are_those_of_the_whole() -> None:
    optimizer, whole, image = scene((200, 264))
    *_, (_, _, terms, _) = optimizer.paint_pass(0, 1)
    known = whole(tensor(optimizer.frame.painted))[0]
    before = whole(image)[0]
    assert known["total"] < before["total"] and known["nearest"] < before["nearest"]
    for name in ("nearest", "content"):
        assert terms[name] == pytest.approx(known[name], rel=0.25), name  # each window's as it was left
    assert terms["total"] == pytest.approx(sum(value for name, value in terms.items() if name != "total"))


def test_the_first_pass_matches_the_query_and_later_ones_the_painted_picture() -> None:
    optimizer, *_ = scene((120, 136))
    (window,) = prepared(optimizer, 512)
    assert not matcher_of(optimizer).again and matcher_of(optimizer).query is optimizer.frame.query
    first = matches_in(optimizer, window)
    matcher_of(optimizer).begin(1, optimizer.box, optimizer.side, optimizer.union)
    assert matcher_of(optimizer).again and matcher_of(optimizer).query is optimizer.frame.painted
    assert not torch.equal(matches_in(optimizer, window), first)


def test_windows_leave_no_seam() -> None:
    """On a smooth photo neighbours differ no more across a window's edge than elsewhere on the encoder's grid."""
    optimizer, *_ = scene((264, 328), side=88, soft=False)
    y, x = np.mgrid[:264, :328]
    smooth = np.stack([0.3 + 0.4 * x / 328, 0.5 + 0.3 * y / 264, 0.6 - 0.3 * x / 328], -1).astype(np.float32)
    frame = optimizer.frame
    assert frame.query is not None
    for array in (frame.content, frame.painted, frame.query):
        array[:] = smooth
    frame.regions[0][:], frame.regions[1][:], frame.content_weight_map = 1, 0, None
    edges: tuple[set[int], set[int]] = (set(), set())
    for number in range(2):
        for window in windows(optimizer.box.shape, 88, optimizer.step, optimizer.halo, number % 2 == 1):
            for axis, spans in enumerate(zip(window.core.slices, window.outer.slices)):
                edges[axis].update(at for span in spans for at in (span.start, span.stop))
        for _ in optimizer.paint_pass(number, 2):
            pass
        frame.query = None
    assert np.abs(frame.painted - smooth).mean() > 0.01
    across, near = [], []
    for axis in (0, 1):
        steps = np.abs(np.diff(frame.painted, axis=axis)).mean((1 - axis, 2))
        for at in edges[axis]:
            if 8 < at < len(steps) - 8:
                across.append(steps[at - 1])
                near.append(np.mean([steps[at - 1 + d] for d in (-16, -8, 8, 16) if 8 < at + d < len(steps)]))
    assert len(across) >= 12
    assert sum(across) < 1.2 * sum(near)  # 1.10; painted in one window 1.04, in windows that do not fade 2.3


def test_styles_with_fewer_levels_are_painted_too() -> None:
    optimizer, *_ = scene((120, 136))
    narrow = codebook(optimizer.encoder, [StylePart(texture(40, 480, 1))], (64, 64))
    assert {level for level, _ in narrow.metric.keys} == {0}
    for books in ([narrow, optimizer.frame.codebooks[1]], [optimizer.frame.codebooks[1], narrow]):
        optimizer.frame.codebooks = books
        other = WindowedOptimizer(optimizer.encoder, optimizer.config, optimizer.frame, optimizer.box)
        assert {level for level, _ in matcher_of(other).keys} == {0, 1} and len(
            {name for _, name in matcher_of(other).keys}
        ) == len(LAYERS)
        *_, (_, _, terms, _) = other.paint_pass(0, 1)
        assert np.isfinite(terms["total"]) and hypercolumns.cells_of(optimizer.box.shape) == (30, 34)
