"""Codebooks: the nearest entry matches, what is masked never does, each style has its share, and neighbours vote."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional as F

from portrait_nst import encoders
from portrait_nst.encoders import Encoder
from portrait_nst.transfer.config import StylePart
from portrait_nst.transfer.nearest import hypercolumns
from portrait_nst.transfer.nearest.codebook import FACE, RIM, Codebook, beside, shared
from portrait_nst.types import FloatArray

from .scenes import KEYS, codebook, float_encoder, tensor, texture

SIZE = (128, 128)  # at which a style of that size is seen as it is


def questions(book: Codebook, seed: int = 7, encoder: Encoder | None = None) -> torch.Tensor:
    """(cells, d) of another texture, around its mean."""
    encoder, image = encoder or float_encoder(), tensor(texture(*SIZE, seed))
    grid = hypercolumns.cells_of(SIZE)
    with torch.no_grad():
        found = hypercolumns.columns(encoder, hypercolumns.features(encoder, image, KEYS, False), KEYS, grid)
    return book.metric.project(found, hypercolumns.mean(found, torch.ones(grid[0] * grid[1])))


def scores(
    book: Codebook,
    asked: torch.Tensor,
    faces: torch.Tensor | None = None,
    tones: torch.Tensor | None = None,
    price: float = 0.0,
) -> NDArray[Any]:
    """(cells, entries): cosines, with what they gain and lose, -inf for what may not answer; in float64."""
    entries, a = book.entries.double().numpy(), asked.double().numpy()
    found = (a / np.linalg.norm(a, axis=1, keepdims=True)) @ (
        entries / np.linalg.norm(entries, axis=1, keepdims=True)
    ).T
    found -= book.penalties.double().numpy()
    if faces is not None and book.faces is not None:
        found += FACE * faces.double().numpy()[:, None] * book.faces.double().numpy()
    if tones is not None:
        apart = tones.double().numpy()[:, None] - book.tones.double().numpy()[None]
        found -= price * np.square(apart).sum(2)
    found[:, ~book.allowed.numpy()] = -np.inf
    return np.asarray(found)


def searching_all(book: Codebook) -> Codebook:
    """The same codebook, whose search looks at every entry in all directions."""
    places = torch.nonzero(book.allowed)[:, 0]
    basis = torch.eye(book.entries.shape[1])
    extra = beside(book.penalties, book.faces, book.tones, places)
    keys = torch.cat([F.normalize(book.entries[places], dim=1), extra], 1)
    return replace(book, basis=basis, places=places, search_keys=keys)


def half_mask() -> NDArray[Any]:
    mask = np.zeros(SIZE, np.float32)
    mask[:, 30:100] = 1
    return mask


@pytest.fixture(scope="module")
def face_map() -> NDArray[Any]:
    faces = np.zeros(SIZE, np.float32)
    faces[20:70, 40:75] = 1
    return faces


@pytest.fixture(scope="module")
def books(face_map: FloatArray) -> dict[str, Codebook]:
    encoder, rgb = float_encoder(), texture(*SIZE, 1)
    return {
        "plain": codebook(encoder, [StylePart(rgb)]),
        "masked": codebook(encoder, [StylePart(rgb, half_mask())]),
        "faced": codebook(encoder, [StylePart(rgb, half_mask(), faces=face_map)]),
        "blend": codebook(encoder, [StylePart(rgb, half_mask(), 1.0), StylePart(texture(80, 120, 2), None, 3.0)]),
    }


@pytest.mark.parametrize("name", ["plain", "masked", "faced"])
def test_the_answer_is_the_entry_of_greatest_cosine(name: str, books: dict[str, Codebook]) -> None:
    """Also for questions that lie between an entry and its neighbour, which may be masked or outside of the face."""
    book = searching_all(books[name])
    first = F.normalize(book.entries[: 32 * 32], dim=1)
    asked = torch.cat([questions(book), first + 1.1 * first.roll(1, 0), first + 3 * first.roll(-1, 0)])
    face = torch.cat([torch.rand(32 * 32), torch.ones(2 * 32 * 32)])
    known = scores(book, asked, face)
    found = book.match(asked, face).numpy()
    np.testing.assert_allclose(known[np.arange(len(found)), found], known.max(1), rtol=0, atol=1e-6)
    assert (found == known.argmax(1)).mean() > 0.99  # but for ties: quarter turns are not always others


@pytest.mark.parametrize("price", [0.2, 3.0])
@pytest.mark.parametrize("name", ["plain", "masked", "faced"])
def test_an_answer_loses_by_how_far_its_tone_is(name: str, price: float, books: dict[str, Codebook]) -> None:
    """Cosine, less the rim's penalty and `price` times the squared distance of tones, and what a face gains."""
    book, asked = searching_all(books[name]), questions(books[name])
    tones, face = torch.rand(len(asked), 3), torch.rand(len(asked))
    known = scores(book, asked, face, tones, price)
    found = book.match(asked, face, tones, price).numpy()
    np.testing.assert_allclose(known[np.arange(len(found)), found], known.max(1), rtol=0, atol=1e-5)
    assert (found == known.argmax(1)).mean() > 0.98  # but for ties: quarter turns are not always others
    free = book.match(asked, face)
    apart = [(book.tones[each] - tones).square().sum(1).mean() for each in (torch.from_numpy(found), free)]
    assert apart[0] < apart[1]
    assert torch.equal(book.match(asked, face, tones, 0.0), free) and torch.equal(book.match(asked, face), free)


