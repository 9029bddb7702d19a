"""Whether an exported model paints what `Painter` paints: both paint the same pictures, and are compared pixel by pixel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from portrait_nst.encoders import Encoder
from portrait_nst.errors import ResourceError
from portrait_nst.instant.ground import grounded
from portrait_nst.instant.network import Network
from portrait_nst.instant.painter import Painter
from portrait_nst.instant.strength import FADED, LEAST_SHARE

TOLERANCE = 2 / 255  # the greatest difference of a pixel from what `Painter` paints in float32
SIZES = ((128, 96), (109, 163))  # heights and widths, one pair odd, at which an export is proved


class Inputs(NamedTuple):
    """The inputs of a model: (1, 3, H, W), and (1, 1, H, W), for which the last two may be (1, 1, 1, 1)."""

    photo: Tensor
    matte: Tensor
    strength: Tensor
    faces: Tensor


def proved(model: bytes, encoder: Encoder, network: Network, sizes: Sequence[tuple[int, int]] = SIZES) -> float:
    """The greatest difference, in [0, 1], of what onnxruntime paints with `model` from what `Painter` paints.

    Raises ResourceError if it is more than `TOLERANCE`.
    """
    worst = max(difference(model, encoder, network, sample(size)) for size in sizes)
    if not worst <= TOLERANCE:
        raise ResourceError(
            f"onnxruntime paints this network otherwise than expected, by up to {worst * 255:.1f}/255 (at most "
            f"{TOLERANCE * 255:.0f}/255), so nothing was written; install another version of onnxruntime."
        )
    return worst


def difference(model: bytes, encoder: Encoder, network: Network, inputs: Inputs) -> float:
    """The greatest difference in [0, 1] of what both make of these inputs of the model."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3  # errors only: it remarks on graphics cards that are not there
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    feeds = {name: value.numpy() for name, value in inputs._asdict().items()}
    found = [torch.from_numpy(values) for values in session.run(["composited", "painted"], feeds)]
    wanted = expected(encoder, network, inputs)
    return max(float((one - other).abs().max()) for one, other in zip(found, wanted))


def expected(encoder: Encoder, network: Network, inputs: Inputs) -> tuple[Tensor, Tensor]:
    """What the outputs `composited` and `painted` are to be for these inputs of the model."""
    photo, matte, strength, faces = inputs
    painter = Painter(encoder, network)
    ground = grounded(photo, network.grain, faces.expand_as(matte))
    maps = painter.maps(painter.statistics(ground, matte[0]))
    strength = strength.expand_as(matte)
    painted = painter.paint(ground, maps, LEAST_SHARE + (1 - LEAST_SHARE) * strength)
    return photo + matte * (strength / FADED).clamp(max=1) * (painted - photo), painted


def sample(size: tuple[int, int], seed: int = 0) -> Inputs:
    """A photo of soft and fine coloured noise, a matte with a soft edge, a strength that rises from 0 at the top, a face."""
    generator = torch.Generator().manual_seed(seed)
    photo = torch.full((1, 3, *size), 0.5)
    for step in (2, 12, 48):
        coarse = torch.randn(1, 3, size[0] // step + 2, size[1] // step + 2, generator=generator)
        photo += 0.12 * F.interpolate(coarse, size, mode="bilinear", align_corners=False)
    y, x = (torch.linspace(-1, 1, length) for length in size)
    matte = (4 * (0.8 - y[:, None] ** 2 - x**2)).clamp(0, 1)
    strength = (1 + y[:, None]).clamp(0, 1).expand(size)
    face = (2 - 9 * (y[:, None] ** 2 + x**2)).clamp(0, 1.5)
    return Inputs(photo.clamp(0, 1), *(value[None, None].contiguous() for value in (matte, strength, face)))
