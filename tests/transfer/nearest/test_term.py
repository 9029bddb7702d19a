"""Nearest features: their terms and gradient against float64, their guidance, and the weight of the photo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch.nn import functional as F

from portrait_nst.encoders import Encoder
from portrait_nst.transfer.config import Nearest, StylePart
from portrait_nst.transfer.faces.gain_maps import HIGHEST_GAIN, LOWEST_GAIN, Sitter
from portrait_nst.transfer.functional import TIE
from portrait_nst.transfer.nearest import hypercolumns
from portrait_nst.transfer.nearest.codebook import Codebook
from portrait_nst.transfer.nearest.hypercolumns import Key
from portrait_nst.transfer.nearest.term import NEIGHBOURS, NearestTerm

from .scenes import KEYS, codebook, float_encoder, tensor, texture

SIZE = (91, 102)
GRID = (22, 25)
CONFIG = Nearest(content=3.0, photo=0.25)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return float_encoder()


@pytest.fixture(scope="module")
def books(encoder: Encoder) -> list[Codebook]:
    return [codebook(encoder, [StylePart(texture(90, 100, seed))], SIZE) for seed in (1, 2)]


@pytest.fixture(scope="module")
def pictures() -> list[torch.Tensor]:
    """Content, question, and what is painted."""
    return [tensor(texture(*SIZE, seed)) for seed in (3, 4, 5)]


def regions(books: list[Codebook], edge: float = 3.0) -> list[tuple[torch.Tensor, Codebook]]:
    across = torch.sigmoid((50 - torch.arange(SIZE[1])) / edge).expand(SIZE)
    mask = torch.zeros(SIZE)
    mask[9:80, 14:95] = 1
    return [(mask * across, books[0]), (mask * (1 - across), books[1])]


def weight_map() -> torch.Tensor:
    found = torch.zeros(SIZE)
    found[20:50, 30:62] = 3 * torch.rand(30, 32, generator=torch.Generator().manual_seed(0))
    return found


def columns(encoder: Encoder, image: torch.Tensor, dtype: torch.dtype = torch.float64) -> Any:
    found = hypercolumns.columns(encoder, hypercolumns.features(encoder, image, KEYS, False), KEYS, GRID)
    return {key: values.to(dtype) for key, values in found.items()}


def value(encoder: Encoder, term: NearestTerm, image: torch.Tensor) -> dict[str, float]:
    with torch.no_grad():
        return {name: float(x) for name, x in term(image, hypercolumns.features(encoder, image, KEYS, False)).items()}


def reference(
    encoder: Encoder,
    term: NearestTerm,
    books: list[Codebook],
    image: torch.Tensor,
    content: torch.Tensor,
    held: torch.Tensor | None = None,
    config: Any = CONFIG,
    remodel: Callable[..., Any] | None = None,
) -> dict[str, Any]:
    """Both terms as the docstring has them, cell by cell and layer by layer, in float64."""
    found, photo = columns(encoder, image), columns(encoder, content)
    if remodel is not None:
        photo = remodel(photo)
    masks = [hypercolumns.to_cells(mask, GRID).double() for mask, _ in regions(books)]
    firm = 0.0 if held is None else hypercolumns.to_cells(held, GRID).double()
    total = sum(mask.sum() for mask in masks)
    nearest = structure = torch.zeros((), dtype=torch.float64)
    for t, part, book in zip(masks, term.parts, books):
        v = {key: (found[key] - book.metric.centres[key]) @ book.metric.bases[key].double() for key in KEYS}
        h = {key: (photo[key] - book.metric.centres[key]) @ book.metric.bases[key].double() for key in KEYS}
        a = book.vote(part.matches, GRID, t > 0).double()
        joined = torch.cat([v[key] for key in KEYS], 1)
        cosine = F.cosine_similarity(joined, a, dim=1)
        nearest = nearest + (t * (1 - cosine + TIE * (joined - a).square().sum(1))).sum() / total
        for key in KEYS:
            deep = key[1].startswith("relu3")
            weight = deep * ((key[0] == 1) + firm)
            structure = structure + config.content * (t * weight * (v[key] - h[key]).square().sum(1)).sum() / total
    return {"nearest": nearest, "content": structure}


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("firmly", [False, True])
def test_both_terms_and_their_gradient_are_what_they_are_said_to_be(
    encoder: Encoder, books: list[Codebook], pictures: list[torch.Tensor], again: bool, firmly: bool
) -> None:
    content, question, painted = pictures
    held = weight_map() if firmly else None
    term = NearestTerm(encoder, KEYS, CONFIG, regions(books), content, question, content_weight_map=held, again=again)
    leaf = painted.clone().requires_grad_(True)
    expected = reference(encoder, term, books, leaf, content, held)
    torch.autograd.backward(torch.stack(list(expected.values())).sum())
    assert leaf.grad is not None
    found, gradient = term.evaluate(painted)
    for name, wanted in expected.items():
        wanted = wanted.detach()
        assert float(wanted) > 1e-3 and float(found[name]) == pytest.approx(float(wanted), rel=2e-5), name
    assert float((gradient - leaf.grad).norm() / leaf.grad.norm()) < 1e-4
    other = leaf.detach().clone().requires_grad_(True)
    terms = term(other, hypercolumns.features(encoder, other, KEYS, False))
    torch.autograd.backward(torch.stack(list(terms.values())).sum())
    torch.testing.assert_close(other.grad, gradient, rtol=1e-4, atol=1e-6 * float(gradient.abs().max()))


def watched_queries(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What codebooks are asked from now on: (queries, faces, tones, price) each."""
    asked: list[tuple[Any, ...]] = []
    plain = Codebook.match

    def match(self: Codebook, *args: Any) -> torch.Tensor:
        asked.append(args)
        return plain(self, *args)

    monkeypatch.setattr(Codebook, "match", match)
    return asked


