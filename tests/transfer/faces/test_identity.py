"""The identity loss: of an upright face, wherever the canvas lies, and bound to the weight of the content."""

from __future__ import annotations

import pytest
import torch

from portrait_nst.encoders.vgg import Vgg
from portrait_nst.transfer.faces.identity import SIDE, Identity
from portrait_nst.transfer.objective.build import IDENTITY, canvas_objective
from portrait_nst.transfer.objective.objective import Objective
from portrait_nst.transfer.objective.terms import Guidance, Weights
from portrait_nst.types import Face
from tests.encoders import networks

from .pictures import picture, tensor

POINTS = ((58.0, 60.0), (102.0, 58.0), (81.0, 80.0), (80.0, 104.0), (40.0, 70.0), (120.0, 68.0))
FACE = Face((45, 40, 70, 70), POINTS, 0.9)


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
    assert float(identity.distance(tensor(picture(seed=2)), (180, 160), (0, 0))) > 1e-4
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