def test_what_is_searched_first_counts_as_what_is_compared_at_last(books: dict[str, Codebook]) -> None:
    """Were a column of the keys another than `beside` says, the two steps would look for different entries."""
    for name, book in books.items():
        unit = F.normalize(book.entries[book.places], dim=1)
        rest = torch.rand(len(unit), 6)
        in_keys = (book.search_keys[:, book.basis.shape[1] :] * rest).sum(1)
        expected = book._scores(unit, rest, book.places) - 1  # of which the cosine is 1
        torch.testing.assert_close(in_keys, expected, rtol=0, atol=1e-5, msg=name)
    tones = torch.rand(5, 3, generator=torch.Generator().manual_seed(1))
    columns = beside(torch.full((5,), 0.1), None, tones, torch.tensor([3, 1]))
    centred = tones[[3, 1]].double() - 0.5
    expected = torch.cat([torch.tensor([[-0.1, 0.0]] * 2), centred.square().sum(1, keepdim=True), centred], 1)
    torch.testing.assert_close(columns.double(), expected, rtol=0, atol=1e-6)


def test_the_search_in_two_steps_falls_little_short_of_it(small_style: Path) -> None:
    """Half of its answers are the very nearest. What it looks at first it finds, and the neighbours only ever better that."""
    encoder = encoders.get("embedded")
    with Image.open(small_style) as image:
        book = codebook(encoder, [StylePart((np.asarray(image) / 255).astype(np.float32))])
    assert len(book.places) < 0.3 * len(book.entries) and book.basis.shape[1] < book.entries.shape[1]
    assert torch.equal(book.match(book.entries[book.places]), book.places)
    asked = questions(book, encoder=encoder)
    known, found = scores(book, asked), book.match(asked).numpy()
    best, each = known.max(1), np.arange(len(found))
    assert (best - known[each, found]).mean() < 0.02 and best.mean() > 0.3
    sampled = known[:, book.places.numpy()].max(1)
    assert (known[each, found] > sampled - 0.06).all() and (known[each, found] > sampled + 1e-6).mean() > 0.1


def test_what_is_masked_never_answers(books: dict[str, Codebook]) -> None:
    book = books["masked"]
    inside = half_mask()
    _, row, column = book.index.locate(torch.arange(32 * 32))  # the first grid is the picture as it is
    expected = hypercolumns.to_cells(torch.from_numpy(inside), (32, 32)) > 0.5
    assert torch.equal(book.allowed[: 32 * 32], expected) and 0.3 < expected.float().mean() < 0.7
    assert torch.equal(row * 32 + column, torch.arange(32 * 32))
    asked = book.entries[~book.allowed]  # which nothing is nearer to than the entries themselves
    for one in (book, searching_all(book)):
        assert bool(one.allowed[one.match(asked)].all())
    edge = torch.arange(32) * 32 + 8  # whose left neighbours, nearer to these questions, are masked
    unit = F.normalize(book.entries, dim=1)
    keys = torch.cat([unit[edge], torch.zeros(32, 6)], 1)
    basis = torch.eye(book.entries.shape[1])
    looked = replace(book, penalties=torch.zeros_like(book.penalties), places=edge, search_keys=keys, basis=basis)
    assert bool(book.allowed[edge].all()) and not book.allowed[edge - 1].any()
    assert bool(book.allowed[looked.match(unit[edge] + 1.2 * unit[edge - 1])].all())


def test_the_rim_of_a_mask_answers_less_gladly(books: dict[str, Codebook]) -> None:
    book = books["masked"]
    deep = book.penalties == 0
    assert bool((book.penalties >= 0).all()) and bool((book.penalties <= RIM).all())
    first = book.penalties[: 32 * 32].view(32, 32)
    assert float(first[12, 13]) == 0 and float(first[12, 8]) == pytest.approx(RIM)  # 52 and 32 px from the left
    at_rim = torch.nonzero(book.allowed & ~deep)[:, 0]
    found = searching_all(book).match(book.entries[at_rim])
    free = searching_all(replace(book, penalties=torch.zeros_like(book.penalties))).match(book.entries[at_rim])
    assert torch.equal(free, at_rim) and not torch.equal(found, at_rim)
    assert bool((book.penalties[found] <= book.penalties[at_rim]).all())


