"""Networks and their paintings: how they are named, told apart and described, and what a painting's statistics are."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from portrait_nst import imaging
from portrait_nst.imaging.sources import read_bytes
from portrait_nst.pipeline.style_crop import shown
from portrait_nst.pipeline.styles import Blend
from portrait_nst.settings import base_name
from portrait_nst.types import Photo

if TYPE_CHECKING:
    from portrait_nst.instant import Gaussian, Network, Painter

SEEN_AT = 512  # pixels of the longest side at which the universal start sees a painting


def paintings(blend: Blend) -> list[Any]:
    """The pictures of `blend` as networks name them."""
    from portrait_nst.instant.network import Painting

    return [Painting(name_of(picture), picture.digest, weight) for picture, weight in blend]


def learned_with(style_region: str) -> dict[str, Any]:
    """What of the settings changes what is learned, as the store knows it: the digest of the style mask, or its word."""
    if style_region == "whole":
        return {}
    if style_region == "person":
        return {"mask": style_region}
    return {"mask": hashlib.sha256(read_bytes(style_region)).hexdigest()}


def statistics(painter: Painter, picture: Photo, style_region: str) -> tuple[Gaussian, ...]:
    """The Gaussians of a painting's features under what of it counts."""
    from portrait_nst.transfer.colour import tensor

    seen = shown(picture, style_region)
    size = imaging.size_within(picture.size, SEEN_AT)
    small = tensor(imaging.resize(seen.rgb, size), painter.device) / 255
    mask = None if seen.mask is None else tensor(imaging.resize_mask(seen.mask, size), painter.device)[0]
    return painter.statistics(small, mask)


def described(network: Network, label: str | None) -> dict[str, Any]:
    """What a recipe says of the network that painted the region with this `label`."""
    made = [
        {"file": base_name(each.name), "sha256": each.sha256, "weight": each.weight} for each in network.about.paintings
    ]
    return {
        "label": label,
        "sha256": digest(network),
        "learned": network.learned,
        "steps": network.about.steps,
        "of": made,
    }


def digest(network: Network) -> str:
    """The sha256 of the numbers of a network, as exactly as a file holds them."""
    import torch

    found = hashlib.sha256(np.array([network.scale, network.grain], np.float32).tobytes())
    for value in network.decoder.state_dict().values():
        found.update(value.detach().to("cpu", torch.float16).contiguous().numpy().tobytes())
    for target in network.targets:
        for value in (target.mean, target.covariance):
            found.update(value.to("cpu", torch.float32).contiguous().numpy().tobytes())
    return found.hexdigest()


def name_of(picture: Photo) -> str:
    """The name by which the user knows a painting."""
    return "the style" if picture.path is None else picture.path.name
