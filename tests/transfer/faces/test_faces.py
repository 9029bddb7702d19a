"""Gain maps, the keeper of likeness and the identity loss, each by itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from portrait_nst.encoders.vgg import Vgg
from portrait_nst.transfer.faces.controller import LikenessController
from portrait_nst.transfer.faces.gain_maps import Sitter, apply_gain
from portrait_nst.transfer.faces.identity import SIDE, Identity
from portrait_nst.transfer.objective.build import IDENTITY, canvas_objective
from portrait_nst.transfer.objective.objective import Objective
from portrait_nst.transfer.objective.terms import Guidance, Weights
from portrait_nst.types import Face, UInt8Array
from tests.encoders import networks

POINTS = ((58.0, 60.0), (102.0, 58.0), (81.0, 80.0), (80.0, 104.0), (40.0, 70.0), (120.0, 68.0))
FACE = Face((45, 40, 70, 70), POINTS, 0.9)


def picture(height: int = 180, width: int = 160, seed: int = 0) -> UInt8Array:
    coarse = np.random.default_rng(seed).random((height // 10, width // 10, 3))
    return (255 * coarse.repeat(10, 0).repeat(10, 1)).astype(np.uint8)


def tensor(rgb: UInt8Array) -> torch.Tensor:
    return torch.from_numpy(rgb.transpose(2, 0, 1).astype(np.float32) / 255)[None]


def test_gains_are_those_of_the_paper_inside_the_face_and_one_outside() -> None:
    photo = torch.tensor([[[1.0, 1.0, 1.0, 0.0, 2.0]]])
    sitter = torch.tensor([[[2.0, 9.0, 0.1, 1.0, 5.0]]])
    face = torch.tensor([[1.0, 1.0, 1.0, 1.0, 0.0]])
    found = apply_gain(photo, sitter, face)
    assert torch.allclose(found, torch.tensor([[[2.0, 5.0, 0.7, 0.0, 2.0]]]), atol=1e-3)
    assert torch.isfinite(apply_gain(torch.full((1, 1, 1), -1e-4), torch.zeros(1, 1, 1), torch.ones(1, 1))).all()


def test_the_content_aims_at_the_features_with_gain() -> None:
    encoder = networks.encoder(((4, 4), (5, 5)))
    photo, painting = tensor(picture()), tensor(picture(seed=1))
    weights = Weights(1.0, 1.0, 0.0, (), ((encoder.layers[-1], 1.0),))
    face = torch.ones(photo.shape[-2:])

    def content(sitter: Sitter | None) -> torch.Tensor:
        goal = canvas_objective(encoder, photo, face, None, [], weights, levels=1, guidance=Guidance(), sitter=sitter)
        return goal.content_terms[0].target[0]

    own, other = content(None), encoder.features(painting, encoder.layers)[encoder.layers[-1]][0]
    assert torch.equal(content(Sitter(painting, 0 * face)), own)
    assert torch.allclose(
        content(Sitter(painting, face)), apply_gain(own, other, torch.ones(own.shape[-2:])), atol=1e-5
    )


def test_the_keeper_raises_while_under_the_goal_and_lets_go_above_it() -> None:
    values = iter([0.3, 0.85, 0.99, 0.89, 0.5, 0.5, 0.95])
    keeper = LikenessController(0.9, lambda picture: next(values))
    nothing = np.zeros((1, 1, 3), np.uint8)
    seen = []
    for _ in range(4):
        keeper.look(nothing)
        seen.append(keeper.factor)
    assert seen == [2, 4, pytest.approx(4 / 1.5), pytest.approx(4)]
    assert keeper.more(nothing) == keeper.extra and keeper.factor == pytest.approx(8)
    assert keeper.more(nothing) == keeper.extra and keeper.more(nothing) == 0
    keeper.factor, keeper.last, keeper.measure = 100.0, 0.0, lambda picture: 0.5
    assert keeper.more(nothing) == keeper.extra and keeper.more(nothing) == 0  # nothing is gained any more
    keeper.left, keeper.measure = 0, lambda picture: 0.0
    assert keeper.more(nothing) == 0
    assert [keeper.due(scale, 3, iteration) for scale, iteration in ((0, 5), (1, 0), (1, 5), (2, 7))] == [0, 0, 1, 0]


def test_firmness_multiplies_the_weight_of_the_face_only() -> None:
    keeper = LikenessController(0.9, lambda picture: 0.0)
    hold, face = np.array([[0.5, 0.5, 0.0]], np.float32), np.array([[0.0, 1.0, 0.5]], np.float32)
    assert keeper.weight_map(hold, face) is hold and keeper.weight_map(None, face) is None
    keeper.factor = 4.0
    for before, wanted in ((hold, [[0.5, 5.0, 1.5]]), (None, [[0.0, 3.0, 1.5]])):
        found = keeper.weight_map(before, face)
        assert found is not None and np.allclose(found, wanted)


@pytest.fixture(scope="module")
def identity() -> Identity:
    encoder = networks.encoder(((6, 6), (6, 6), (6, 6)), seed=1)
    assert isinstance(encoder.net, Vgg)
    for convolution in encoder.net.convolutions.values():
        assert isinstance(convolution, torch.nn.Conv2d) and convolution.bias is not None
        convolution.bias.zero_()  # else random networks describe all pictures alike
    return Identity(encoder, picture(), [FACE])


def test_a_face_is_cut_out_upright_wherever_the_canvas_lies(identity: Identity) -> None:
    whole = tensor(picture())
    assert identity.grid.shape == (1, SIDE, SIDE, 2)
    assert float(identity.distance(whole, (180, 160), (0, 0))) == pytest.approx(0, abs=1e-5)
    assert float(identity.distance(whole[..., 2:, 9:], (180, 160), (2, 9))) == pytest.approx(0, abs=1e-5)
    assert float(identity.distance(whole[..., 2:, 9:], (180, 160), (0, 0))) > 1e-5
    half = torch.nn.functional.avg_pool2d(whole, 2)
    assert float(identity.distance(half, (90, 80), (0, 0))) < 0.01
    assert identity.cosine(picture()) == pytest.approx(1, abs=1e-5) and identity.cosine(picture(seed=2)) < 0.9999
    assert identity.sees((180, 160)) and not identity.sees((20, 18))


def test_gradients_reach_the_face_and_nothing_else(identity: Identity) -> None:
    other = tensor(picture(seed=3)).requires_grad_(True)
    torch.autograd.backward(identity.distance(other, (180, 160), (0, 0)))
    assert other.grad is not None
    assert float(other.grad[..., 50:110, 55:105].abs().sum()) > 0
    assert float(other.grad[..., 170:, :].abs().max()) == 0


@pytest.mark.parametrize("form", ["relative", "chollet"])
def test_the_weight_of_identity_is_bound_to_the_contents(identity: Identity, form: str) -> None:
    encoder = networks.encoder(((4, 4), (5, 5)))
    photo, other = tensor(picture()), tensor(picture(seed=4))
    mask = torch.ones(photo.shape[-2:])

    def goal(content: float) -> Objective:
        weights = Weights(1.0, content, 0.0, (), ((encoder.layers[-1], 1.0),), form=form)
        term = lambda image: identity.distance(image, (180, 160), (0, 0))  # noqa: E731
        return canvas_objective(encoder, photo, mask, None, [], weights, levels=1, guidance=Guidance(), identity=term)

    one, two = goal(0.1), goal(0.2)
    assert two.identity_weight == pytest.approx(2 * one.identity_weight)
    if form == "relative":
        assert one.identity_weight == pytest.approx(0.1 * IDENTITY, rel=1e-3)
    losses, gradient = one(other)
    expected = one.identity_weight * float(identity.distance(other, (180, 160), (0, 0)))
    assert losses["identity"] == pytest.approx(expected, rel=1e-4)
    assert losses["total"] == pytest.approx(sum(v for k, v in losses.items() if k != "total"))
    assert torch.isfinite(gradient).all()
