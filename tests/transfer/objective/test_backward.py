"""Backward from a known gradient: as torch does it, without what torch imports for that."""

import subprocess
import sys

import pytest
import torch

from portrait_nst.transfer.functional import image_levels, level_count
from portrait_nst.transfer.objective.backward import backward_from

PAINT = """
import sys
import numpy as np
from portrait_nst import Settings, encoders
from portrait_nst.transfer import StyleOptimizer, StylePart, StyleSource, build_config

encoder, picture = encoders.get("embedded"), np.random.default_rng(1).random((64, 64, 3), np.float32)
config = build_config(Settings(size=64, iterations=2, device="cpu"), encoder, 64, 64)
style = StyleSource((StylePart(picture),), np.ones((64, 64), np.float32))
assert config.nearest is not None
assert len(list(StyleOptimizer(encoder, picture, [style], config).steps())) > 1
sys.exit("sympy is imported" if "sympy" in sys.modules else 0)
"""


def test_it_is_backward() -> None:
    x = torch.rand(1, 3, 9, 7, requires_grad=True)
    gradient = torch.randn(1, 3, 9, 7)
    (wanted,) = torch.autograd.grad(x.exp() * 2, x, gradient)
    image = x.exp() * 2
    backward_from(image, gradient, retain_graph=True)
    assert x.grad is not None and torch.equal(x.grad, wanted)
    backward_from(image, gradient)
    assert torch.equal(x.grad, wanted + wanted)


def test_a_leaf_gets_the_gradient_itself() -> None:
    leaf, gradient = torch.rand(1, 3, 4, 4, requires_grad=True), torch.randn(1, 3, 4, 4)
    backward_from(leaf, gradient)
    assert leaf.grad is not None and torch.equal(leaf.grad, gradient)


def test_painting_does_without_sympy() -> None:
    ended = subprocess.run([sys.executable, "-c", PAINT], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("size", [(1, 1), (31, 90), (32, 32), (63, 64), (300, 128)])
def test_levels_are_counted_as_they_are_made(size: tuple[int, int]) -> None:
    for most in (1, 2, 5):
        assert level_count(size, most) == len(image_levels(torch.rand(1, 3, *size), most))
