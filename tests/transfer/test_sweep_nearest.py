"""Nearest features in sweeps: a window judges by what the whole canvas would, no cell is left out, and no seam shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from portrait_nst.transfer.config import StylePart
from portrait_nst.transfer.nearest import hypercolumns
from portrait_nst.transfer.nearest.term import NearestTerm
from portrait_nst.transfer.nearest.window_matching import Pictures
from portrait_nst.transfer.objective.build import Region, canvas_objective
from portrait_nst.transfer.objective.style_targets import gram_targets
from portrait_nst.transfer.objective.windowed import windows
from portrait_nst.transfer.rect import Rect
from portrait_nst.transfer.windowed import WindowedOptimizer, _WindowProblem

from .nearest.scenes import LAYERS, STYLE, codebook, float_encoder, orders, tensor, texture


def scene(size=(264, 328), side=64, levels=2, soft=True):
    """A sweeper whose grid does not move, and the whole objective of the same canvas for the same question."""
    encoder = float_encoder()
    content, painted, question = (texture(*size, seed) for seed in (3, 4, 5))
    across = 1 / (1 + np.exp((np.arange(size[1]) - size[1] / 2) / 3))
    mask = np.ones(size, np.float32)
    if soft:
        mask[:20], mask[:, :11], mask[:, -30:] = 0, 0, 0
    regions = [(mask * across).astype(np.float32), (mask * (1 - across)).astype(np.float32)]
    hold = np.random.default_rng(1).random(size).astype(np.float32)
    styles = [texture(90, 100, seed) for seed in (1, 2)]
    books = [codebook(encoder, [StylePart(style)], size, 3000) for style in styles]
    names = [name for name, _ in STYLE]
    targets = [gram_targets(encoder, tensor(style), None, names, levels) for style in styles]
    config = replace(orders(size), levels=levels)
    pictures = Pictures(content, painted.copy(), regions, targets, hold, books, question)
    sweeper = WindowedOptimizer(encoder, config, pictures, Rect(0, 0, *size))
    sweeper.side, sweeper.shifts = side, iter([(0, 0)] * 9)
    planes, held = [torch.from_numpy(region) for region in regions], torch.from_numpy(hold)
    term = NearestTerm(
        encoder,
        sweeper.asking.keys,
        config.nearest,
        list(zip(planes, books)),
        tensor(content),
        tensor(question),
        content_weight_map=held,
    )
    whole = canvas_objective(
        encoder,
        tensor(content),
        (planes[0] + planes[1]).clamp(0, 1),
        held,
        [Region(plane, target) for plane, target in zip(planes, targets)],
        config.weights,
        levels=levels,
        guidance=config.guidance,
        local=term,
    )
    return sweeper, whole, tensor(painted)


def prepared(sweeper, side, between=False):
    found = windows(sweeper.box.shape, side, sweeper.step, sweeper.halo, between)
    sweeper._measure(found)
    sweeper.asking.begin(0, sweeper.box, sweeper.side, sweeper.union)
    return found


def part(window, image):
    return window.outer.part(image)


def patch_of(sweeper, window):
    photo = part(window, tensor(sweeper.pictures.content))
    return _WindowProblem(
        sweeper.encoder, photo, sweeper.config, lambda bf16: sweeper._patch(window, photo, bf16)
    ).patch


def test_one_window_over_all_is_the_whole_canvas():
    sweeper, whole, image = scene((120, 136))
    (window,) = prepared(sweeper, 512)
    found, gradient = patch_of(sweeper, window)(image)
    terms, known = whole(image)
    assert terms["nearest"] > 0 and terms["content"] > 0 and terms["style"] > 0
    for name, value in terms.items():
        assert found[name] == pytest.approx(value, rel=1e-3), name
    assert float((gradient - known).norm() / known.norm()) < 1e-3


@pytest.mark.parametrize("between", [False, True])
def test_a_window_has_the_gradient_of_the_whole(between):
    sweeper, whole, image = scene()
    _, gradient = whole(image)
    found = prepared(sweeper, 128, between)
    assert len(found) >= 4
    checked = torch.zeros(image.shape[-2:])
    for window in found:
        _, own = patch_of(sweeper, window)(part(window, image))
        wanted, sure = part(window, gradient), torch.ones(window.shape, dtype=torch.bool)
        for axis, outer in enumerate(window.outer.slices):
            along = sure.movedim(axis, 0)
            reach = 2 * sweeper.halo + 48  # beyond the cells that count, what they see
            along[: reach if outer.start > 0 else 0] = False
            along[len(along) - (reach if outer.stop < image.shape[2 + axis] else 0) :] = False
        part(window, checked)[sure] += 1
        apart = (own - wanted)[..., sure]
        assert float(apart.norm()) < 0.02 * float(wanted[..., sure].norm()) + 1e-9
    assert checked.sum() > 5000


@pytest.mark.parametrize("levels", [1, 2, 3])
@pytest.mark.parametrize("between", [False, True])
def test_no_cell_is_left_out(levels, between):
    sweeper, *_ = scene((264, 328), levels=levels, soft=False)
    seen = torch.zeros(sweeper.box.shape)
    for window in windows(sweeper.box.shape, 128, sweeper.step, sweeper.halo, between):
        window.outer.part(seen).add_(sweeper.asking._core(window))
    assert seen.min() >= 1


def test_the_terms_told_are_those_of_the_whole():
    sweeper, whole, image = scene((200, 264))
    *_, (_, _, terms, _) = sweeper.paint_pass(0, 1)
    known = whole(tensor(sweeper.pictures.painted))[0]
    before = whole(image)[0]
    assert known["total"] < before["total"] and known["nearest"] < before["nearest"]
    for name in ("nearest", "content"):
        assert terms[name] == pytest.approx(known[name], rel=0.25), name  # each window's as it was left
    assert terms["total"] == pytest.approx(sum(value for name, value in terms.items() if name != "total"))


def test_a_first_sweep_asks_the_question_and_later_ones_what_is_painted():
    sweeper, *_ = scene((120, 136))
    (window,) = prepared(sweeper, 512)
    assert not sweeper.asking.again and sweeper.asking.queried is sweeper.pictures.query
    first = patch_of(sweeper, window).local.parts[0].matches
    sweeper.asking.begin(1, sweeper.box, sweeper.side, sweeper.union)
    assert sweeper.asking.again and sweeper.asking.queried is sweeper.pictures.painted
    assert not torch.equal(patch_of(sweeper, window).local.parts[0].matches, first)


def test_windows_leave_no_seam():
    """On a smooth photo neighbours differ no more across a window's edge than elsewhere on the encoder's grid."""
    sweeper, *_ = scene((264, 328), side=88, soft=False)
    y, x = np.mgrid[:264, :328]
    smooth = np.stack([0.3 + 0.4 * x / 328, 0.5 + 0.3 * y / 264, 0.6 - 0.3 * x / 328], -1).astype(np.float32)
    pictures = sweeper.pictures
    for array in (pictures.content, pictures.painted, pictures.query):
        array[:] = smooth
    pictures.regions[0][:], pictures.regions[1][:], pictures.content_weight_map = 1, 0, None
    edges: tuple[set[int], set[int]] = (set(), set())
    for number in range(2):
        for window in windows(sweeper.box.shape, 88, sweeper.step, sweeper.halo, number % 2 == 1):
            for axis, spans in enumerate(zip(window.core.slices, window.outer.slices)):
                edges[axis].update(at for span in spans for at in (span.start, span.stop))
        for _ in sweeper.paint_pass(number, 2):
            pass
        pictures.query = None
    assert np.abs(pictures.painted - smooth).mean() > 0.01
    across, near = [], []
    for axis in (0, 1):
        steps = np.abs(np.diff(pictures.painted, axis=axis)).mean((1 - axis, 2))
        for at in edges[axis]:
            if 8 < at < len(steps) - 8:
                across.append(steps[at - 1])
                near.append(np.mean([steps[at - 1 + d] for d in (-16, -8, 8, 16) if 8 < at + d < len(steps)]))
    assert len(across) >= 12
    assert sum(across) < 1.2 * sum(near)  # 1.10; painted in one window 1.04, in windows that do not fade 2.3


def test_styles_with_fewer_levels_are_swept_too():
    sweeper, *_ = scene((120, 136))
    narrow = codebook(sweeper.encoder, [StylePart(texture(40, 480, 1))], (64, 64))
    assert {level for level, _ in narrow.metric.keys} == {0}
    for books in ([narrow, sweeper.pictures.codebooks[1]], [sweeper.pictures.codebooks[1], narrow]):
        sweeper.pictures.codebooks = books
        other = WindowedOptimizer(sweeper.encoder, sweeper.config, sweeper.pictures, sweeper.box)
        assert {level for level, _ in other.asking.keys} == {0, 1} and len(
            {name for _, name in other.asking.keys}
        ) == len(LAYERS)
        *_, (_, _, terms, _) = other.paint_pass(0, 1)
        assert np.isfinite(terms["total"]) and hypercolumns.cells_of(sweeper.box.shape) == (30, 34)