def test_faces_ask_faces_where_both_have_some(books: dict[str, Codebook]) -> None:
    book = searching_all(books["faced"])
    asked = questions(book)
    assert book.faces is not None and 0.1 < float(book.faces.mean()) < 0.9

    def share(which: Codebook, face: torch.Tensor | None) -> float:
        assert book.faces is not None
        return float(book.faces[which.match(asked, face)].mean())

    nowhere, all_over = torch.zeros(len(asked)), torch.ones(len(asked))
    assert share(book, all_over) > share(book, nowhere) + 0.1
    assert torch.equal(book.match(asked, None), book.match(asked, nowhere))
    without = searching_all(books["masked"])
    assert without.faces is None and torch.equal(without.match(asked, all_over), without.match(asked, None))
    some = (torch.arange(len(asked)) % 2).float()  # cell by cell
    mixed, plain, faced = (book.match(asked, x) for x in (some, nowhere, all_over))
    assert torch.equal(mixed, torch.where(some > 0, faced, plain))


@pytest.mark.parametrize("shares", [[0.5, 0.5], [0.2, 0.8], [0.2, 0.3, 0.5], [0.4, 0.1, 0.2, 0.3]])
@pytest.mark.parametrize("better", [0.0, 0.4])
def test_each_style_has_its_share(shares: list[float], better: Any) -> None:
    values = 0.6 + 0.1 * torch.randn(2000, len(shares))
    values[:, 0] += better
    wanted = torch.tensor(shares)
    chosen = shared(values, wanted)
    part = torch.bincount(chosen, minlength=len(shares)) / len(values)
    torch.testing.assert_close(part, wanted, rtol=0, atol=0.03)
    for style in range(len(shares)):  # and the cells that fit it best, beside its price
        apart = values[:, style] - values.roll(1, 1)[:, style]
        assert apart[chosen == style].mean() > apart.mean() + 0.02


def test_a_blend_is_answered_by_its_shares(books: dict[str, Codebook]) -> None:
    book = books["blend"]
    torch.testing.assert_close(book.shares, torch.tensor([0.25, 0.75]))
    found = book.match(questions(book))
    part = torch.bincount(book.parts[found], minlength=2) / len(found)
    torch.testing.assert_close(part, book.shares, rtol=0, atol=0.04)
    assert bool(book.allowed[found].all())


@pytest.mark.parametrize("name", ["masked", "blend"])
def test_votes_are_those_of_a_loop(name: str, books: dict[str, Codebook]) -> None:
    book, grid = books[name], (9, 11)
    allowed = torch.nonzero(book.allowed)[:, 0]
    answers = allowed[torch.randint(len(allowed), (99,))]
    asked = torch.rand(99) > 0.2
    starts, heights, widths = (x.tolist() for x in (book.index.starts, book.index.heights, book.index.widths))

    def moved(entry: int, dy: int, dx: int) -> int | None:
        sheet = max(i for i, start in enumerate(starts) if start <= entry)
        row, column = divmod(entry - starts[sheet], widths[sheet])
        row, column = row + dy, column + dx
        inside = 0 <= row < heights[sheet] and 0 <= column < widths[sheet]
        return starts[sheet] + row * widths[sheet] + column if inside else None

    entries, expected, refused = book.entries.double().numpy(), [], 0
    for y in range(grid[0]):
        for x in range(grid[1]):
            total, count = np.zeros(entries.shape[1]), 0.0
            for b in range(max(0, y - 1), min(grid[0], y + 2)):
                for a in range(max(0, x - 1), min(grid[1], x + 2)):
                    entry = moved(int(answers[b * grid[1] + a]), y - b, x - a)
                    if not asked[b * grid[1] + a]:
                        continue
                    if entry is None or not book.allowed[entry]:
                        refused += 1
                        continue
                    weight = (1.0, 0.5, 0.25)[abs(a - x) + abs(b - y)]
                    total, count = total + weight * entries[entry], count + weight
            expected.append(total / max(count, 1e-6))
    assert refused > 5  # borders of grids, and of the mask
    np.testing.assert_allclose(book.vote(answers, grid, asked), np.stack(expected), rtol=0, atol=1e-5)


def test_answers_that_lie_side_by_side_in_the_style_vote_for_the_style(books: dict[str, Codebook]) -> None:
    """A piece of the style is its own goal, whole."""
    book = books["plain"]
    piece = torch.arange(32 * 32).view(32, 32)[3:11, 5:15].flatten()
    torch.testing.assert_close(
        book.vote(piece, (8, 10), torch.ones(80, dtype=torch.bool)), book.entries[piece], rtol=0, atol=1e-5
    )
