"""A network as an ONNX model, which paints in onnxruntime and, in a browser, in onnxruntime-web.

The model does what `Painter` does: statistics under the matte, the maps to the painting's, and the decoder, for a photo of any
size. Its operators are written one by one, so that nothing in it depends on a size that a tracer happened to see.

Inputs, all float32:
    photo    (1, 3, H, W)  RGB in [0, 1]
    matte    (1, 1, H, W)  what of it is painted, in [0, 1]
    strength (1, 1, H, W), or (1, 1, 1, 1) for all of it: from 0, the photo itself, to 1, all that the network has
    faces    (1, 1, H, W), or (1, 1, 1, 1) for all of it: from 0 to 1 or more in faces, where the ground leaves detail as it is
Outputs:
    composited (1, 3, H, W)  the photo, painted where the matte is; exactly the photo where matte or strength is 0
    painted    (1, 3, H, W)  all of it painted, in [0, 1], as `Painter.paint` does, without regard to the matte's edge
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from portrait_nst.encoders import Encoder
from portrait_nst.encoders.vgg import Vgg
from portrait_nst.errors import ResourceError
from portrait_nst.instant.decoder import FEATURES, LEVELS, WIDTHS
from portrait_nst.instant.features import LAYER, PAD, STEP
from portrait_nst.instant.network import Network
from portrait_nst.instant.onnx_export.graph import Graph
from portrait_nst.instant.onnx_export.ground import at, continued, grounded
from portrait_nst.instant.onnx_export.map import monge_map, statistics
from portrait_nst.instant.strength import FADED, LEAST_SHARE

if TYPE_CHECKING:
    import onnx

METADATA = "portrait_nst"  # the key of the model's metadata, as in the files of learned networks
CELL = 4  # pixels of a cell of relu3_1 at x1
USE = (
    "Inputs: photo (1, 3, H, W), RGB in [0, 1]; matte (1, 1, H, W), what of it is painted, in [0, 1]; strength (1, 1, H, W) or "
    "(1, 1, 1, 1), from 0, the photo, to 1; faces (1, 1, H, W) or (1, 1, 1, 1), 1 in faces, where detail is kept, else 0. "
    "Outputs: composited (1, 3, H, W), the photo painted where the matte is; painted, all of it. H and W may be any."
)
LICENCE = (
    "The weights of the encoder are Apache-2.0, distilled from VGG-19 (Simonyan & Zisserman, CC BY 4.0). The decoder was learned "
    "from a painting: publish it only if you may publish the painting."
)


def model(encoder: Encoder, network: Network) -> onnx.ModelProto:
    """`network` as an ONNX model. encoder: the embedded one. Raises ResourceError without the packages for it."""
    require()
    graph = Graph()
    photo = graph.input("photo", [1, 3, "height", "width"])
    matte = graph.input("matte", [1, 1, "height", "width"])
    strength = graph.input("strength", [1, 1, "strength_height", "strength_width"])
    faces = graph.input("faces", [1, 1, "faces_height", "faces_width"])
    around = continued(graph, photo, PAD, small=2 * PAD, multiple=STEP)
    here = at(graph, grounded(graph, photo, faces, network.grain), *around)
    share = graph("Mul", graph("Expand", strength, graph("Shape", matte)), graph.constant(1 - LEAST_SHARE))
    share = graph("Add", share, graph.constant(LEAST_SHARE))
    weights, shares = at(graph, matte, *around), at(graph, share, *around)
    features = []
    for level in range(LEVELS):
        here = _pooled(graph, here, 2) if level else here
        cell = CELL * 2**level
        found, own = _encoded(graph, encoder, here), [_pooled(graph, value, cell) for value in (weights, shares)]
        features.append(_mapped(graph, found, own[0], own[1], network, level))
    painted = graph("Clip", _decoded(graph, network, features), graph.constant(0), graph.constant(1))
    size = graph("Shape", photo, start=2)
    first = graph.constant([PAD, PAD], np.int64)
    painted = graph("Slice", painted, first, graph("Add", size, first), graph.constant([2, 3], np.int64))
    mix = graph("Mul", matte, graph("Min", graph("Div", strength, graph.constant(FADED)), graph.constant(1)))
    composited = graph("Add", photo, graph("Mul", mix, graph("Sub", painted, photo)))
    for name, value in (("composited", composited), ("painted", painted)):
        graph.output(name, value, [1, 3, "height", "width"])
    return _described(graph, network)


def require() -> None:
    """Raise ResourceError where the packages are missing that the export takes."""
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
    except ImportError:
        raise ResourceError(
            "Exporting takes the packages onnx and onnxruntime, which are not installed: pip install 'portrait-nst[onnx]'."
        ) from None


def _described(graph: Graph, network: Network) -> onnx.ModelProto:
    from onnx import checker, helper

    from portrait_nst import __version__

    about = network.about
    names = ", ".join(painting.name for painting in about.paintings)
    made = graph.model(
        "portrait_nst_instant",
        producer_name="portrait_nst",
        producer_version=__version__,
        doc_string=f"Paints a portrait in the style of {names or 'a painting'}. {USE}",
    )
    facts = {
        "version": __version__,
        "paintings": [{"name": p.name, "sha256": p.sha256, "weight": p.weight} for p in about.paintings],
        "steps": about.steps,
        "encoder_sha256": about.encoder_sha256,
    }
    helper.set_model_props(made, {METADATA: json.dumps(facts), "use": USE, "licence": LICENCE})
    checker.check_model(made, full_check=True)
    return made


def _pooled(graph: Graph, value: str, side: int) -> str:
    return graph("AveragePool", value, kernel_shape=[side, side], strides=[side, side])


def _encoded(graph: Graph, encoder: Encoder, picture: str) -> str:
    """`LAYER` of `encoder` of `picture` (1, 3, H, W)."""
    net = encoder.net
    assert isinstance(net, Vgg)  # as the embedded encoder is
    x = graph("Div", graph("Sub", picture, graph.constant(net.mean.numpy())), graph.constant(net.std.numpy()))
    block = 1
    for name, convolution in net.convolutions.items():
        if int(name[4]) > block:
            x, block = _pooled(graph, x, 2), block + 1
        x = graph("Relu", _convolved(graph, x, convolution))
        if name.replace("conv", "relu") == LAYER:
            break
    return x


def _mapped(graph: Graph, features: str, weights: str, share: str, network: Network, level: int) -> str:
    """`features` (1, C, h, w) moved by their `share` to the painting's, rectified and scaled."""
    flat = graph.constant([FEATURES, -1], np.int64)
    cells = graph("Reshape", features, flat)
    row = graph.constant([1, -1], np.int64)
    weights, share = graph("Reshape", weights, row), graph("Reshape", share, row)
    matrix, offset = monge_map(graph, *statistics(graph, cells, weights), network.targets[level])
    moved = graph("Add", graph("MatMul", matrix, cells), offset)
    x = graph("Relu", graph("Add", cells, graph("Mul", share, graph("Sub", moved, cells))))
    return graph("Reshape", graph("Div", x, graph.constant(network.scale)), graph("Shape", features))