@pytest.mark.parametrize("again", [False, True])
def test_what_is_asked_lies_around_its_own_mean_and_is_smoothed_or_mixed(
    encoder: Encoder, books: list[Codebook], pictures: list[torch.Tensor], again: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first question is half the mean of its neighbourhood inside the region; a later one has its share of the photo."""
    content, question, _ = pictures
    asked = watched_queries(monkeypatch)
    NearestTerm(encoder, KEYS, CONFIG, regions(books), content, question, again=again)
    mine, photo = columns(encoder, question), columns(encoder, content)
    for number, (mask, book) in enumerate(regions(books)):
        t = hypercolumns.to_cells(mask, GRID).double()
        centre = {key: (t @ mine[key]) / t.sum() for key in KEYS}

        def around(found: Any, book: Codebook = book, centre: dict[Key, torch.Tensor] = centre) -> Any:
            return torch.cat([(found[key] - centre[key]) @ book.metric.bases[key].double() for key in KEYS], 1)

        expected = around(mine)
        if again:
            expected = (1 - CONFIG.photo) * expected + CONFIG.photo * around(photo)
        else:
            far = NEIGHBOURS // 2
            smooth = torch.zeros_like(expected).view(*GRID, -1)
            maps, area = expected.view(*GRID, -1), t.view(GRID)
            for y in range(GRID[0]):
                for x in range(GRID[1]):
                    near = (slice(max(0, y - far), y + far + 1), slice(max(0, x - far), x + far + 1))
                    smooth[y, x] = (area[near][..., None] * maps[near]).sum((0, 1)) / area[near].sum().clamp_min(1e-9)
            expected = (1 - CONFIG.smooth) * expected + CONFIG.smooth * smooth.flatten(0, 1)
        firm = t > 0.01  # where hardly anything counts, hardly anything is smoothed
        torch.testing.assert_close(asked[number][0].double()[firm[t > 0]], expected[firm], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("price", [0.0, 0.3])
def test_answers_are_to_have_the_photos_tones_whatever_is_painted(
    encoder: Encoder, books: list[Codebook], pictures: list[torch.Tensor], price: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, question, _ = pictures
    free = NearestTerm(encoder, KEYS, CONFIG, regions(books), content, question, again=True)
    asked = watched_queries(monkeypatch)
    config = replace(CONFIG, price=price)
    term = NearestTerm(encoder, KEYS, config, regions(books), content, question, again=True)
    photo = hypercolumns.tones(content, GRID).flatten(1).T
    for (mask, _), (_, _, tones, given), part, other in zip(regions(books), asked, term.parts, free.parts, strict=True):
        assert given == price and torch.equal(part.matches, other.matches) == (not price)
        if price:
            torch.testing.assert_close(tones, photo[hypercolumns.to_cells(mask, GRID) > 0], rtol=0, atol=0)


def test_pixels_far_from_the_region_change_nothing(encoder: Encoder, books: list[Codebook]) -> None:
    size = (160, 200)
    content, question, painted = (tensor(texture(*size, seed)) for seed in (3, 4, 5))
    mask = torch.zeros(size)
    mask[30:130, 8:60] = 1
    far = 60 + 60  # what the fields of the deepest layer at x1/2 reach
    values = []
    for changed in (False, True):
        images = []
        for image in (content, question, painted):
            images.append(image.clone())
            if changed:
                images[-1][..., far:] = torch.rand(size[0], size[1] - far)
        term = NearestTerm(encoder, KEYS, CONFIG, [(mask, books[0])], *images[:2])
        found = term.evaluate(images[2])
        values.append((term.parts[0].matches[term.parts[0].weights > 0], found[0], found[1]))
    assert torch.equal(values[0][0], values[1][0])
    for name, known in values[0][1].items():
        assert float(values[1][1][name]) == pytest.approx(float(known), rel=1e-6)
    gradient = values[0][2]
    assert not gradient[..., far:].any() and gradient[..., 30:130, 8:60].any()
    near = painted.clone()
    near[..., 40:60, 20:40] = 0.5  # what is inside does change it
    assert value(encoder, term, near)["nearest"] != pytest.approx(float(values[0][1]["nearest"]), rel=1e-3)


def test_a_region_is_answered_from_its_own_style(encoder: Encoder, pictures: list[torch.Tensor]) -> None:
    """Each half painted with its style is at its goal; with the other's it is not."""
    styles = [texture(*SIZE, seed) for seed in (11, 12)]
    parts = [codebook(encoder, [StylePart(style)], SIZE) for style in styles]
    left = torch.zeros(SIZE)
    left[:, :52] = 1
    term = NearestTerm(encoder, KEYS, CONFIG, list(zip((left, 1 - left), parts)), pictures[0], pictures[1])
    other = NearestTerm(encoder, KEYS, CONFIG, list(zip((1 - left, left), parts)), pictures[0], pictures[1])
    for number, book in enumerate(parts):
        weights = hypercolumns.to_cells((left, 1 - left)[number], GRID)
        assert torch.equal(term.parts[number].weights, weights)
        assert not term.parts[number].matches[weights == 0].any()
        both = book.vote(term.parts[number].matches, GRID, weights > 0)[weights > 0].double()
        distance = torch.cdist(both, book.entries.double()).min(1).values
        assert float(distance.median()) < float(both.norm(dim=1).median())  # goals lie among the entries of that style
    image = torch.where(left > 0, tensor(styles[0]), tensor(styles[1]))[..., : SIZE[0], : SIZE[1]]
    terms = [
        NearestTerm(encoder, KEYS, CONFIG, [(mask, book)], pictures[0], image, again=True)
        for mask, book in ((left, parts[0]), (left, parts[1]))
    ]
    assert value(encoder, terms[0], image)["nearest"] < 0.85 * value(encoder, terms[1], image)["nearest"]
    assert value(encoder, term, image) != value(encoder, other, image)


def test_a_weight_map_raises_the_contents_weight_only_where_it_is(
    encoder: Encoder, books: list[Codebook], pictures: list[torch.Tensor]
) -> None:
    content, question, painted = pictures
    held = weight_map()
    plain, firm = (
        NearestTerm(encoder, KEYS, CONFIG, regions(books), content, question, content_weight_map=x)
        for x in (None, held)
    )
    for key in KEYS:
        part = plain.parts[0]
        cells = firm.content_weight(part, key) - plain.content_weight(part, key)
        torch.testing.assert_close(cells, hypercolumns.to_cells(held, GRID))
        assert plain.content_weight(part, key) == (1.0 if key[0] == 1 else 0.0)
    first, second = value(encoder, plain, painted), value(encoder, firm, painted)
    assert second["content"] > 1.05 * first["content"] and second["nearest"] == pytest.approx(first["nearest"])
    (_, a), (_, b) = plain.evaluate(painted), firm.evaluate(painted)
    apart = (a - b)[0].abs().amax(0)
    outside = torch.ones(SIZE)
    outside[20:50, 30:62] = 0
    assert apart[20:50, 30:62].mean() > 3 * apart[outside > 0].mean()


def test_the_light_of_a_sitter_remodels_the_photo_on_its_face(
    encoder: Encoder, books: list[Codebook], pictures: list[torch.Tensor]
) -> None:
    content, question, painted = pictures
    face = torch.zeros(SIZE)
    face[20:60, 30:70] = 1
    sitter = Sitter(tensor(texture(*SIZE, 9)), face)
    term = NearestTerm(
        encoder, KEYS, CONFIG, regions(books), content, question, content_weight_map=weight_map(), sitter=sitter
    )
    other, share = columns(encoder, sitter.image), hypercolumns.to_cells(face, GRID).double()[:, None]

    def remodel(photo: dict[Key, torch.Tensor]) -> dict[Key, torch.Tensor]:
        gains = {key: (other[key] / (photo[key] + 1e-4)).clamp(LOWEST_GAIN, HIGHEST_GAIN) for key in photo}
        return {key: values * (1 + share * (gains[key] - 1)) for key, values in photo.items()}

    found = value(encoder, term, painted)
    expected = reference(encoder, term, books, painted, content, weight_map(), remodel=remodel)
    without = reference(encoder, term, books, painted, content, weight_map())
    assert found["content"] == pytest.approx(float(expected["content"]), rel=1e-4)
    assert found["content"] != pytest.approx(float(without["content"]), rel=1e-2)
    assert found["nearest"] == pytest.approx(float(expected["nearest"]), rel=1e-5)


def test_what_is_let_go_comes_back_the_same(
    encoder: Encoder, books: list[Codebook], pictures: list[torch.Tensor]
) -> None:
    content, question, painted = pictures
    sitter = Sitter(tensor(texture(*SIZE, 9)), weight_map().clamp(0, 1))
    for more in ({}, {"content_weight_map": weight_map()}, {"sitter": sitter}):
        term = NearestTerm(encoder, KEYS, CONFIG, regions(books), content, question, **more)
        before = value(encoder, term, painted)
        term.release()
        assert not term.parts[0].goals and not term.parts[0].photo
        assert value(encoder, term, painted) == before and term.parts[0].goals


def test_the_variance_is_what_a_picture_without_features_would_lose(
    encoder: Encoder, books: list[Codebook], pictures: list[torch.Tensor]
) -> None:
    content, question, _ = pictures
    term = NearestTerm(encoder, KEYS, CONFIG, regions(books), content, question)
    masks = [hypercolumns.to_cells(mask, GRID).double() for mask, _ in regions(books)]
    photo, expected = columns(encoder, content), 0.0
    for t, book in zip(masks, books):
        for key in KEYS:
            if key[0] == 1 and key[1].startswith("relu3"):
                h = photo[key] @ book.metric.bases[key].double()
                apart = (h - (t @ h) / t.sum()).square().sum(1)
                expected += CONFIG.content * float(t @ apart) / float(sum(mask.sum() for mask in masks))
    assert term.variance == pytest.approx(expected, rel=1e-4)


def test_the_style_itself_is_at_its_goal(encoder: Encoder) -> None:
    """Painted as the style, which answers by itself, only the photo is missed."""
    style = texture(128, 128, 6)
    book = codebook(encoder, [StylePart(style)], (128, 128))
    image, whole = tensor(style), torch.ones(128, 128)
    term = NearestTerm(encoder, KEYS, Nearest(content=0.0, photo=0.0), [(whole, book)], image, image, again=True)
    found, gradient = term.evaluate(image)
    random = tensor(texture(128, 128, 8))
    assert float(found["nearest"]) < 0.25 * value(encoder, term, random)["nearest"] and float(found["content"]) == 0
    assert float(gradient.norm()) < float(term.evaluate(random)[1].norm())
