"""A painting in, the network that paints in its style out, as a model for programs in other languages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from portrait_nst.pipeline.styles import Style, load_blend

if TYPE_CHECKING:
    from portrait_nst.encoders import Encoder
    from portrait_nst.instant import Network


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

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the model to `path` (.onnx), whole or not at all. Raises InputError and ResourceError."""
        from portrait_nst.imaging import write_atomic

        write_atomic(Path(path), self.data, overwrite=overwrite)
        return Path(path)


def export(painting: Style) -> Exported:
    """The network of `painting` as an ONNX model; see `instant.onnx_export` for its inputs and outputs.

    painting: a picture, the name of a style, the path of a learned file (.safetensors), or a list of pictures learned as one.
              What was not learned gets the universal start, and a note says so.

    It is proved first that onnxruntime paints the same. Raises InputError and ModelError for what cannot be exported,
    ResourceError without the packages that it takes, or if the two paint differently.
    """
    from portrait_nst import encoders
    from portrait_nst.instant import onnx_export
    from portrait_nst.instant.onnx_export import proof

    onnx_export.require()
    encoder = encoders.get("embedded")
    network, note = _network(painting, encoder)
    data = onnx_export.model(encoder, network).SerializeToString()
    return Exported(data, network, proof.proved(data, encoder, network), (note,) if note else ())


def _network(painting: Style, encoder: Encoder) -> tuple[Network, str]:
    """The network of `painting`, and a note or ""."""
    from portrait_nst.pipeline.instant.learned import Orders, network_for
    from portrait_nst.pipeline.instant.networks import paintings
    from portrait_nst.pipeline.instant.painters import Painters

    blend = load_blend(painting)
    network, note = network_for(blend, Orders("whole", False, encoder, "cpu", "float32", Painters()))
    if network.learned:
        return network, ""
    return replace(network, about=replace(network.about, paintings=tuple(paintings(blend)))), note
