"""Gain maps: the gains of the paper, in faces and nowhere else."""

from __future__ import annotations

import torch

from portrait_nst.transfer.faces.gain_maps import Sitter, apply_gain
from portrait_nst.transfer.objective.build import canvas_objective
from portrait_nst.transfer.objective.terms import Guidance, Weights
from tests.encoders import networks

from .pictures import picture, tensor


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