def _decoded(graph: Graph, network: Network, maps: list[str]) -> str:
    """The picture that the decoder makes of `maps`; see `Decoder.forward`."""
    decoder, (whole, half, quarter) = network.decoder, maps
    for layer in decoder.at_quarter:
        quarter = graph("Relu", _convolved(graph, quarter, layer))
    broad = graph("Add", _convolved(graph, half, decoder.at_half[0]), _doubled(graph, quarter))
    broad = graph("Relu", broad)
    for layer in list(decoder.at_half)[1:]:
        broad = graph("Relu", _convolved(graph, broad, layer))
    x = _convolved(graph, whole, decoder.fine[0])
    x = graph("Relu", graph("Add", x, _doubled(graph, _convolved(graph, broad, decoder.join))))
    for index, layer in enumerate(list(decoder.fine)[1:], start=1):
        x = _convolved(graph, x, layer)
        if index < len(WIDTHS) - 1:
            x = graph("Relu", x)
        if index in (1, 3):
            x = _doubled(graph, x)
    return x


def _convolved(graph: Graph, x: str, layer: nn.Module) -> str:
    assert isinstance(layer, nn.Conv2d) and layer.bias is not None
    weight, bias = (graph.constant(_array(value)) for value in (layer.weight, layer.bias))
    return graph("Conv", x, weight, bias, pads=[1, 1, 1, 1])


def _doubled(graph: Graph, x: str) -> str:
    """`x` enlarged twofold; the sides of a padded picture divide, so that levels meet cell by cell."""
    scales = graph.constant([1, 1, 2, 2])
    return graph("Resize", x, "", scales, mode="linear", coordinate_transformation_mode="half_pixel")


def _array(value: Tensor) -> NDArray[np.float32]:
    found: NDArray[np.float32] = value.detach().cpu().float().numpy()
    return found
