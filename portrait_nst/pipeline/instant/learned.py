"""Which network paints a style: the one that was learned for it, or the universal start aimed at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portrait_nst.errors import InputError
from portrait_nst.pipeline.instant.networks import digest, learned_with, name_of, paintings
from portrait_nst.pipeline.instant.painters import Painters
from portrait_nst.pipeline.instant.preview import not_learned
from portrait_nst.pipeline.instant.style_file import LearnedStyle
from portrait_nst.pipeline.styles import Blend

if TYPE_CHECKING:
    from portrait_nst.encoders import Encoder
    from portrait_nst.instant import Network
    from portrait_nst.planning import Precision


@dataclass(frozen=True, eq=False)
class Orders:
    """How the network of a style is to be found.

    style_region: what of the painting counts, as in `Settings`.
    learn:        whether it is learned where it is not there.
    encoder, device, precision: with which it will paint.
    painters:     networks that are ready to paint.
    """

    style_region: str
    learn: bool
    encoder: Encoder
    device: str
    precision: Precision
    painters: Painters


def network_for(blend: Blend, orders: Orders, wanted: str = "") -> tuple[Network, str]:
    """The network with which `blend` is painted, and a note for the user or "".

    It is the learned file that was given, or the one that was learned for these pictures, in this user's cache or in the
    package. Otherwise, if the `orders` say so, it is learned now and kept; or it is the universal start, aimed at what counts of
    the pictures, with a note.

    wanted: the `digest` that it must have, or "" for any.

    Raises InputError where the wanted one is not there, InputError and ModelError for learned files that cannot be used, and
    MaskError as `style_crop.shown` does.
    """
    given = [picture for picture, _ in blend if isinstance(picture, LearnedStyle)]
    if given:
        return _checked(_given(given, blend, orders.encoder), wanted, blend), ""
    from portrait_nst.instant import store

    kept = store.find(paintings(blend), orders.encoder.sha256, learned_with(orders.style_region))
    if kept is None and orders.learn and not wanted:
        kept = learn(blend, orders)
    if kept is not None and (not wanted or digest(kept) == wanted):
        return kept, ""
    start = _checked(
        orders.painters.aimed(blend, orders.style_region, orders.encoder, orders.device, orders.precision),
        wanted,
        blend,
    )
    return start, "" if kept else not_learned(blend, orders.style_region)


def _given(given: Sequence[LearnedStyle], blend: Blend, encoder: Encoder) -> Network:
    network = given[0].network
    assert network is not None
    if len(blend) > 1:
        raise InputError(
            f"{given[0].path} is a learned network, which cannot be blended with another style; learn the blend instead: "
            "portrait-nst learn PAINTING --blend OTHER."
        )
    network.check_encoder(encoder.sha256)
    return network


def _checked(network: Network, wanted: str, blend: Blend) -> Network:
    """`network`, if it has the digest `wanted`. Raises InputError."""
    if wanted and digest(network) != wanted:
        names = " and ".join(name_of(picture) for picture, _ in blend)
        raise InputError(
            f"The network {wanted[:12]}... that painted {names} then is not kept here any more. Paint the picture again with its "
            "photo and style; what `portrait-nst learn` learns anew is another network, and gives another picture."
        )
    return network


def learn(blend: Blend, orders: Orders) -> Network:
    """The network of `blend`, learned now and kept. Ctrl-C ends the learning with what is learned so far.

    Raises ResourceError, before any learning, where it could not be kept for the next picture; InputError for a painting of one
    colour, and what `pipeline.learning.learn` raises.
    """
    from portrait_nst.instant import store
    from portrait_nst.pipeline import learning

    learning.check_kept()
    device, precision = orders.device, orders.precision
    made = learning.learn(list(blend), style_region=orders.style_region, device=device, precision=precision).network
    # As it is kept, with its numbers rounded: so that this picture is the same as those of later runs.
    return store.find(paintings(blend), orders.encoder.sha256, learned_with(orders.style_region)) or made
