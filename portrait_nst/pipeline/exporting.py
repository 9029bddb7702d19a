"""A painting in, the network that paints in its style out, as a model for programs in other languages."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from portrait_nst import imaging, named_styles
from portrait_nst.errors import InputError
from portrait_nst.pipeline.inputs import Picture, load_style
from portrait_nst.pipeline.style_crop import shown

if TYPE_CHECKING:
    from portrait_nst.encoders import Encoder
    from portrait_nst.instant import Network

SUFFIX = ".safetensors"  # of learned networks
SEEN_AT = 512  # pixels of the longest side at which the universal start sees a painting
NOT_LEARNED = (
    "{} is not learned yet, so this is the start for any painting, aimed at it: a preview. Learn it first, which takes three "
    "minutes: portrait-nst learn {}"
)


@dataclass(frozen=True, eq=False)
class Exported:
    """An ONNX model and what is known of it.

    data:       the bytes of its file.
    network:    the network that it was made of.
    difference: the greatest difference in [0, 1] of what onnxruntime paints with it from what `portrait_nst` paints.
    notes:      messages for the user.
    """

    data: bytes
    network: Network
    difference: float
    notes: tuple[str, ...] = ()


def export(painting: Picture) -> Exported:
    """The network of `painting` as an ONNX model; see `instant.onnx_export` for its inputs and outputs.

    painting: a picture, the name of a style, or the path of a learned file (.safetensors). A picture that was not learned gets
    the universal start, and a note says so.

    It is proved first that onnxruntime paints the same. Raises InputError and ModelError for what cannot be exported,
    ResourceError without the packages that it takes, or if the two paint differently.
    """
    from portrait_nst import encoders
    from portrait_nst.instant import onnx_export, onnx_proof

    onnx_export.require()
    encoder = encoders.get("embedded")
    network, note = _network(painting, encoder)
    data = onnx_export.model(encoder, network).SerializeToString()
    return Exported(data, network, onnx_proof.proved(data, encoder, network), (note,) if note else ())


def _network(painting: Picture, encoder: Encoder) -> tuple[Network, str]:
    """The network of `painting`, and a note or ""."""
    from portrait_nst.instant import Painter, files, store
    from portrait_nst.instant.network import Painting
    from portrait_nst.transfer.colour import tensor

    if isinstance(painting, (str, Path)) and Path(painting).suffix.lower() == SUFFIX:
        network = files.load(painting)
        network.check_encoder(encoder.sha256)
        if not network.targets:
            raise InputError(
                f"{painting} is the start for any painting, not a network of one; give the painting itself."
            )
        return network, ""
    picture = load_style(painting)
    name = "the painting" if picture.path is None else picture.path.name
    known = Painting(name, picture.sha256)
    if found := store.find([known], encoder.sha256):
        return found, ""
    start, seen = store.universal(encoder.sha256), shown(picture)
    size = imaging.size_within(picture.size, SEEN_AT)
    guide = None if seen.mask is None else tensor(imaging.resize_mask(seen.mask, size), "cpu")[0]
    statistics = Painter(encoder, start).statistics(tensor(imaging.resize(seen.rgb, size), "cpu") / 255, guide)
    aimed = start.aimed_at([(statistics, 1.0)])
    word = "PAINTING" if picture.path is None else named_styles.name_of(picture.path) or str(picture.path)
    return replace(aimed, about=replace(aimed.about, paintings=(known,))), NOT_LEARNED.format(name, shlex.quote(word))
