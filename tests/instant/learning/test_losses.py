"""The losses against float64 references written out in numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from portrait_nst.instant.gaussian import Gaussian
from portrait_nst.instant.learning import losses, recipe
from portrait_nst.instant.learning.targets import LayerTarget

Array = NDArray[np.float64]
CPU = torch.device("cpu")


def drawn(*shape: int, seed: int = 0, scale: float = 1.0) -> Array:
    return np.random.default_rng(seed).normal(size=shape) * scale


def tensor(array: Array) -> torch.Tensor:
    return torch.from_numpy(array.astype(np.float32))


def columns(maps: Array) -> Array:
    """(N, C, h, w) as (N h w, C)."""
    return maps.transpose(0, 2, 3, 1).reshape(-1, maps.shape[1])


def gaussian(cells: Array) -> Gaussian:
    centred = cells - cells.mean(0)
    return Gaussian(torch.from_numpy(cells.mean(0)), torch.from_numpy(centred.T @ centred / len(cells)))


def test_an_error_is_bounded_and_has_the_gradient_of_a_logarithm() -> None:
    error = torch.tensor([0.0, 1.0, 1e12], requires_grad=True)
    found = losses.bounded(error)
    found.sum().backward()
    assert error.grad is not None
    assert found.tolist() == pytest.approx([0, 0.5, 1])
    assert error.grad.tolist() == pytest.approx([1, 0.5, 1e-12])


def test_the_covariance_loss_is_its_formula() -> None:
    painting, features = columns(drawn(1, 5, 20, 20, scale=2)) + 1, drawn(3, 5, 6, 7, seed=1)
    target = LayerTarget.of(gaussian(painting), CPU)
    found = losses.covariance_loss({"a": tensor(features)}, {"a": target})

    mean = painting.mean(0)
    deviation = painting.std(0)
    goal = np.cov(painting.T, bias=True) / np.outer(deviation, deviation)

    def apart(cells: Array) -> float:
        m, c = cells.mean(0), np.cov(cells.T, bias=True)
        errors = (m**2).mean(), ((c - goal) ** 2).sum() / (goal**2).sum()
        return float(sum(e / (e + 1) for e in errors))

    own = (features - mean[:, None, None]) / deviation[:, None, None]
    expected = recipe.TOGETHER * apart(columns(own))
    expected += (1 - recipe.TOGETHER) * float(np.mean([apart(columns(crop[None])) for crop in own]))
    assert float(found) == pytest.approx(expected, rel=1e-5)


def test_the_covariance_loss_is_zero_for_the_painting_itself_and_less_than_two_for_anything() -> None:
    maps = drawn(1, 4, 16, 16)
    target = LayerTarget.of(gaussian(columns(maps)), CPU)
    assert float(losses.covariance_loss({"a": tensor(maps)}, {"a": target})) == pytest.approx(0, abs=1e-6)
    assert float(losses.covariance_loss({"a": tensor(maps) * 1e6 + 1e7}, {"a": target})) <= 2


def test_the_deviations_of_a_painting_of_one_colour_are_not_taken_for_zero() -> None:
    flat = LayerTarget.of(Gaussian(torch.tensor([3.0, 4.0], dtype=torch.float64), torch.zeros(2, 2).double()), CPU)
    assert flat.deviation.tolist() == pytest.approx([recipe.FLAT * np.sqrt(12.5)] * 2)
    assert np.isfinite(float(losses.covariance_loss({"a": torch.rand(1, 2, 4, 4)}, {"a": flat})))


def test_the_nearest_loss_is_its_formula() -> None:
    own, photo, book = drawn(2, 6, 5, 4), drawn(2, 6, 5, 4, seed=1), drawn(50, 6, seed=2)
    book /= np.linalg.norm(book, axis=1, keepdims=True)
    weights = np.random.default_rng(3).random((2, 1, 5, 4))
    a, p = columns(own), columns(photo)
    question = (a - a.mean(0)) + recipe.PHOTO * (p - p.mean(0))
    question /= np.linalg.norm(question, axis=1, keepdims=True)
    answer = book[(question @ book.T).argmax(1)]
    apart = 1 - (a * answer).sum(1) / np.linalg.norm(a, axis=1)
    w = weights.reshape(-1)

    def found(counts: torch.Tensor | None) -> float:
        arguments = tensor(own), tensor(photo), tensor(book)
        return float(losses.nearest_loss(*arguments, torch.Generator(), counts))

    assert found(None) == pytest.approx(apart.mean(), rel=1e-5)
    assert found(tensor(weights)) == pytest.approx((apart * w).sum() / w.sum(), rel=1e-5)


def test_the_answer_draws_the_output_and_no_gradient_reaches_the_question() -> None:
    own = torch.randn(1, 3, 2, 2, requires_grad=True)
    photo = torch.randn(1, 3, 2, 2, requires_grad=True)
    book = torch.eye(3)
    losses.nearest_loss(own, photo, book, torch.Generator()).backward()
    assert own.grad is not None and own.grad.abs().sum() > 0
    assert photo.grad is None


def test_so_many_cells_ask_and_their_weights_go_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "QUESTIONS", 3)
    own = torch.randn(1, 4, 4, 4)
    book = torch.nn.functional.normalize(torch.randn(9, 4), dim=1)
    weights = torch.zeros(1, 1, 4, 4)
    chosen = torch.randperm(16, generator=torch.Generator().manual_seed(5))[:3]
    weights.view(-1)[chosen[0]] = 1
    found = losses.nearest_loss(own, own, book, torch.Generator().manual_seed(5), weights)
    cell = own.permute(0, 2, 3, 1).reshape(-1, 4)
    question = (cell - cell.mean(0))[chosen[0]]
    expected = 1 - torch.cosine_similarity(cell[chosen[0]], book[(book @ question).argmax()], dim=0)
    assert float(found) == pytest.approx(float(expected), abs=1e-5)


def test_the_content_loss_is_its_formula() -> None:
    own2, own1, goal2, goal1 = (drawn(2, 3, 4, 5, seed=seed) for seed in range(4))
    weights = np.random.default_rng(5).random((2, 4, 5))
    centred = [x - x.mean((2, 3), keepdims=True) for x in (own2, goal2)]
    deep = recipe.DEEP * ((centred[0] - centred[1]) ** 2).mean(1) / (centred[1] ** 2).mean()
    spread = ((goal1 - goal1.mean((0, 2, 3), keepdims=True)) ** 2).mean()
    apart = deep + ((own1 - goal1) ** 2).mean(1) / spread
    features = {"relu3_2": tensor(own2), "relu3_1": tensor(own1)}
    found = losses.content_loss(features, tensor(goal2), tensor(goal1))
    weighed = losses.content_loss(features, tensor(goal2), tensor(goal1), tensor(weights))
    assert float(found) == pytest.approx(apart.mean(), rel=1e-5)
    assert float(weighed) == pytest.approx((apart * weights).mean(), rel=1e-5)


@pytest.mark.parametrize(("down", "across"), [(0, 0), (1, 3), (3, 2)])
def test_a_painting_that_moves_along_with_the_photo_has_no_shift_loss(down: int, across: int) -> None:
    whole = torch.rand(2, 3, 43, 43)
    own, moved = whole[..., :40, :40], whole[..., down : down + 40, across : across + 40]
    assert float(losses.shift_loss(own, moved, down, across)) == 0
    offset = float(losses.shift_loss(own, moved + 0.25, down, across))
    assert offset == pytest.approx(0.0625, rel=1e-5)


def test_tones_count_in_faces_alone_and_colours_outside_the_range_by_their_square() -> None:
    photo, face = torch.rand(1, 3, 16, 16), torch.zeros(1, 1, 16, 16)
    face[..., :8, :8] = 2
    assert float(losses.tone_loss(photo + 0.5, photo, face)) == pytest.approx(2 * 0.25 / 4, rel=1e-5)
    assert float(losses.outside_loss(torch.tensor([[-0.5, 0.5, 1.0, 2.0]]))) == pytest.approx(1.25 / 4)
