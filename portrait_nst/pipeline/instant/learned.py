"""Which network paints a style: the one that was learned for it, or the universal start aimed at it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portrait_nst import imaging
from portrait_nst.errors import InputError
from portrait_nst.pipeline.instant.style_file import LearnedStyle
from portrait_nst.pipeline.style_crop import shown
from portrait_nst.pipeline.styles import Blend
from portrait_nst.settings import base_name
from portrait_nst.types import Photo

if TYPE_CHECKING:
    from portrait_nst.instant import Gaussian, Network, Painter

SEEN_AT = 512  # pixels of the longest side at which the universal start sees a painting
PainterOf = Callable[["Network"], "Painter"]


@dataclass(frozen=True, eq=False)
class Found:
    """The network of a style, and a note for the user or ""."""

    network: Network
    note: str = ""


def network_for(blend: Blend, style_region: str, painter_of: PainterOf, encoder_sha256: str, *, learn: bool = False) -> Found:
    """The network with which `blend` is painted.

    It is the learned file that was given, or the one that was learned for these pictures, in this user's cache or in the
    package. Otherwise, with `learn`, it is learned now and kept; or it is the universal start, aimed at what of the pictures
    `style_region` chooses, with a note.

    painter_of: makes a network ready to paint, for statistics of pictures.

    Raises InputError and ModelError for learned files that cannot be used, MaskError as `style_crop.shown` does.
    """
    from portrait_nst.instant import store

    given = [picture for picture, _ in blend if isinstance(picture, LearnedStyle)]
    if given:
        if len(blend) > 1:
            raise InputError(
                f"{given[0].path} is a learned network, which cannot be blended with another style; learn the blend instead: "
                "portrait-nst learn PAINTING PAINTING."
            )
        assert given[0].network is not None
        given[0].network.check_encoder(encoder_sha256)
        return Found(given[0].network)
    chosen = learned_with(style_region)
    network = store.find(paintings(blend), encoder_sha256, chosen)
    if network is None and learn:
        network = _learn(blend, style_region, encoder_sha256)
    if network is not None:
        return Found(network)
    names = " and ".join(name_of(picture) for picture, _ in blend)
    start = store.universal(encoder_sha256)
    painter = painter_of(start)
    parts = [(statistics(painter, picture, style_region), weight) for picture, weight in blend]
    note = f"{names} is not learned yet, so this is a preview: `portrait-nst learn` learns it in three minutes, or --learn first"
    return Found(start.aimed_at(parts), note)


def paintings(blend: Blend) -> list[Any]:
    """The pictures of `blend` as networks name them."""
    from portrait_nst.instant.network import Painting

    return [Painting(name_of(picture), picture.sha256, weight) for picture, weight in blend]


def learned_with(style_region: str) -> dict[str, Any]:
    """What of the settings changes what is learned, as the store knows it: the digest of the style mask, or its word."""
    if style_region == "whole":
        return {}
    if style_region == "person":
        return {"mask": style_region}
    return {"mask": hashlib.sha256(Path(style_region).read_bytes()).hexdigest()}


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
    made = [{"file": base_name(each.name), "sha256": each.sha256, "weight": each.weight} for each in network.about.paintings]
    return {"label": label, "sha256": digest(network), "learned": network.learned, "steps": network.about.steps, "of": made}


def digest(network: Network) -> str:
    """The sha256 of the network's numbers and of what it is about."""
    from portrait_nst.instant import files

    return hashlib.sha256(files.to_bytes(network)).hexdigest()


def name_of(picture: Photo) -> str:
    """The name by which the user knows a painting."""
    return "the style" if picture.path is None else picture.path.name


def _learn(blend: Sequence[tuple[Photo, float]], style_region: str, encoder_sha256: str) -> Network | None:
    raise NotImplementedError
