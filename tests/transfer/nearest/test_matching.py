"""Matching: windows have the terms and gradient of the whole picture, and later queries are what is painted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from portrait_nst.encoders import Encoder
from portrait_nst.transfer.config import StylePart
from portrait_nst.transfer.faces.gain_maps import Sitter
from portrait_nst.transfer.nearest import hypercolumns
from portrait_nst.transfer.nearest.codebook import Codebook
from portrait_nst.transfer.nearest.matching import NearestMatcher, TiledNearestTerm, means, overlapping_tiles, reach
from portrait_nst.transfer.nearest.term import NearestTerm
from portrait_nst.transfer.objective.scale_problem import ScaleProblem
from portrait_nst.transfer.objective.tiles import NO_TILES, Tiling
from portrait_nst.transfer.optim.parametrization import Pyramid
from portrait_nst.transfer.rect import Rect

from .scenes import KEYS, codebook, float_encoder, orders, tensor, texture

SIZE = (202, 267)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return float_encoder()


@pytest.fixture(scope="module")
def books(encoder: Encoder) -> list[Codebook]:
    return [codebook(encoder, [StylePart(texture(90, 100, seed))], SIZE, 3000) for seed in (1, 2)]


WHOLE = Rect(0, 0, *SIZE)


def matcher(encoder: Encoder, books: list[Codebook], again: bool = False, faces: Any = None) -> NearestMatcher:
    across = torch.sigmoid((130 - torch.arange(SIZE[1])) / 3).expand(SIZE)
    mask = torch.zeros(SIZE)
    mask[20:190, 33:267] = 1
    content, query = (tensor(texture(*SIZE, seed)) for seed in (3, 4))
    return NearestMatcher(
        encoder, [(mask * across, books[0]), (mask * (1 - across), books[1])], content, query, faces, again
    )


def both(
    ask: NearestMatcher, shift: tuple[int, int] = (0, 0), painted: torch.Tensor | None = None, **more: Any
) -> tuple[NearestTerm, TiledNearestTerm]:
    """The terms of a picture, whole and in windows of 64 px and what they reach."""
    found = []
    where, picture = Rect(*shift, *SIZE), ask.content if painted is None else painted
    for tiling in (NO_TILES, Tiling(64, 1000)):
        again = ask.again
        found.append(ask(picture, where, more.get("weight_map"), more.get("sitter"), orders(SIZE, tiling=tiling)))
        assert ask.again
        ask.again = again
    whole, tiled = found
    assert isinstance(whole, NearestTerm) and isinstance(tiled, TiledNearestTerm) and len(tiled.windows) >= 9
    return whole, tiled


@pytest.mark.parametrize(
    "again, shift, firmly", [(False, (0, 0), False), (True, (0, 0), True), (False, (3, 1), True), (True, (1, 2), False)]
)
def test_a_picture_in_windows_has_the_terms_and_the_gradient_of_the_whole(
    encoder: Encoder, books: list[Codebook], again: bool, shift: tuple[int, int], firmly: bool
) -> None:
    part = Rect(*shift, *SIZE)
    painted = part.part(tensor(texture(*SIZE, 5)))
    more: dict[str, Any] = {"weight_map": part.part(torch.rand(SIZE)) * 2} if firmly else {}
    if firmly:
        more["sitter"] = Sitter(tensor(texture(*SIZE, 6)), (torch.rand(SIZE) > 0.5).float()).part(part)
    whole, tiled = both(matcher(encoder, books, again), shift, painted, **more)
    grid = whole.grid
    for window, term in tiled.windows:  # a tie may be decided otherwise, by a rounding of the mean
        top, left = window.top // 4, window.left // 4
        for mine, theirs in zip(term.parts, whole.parts):
            same = theirs.matches.view(grid)[top : top + term.grid[0], left : left + term.grid[1]].flatten()
            assert int((mine.matches != same)[mine.matched].sum()) <= 2
            mine.matches[mine.matched] = same[mine.matched]
    terms, gradient = whole.evaluate(painted)
    found, other = tiled.evaluate(painted)
    for name, value in terms.items():
        assert float(found[name]) == pytest.approx(float(value), rel=1e-4), name
    torch.testing.assert_close(other, gradient, rtol=0, atol=1e-4 * float(gradient.abs().max()))
    assert tiled.variance == pytest.approx(whole.variance, rel=0.3)  # each window's is around its own mean
    for _, term in tiled.windows:
        assert not term.parts[0].goals  # one window's are held at a time
    assert not callable(tiled)  # there are no maps of all of it


def test_windows_count_each_cell_once(encoder: Encoder, books: list[Codebook]) -> None:
    whole, tiled = both(matcher(encoder, books))
    for number, part in enumerate(whole.parts):
        seen = torch.zeros(whole.grid)
        for window, term in tiled.windows:
            top, left = window.top // 4, window.left // 4
            mine = term.parts[number].weights.view(term.grid)
            seen[top : top + term.grid[0], left : left + term.grid[1]] += mine
            assert term.total == pytest.approx(whole.total, rel=1e-5)
        torch.testing.assert_close(seen.flatten(), part.weights)
    assert sum(term.share for _, term in tiled.windows) == pytest.approx(1, rel=1e-5)


def test_faces_are_those_of_the_whole_too(encoder: Encoder) -> None:
    faces = torch.zeros(SIZE)
    faces[40:120, 50:160] = 1
    there = torch.zeros(90, 100)
    there[20:60, 20:60] = 1
    part = StylePart(texture(90, 100, 1), faces=there.numpy())
    books = [codebook(encoder, [part], SIZE, 3000)] * 2
    painted = tensor(texture(*SIZE, 5))
    whole, tiled = both(matcher(encoder, books, faces=faces), painted=painted)
    without, _ = both(matcher(encoder, books), painted=painted)
    terms, found = whole.evaluate(painted)[0], tiled.evaluate(painted)[0]
    # A tie is decided by rounding: the other match may come.
    assert float(found["nearest"]) == pytest.approx(float(terms["nearest"]), rel=1e-3)
    assert float(without.evaluate(painted)[0]["nearest"]) != pytest.approx(float(terms["nearest"]), rel=1e-3)


def test_what_is_painted_is_the_query_from_the_second_time_on(encoder: Encoder, books: list[Codebook]) -> None:
    ask, painted = matcher(encoder, books), tensor(texture(*SIZE, 5))
    config = orders(SIZE)
    first = ask(painted, WHOLE, None, None, config)
    assert ask.again
    second = ask(painted, WHOLE, None, None, config)
    parts = [(mask, book) for mask, book in ask.regions]
    assert isinstance(first, NearestTerm) and isinstance(second, NearestTerm) and config.nearest is not None
    for term, query, again in ((first, ask.query, False), (second, painted, True)):
        known = NearestTerm(encoder, KEYS, config.nearest, parts, ask.content, query, again=again)
        assert all(torch.equal(a.matches, b.matches) for a, b in zip(term.parts, known.parts))
    assert not torch.equal(first.parts[0].matches, second.parts[0].matches)


def test_where_memory_does_not_suffice_the_first_query_is_still_the_first(
    encoder: Encoder, books: list[Codebook], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The canvas goes on in tiles; what was matched before anything was evaluated is matched again."""
    ask = matcher(encoder, books)
    union = torch.stack([mask for mask, _ in ask.regions]).sum(0)
    canvas = ScaleProblem(
        encoder, ask.content, union, None, [union], [{}], orders(SIZE, tiling=Tiling(512, 10**6)), matcher=ask
    )
    asked = []
    plain = NearestMatcher.__call__

    def watched(self: NearestMatcher, *args: Any) -> Any:
        asked.append(self.again)
        return plain(self, *args)

    def short(self: NearestTerm, image: torch.Tensor, maps: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(NearestMatcher, "__call__", watched)
    monkeypatch.setattr(NearestTerm, "__call__", short)
    monkeypatch.setattr(NearestTerm, "evaluate", lambda self, image: ({"nearest": image.sum()}, torch.ones_like(image)))
    pyramid = Pyramid(*SIZE, 3)
    start = pyramid.analyse(ask.content)
    evaluate = canvas.objective(pyramid)
    evaluate(start)
    assert asked == [False, False] and canvas.config.tiling.side > 0
    canvas.objective(pyramid)(start)
    assert asked == [False, False, True]


def test_regions_whose_styles_have_fewer_levels_are_matched_all_the_same(encoder: Encoder) -> None:
    """A style so narrow that there is none of it at x1/2 stands beside another, whichever comes first."""
    narrow = codebook(encoder, [StylePart(texture(40, 480, 1))], (64, 64))
    usual = codebook(encoder, [StylePart(texture(90, 100, 2))], (64, 64))
    assert {key[0] for key in narrow.metric.keys} == {0} and {key[0] for key in usual.metric.keys} == {0, 1}
    content, query = (tensor(texture(72, 80, seed)) for seed in (3, 4))
    left = torch.zeros(72, 80)
    left[:, :40] = 1
    values = []
    for order in ((0, 1), (1, 0)):
        regions = [((left, narrow), (1 - left, usual))[number] for number in order]
        ask = NearestMatcher(encoder, regions, content, query, None)
        for tiling in (NO_TILES, Tiling(64, 1000)):
            term = replace(ask, again=False)(query, Rect(0, 0, 72, 80), None, None, orders((72, 80), tiling=tiling))
            found = term.evaluate(query)[0]
            values.append(float(found["nearest"]))
            assert float(found["content"]) > 0
    assert values == pytest.approx([values[0]] * 4, rel=1e-4)


@pytest.mark.parametrize("size", [(64, 64), (202, 267), (131, 700), (129, 128), (1000, 60)])
@pytest.mark.parametrize("side", [64, 100])
def test_windows_make_up_the_picture_once_and_reach_beyond(size: tuple[int, int], side: int) -> None:
    margin, seen = 56, torch.zeros(size)
    for tile in overlapping_tiles(size, side, margin):
        tile.core.part(seen).add_(1)
        for span, own, length in zip(tile.window.slices, tile.core.slices, size):
            assert span.start % 8 == 0 and own.start % 8 == 0
            assert span.start == max(0, own.start - margin) and span.stop == min(length, own.stop + margin)
    assert bool((seen == 1).all())


def test_a_reach_is_as_far_as_a_cells_match_sees(encoder: Encoder) -> None:
    """What lies beyond it changes neither a cell's hypercolumn nor those of the neighbours that it is smoothed with."""
    far, image = reach(encoder, KEYS), tensor(texture(264, 264, 1))
    assert far % 8 == 0
    grid, wider = hypercolumns.cells_of((264, 264)), image.clone()
    wider[..., : 128 - far] = torch.rand(264, 128 - far)
    for key in KEYS:
        first, second = (
            hypercolumns.columns(encoder, hypercolumns.features(encoder, x, KEYS, False), KEYS, grid)[key]
            for x in (image, wider)
        )
        same = (first == second).all(1).view(grid).all(0)
        assert bool(same[128 // 4 - 3 :].all()) and not bool(same.all()), key


def test_means_of_parts_are_those_of_the_whole(encoder: Encoder) -> None:
    image, mask = tensor(texture(*SIZE, 3)), torch.rand(SIZE)
    far = reach(encoder, KEYS)

    def parts() -> Any:
        for tile in overlapping_tiles(SIZE, 64, far):
            inside = torch.zeros(SIZE)
            tile.core.part(inside).fill_(1)
            yield tile.window.part(image), [tile.window.part(each * inside) for each in (mask, 1 - mask)]

    found = means(encoder, KEYS, parts(), False)
    grid = hypercolumns.cells_of(SIZE)
    whole = hypercolumns.columns(encoder, hypercolumns.features(encoder, image, KEYS, False), KEYS, grid)
    for each, region in zip(found, (mask, 1 - mask)):
        for key, value in hypercolumns.mean(whole, hypercolumns.to_cells(region, grid)).items():
            torch.testing.assert_close(each[key], value, rtol=1e-4, atol=1e-5)
