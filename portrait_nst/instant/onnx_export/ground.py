"""The ground that `ground.py` paints on, and what lies past a picture's edge, as ONNX operators."""

from __future__ import annotations

import numpy as np

from portrait_nst.instant.ground import FACES, RADIUS, TEXTURE, TILE, tile
from portrait_nst.instant.onnx_export.graph import Graph


def continued(graph: Graph, picture: str, before: int, small: int, multiple: int = 1) -> tuple[str, str]:
    """The rows and columns of `picture` (1, C, H, W), as indices, with `before` more at each side.

    More follow until the sides divide by `multiple`. They are mirrored at the edge; where a side is not longer than `small`, the
    outermost are repeated.
    """
    least = graph("ReduceMin", graph("Shape", picture, start=2), keepdims=0)
    is_small = graph("LessOrEqual", least, _whole(graph, small))
    rows, columns = (_continued(graph, _side(graph, picture, axis), before, multiple, is_small) for axis in (2, 3))
    return rows, columns


def at(graph: Graph, picture: str, rows: str, columns: str) -> str:
    """`picture` (1, C, H, W) at these rows and columns."""
    return graph("Gather", graph("Gather", picture, rows, axis=2), columns, axis=3)


def grounded(graph: Graph, photo: str, faces: str, amount: float) -> str:
    """What the network sees of `photo` (1, 3, H, W), with `faces` (1, 1, H, W or 1, 1); see `ground.grounded`."""
    if not amount:
        return photo
    there = graph("Clip", faces, graph.constant(0), graph.constant(1))
    calm, grain = _calmed(graph, photo), graph("Mul", _grain(graph, photo), graph.constant(amount))
    kept = graph("Add", calm, graph("Mul", there, graph("Sub", photo, calm)))
    faint = graph("Sub", graph.constant(1), graph("Mul", there, graph.constant(FACES)))
    return graph("Add", kept, graph("Mul", grain, faint))


def _calmed(graph: Graph, photo: str) -> str:
    """See `ground.calmed`."""
    rows, columns = continued(graph, photo, RADIUS, RADIUS)

    def box(value: str) -> str:
        x, side = at(graph, value, rows, columns), 2 * RADIUS + 1
        for shape in ([side, 1], [1, side]):
            x = graph("AveragePool", x, kernel_shape=shape)
        return x

    def channel(value: str, number: int) -> str:
        return graph("Slice", value, *(graph.constant([bound], np.int64) for bound in (number, number + 1, 1)))

    own = graph("ReduceMean", photo, axes=[1], keepdims=1)
    means = box(graph("Concat", own, graph("Mul", own, own), axis=1))
    mean, square = channel(means, 0), channel(means, 1)
    variance = graph("Max", graph("Sub", square, graph("Mul", mean, mean)), graph.constant(0))
    slope = graph("Div", variance, graph("Add", variance, graph.constant(TEXTURE * TEXTURE)))
    both = box(graph("Concat", slope, graph("Sub", mean, graph("Mul", slope, mean)), axis=1))
    calm = graph("Add", graph("Mul", channel(both, 0), own), channel(both, 1))
    return graph("Add", photo, graph("Sub", calm, own))


def _grain(graph: Graph, photo: str) -> str:
    """The grain (1, 3, H, W), in half precision: finer than the eye and the network see."""
    noise = graph.cast(graph.constant(tile().numpy(), np.float16), np.float32)
    index = []
    for axis in (2, 3):
        every = graph("Range", _whole(graph, 0), _side(graph, photo, axis), _whole(graph, 1))
        index.append(graph("Mod", every, _whole(graph, TILE)))
    return at(graph, noise, *index)


def _continued(graph: Graph, size: str, before: int, multiple: int, is_small: str) -> str:
    more = graph("Mod", graph("Neg", size), _whole(graph, multiple))
    end = graph("Add", graph("Add", size, _whole(graph, before)), more)
    index, last = graph("Range", _whole(graph, -before), end, _whole(graph, 1)), graph("Sub", size, _whole(graph, 1))
    mirrored = graph("Sub", last, graph("Abs", graph("Sub", last, graph("Abs", index))))
    held = graph("Min", graph("Max", index, _whole(graph, 0)), last)
    return graph("Where", is_small, held, mirrored)


def _side(graph: Graph, picture: str, axis: int) -> str:
    return graph("Squeeze", graph("Shape", picture, start=axis, end=axis + 1))


def _whole(graph: Graph, value: int) -> str:
    return graph.constant(value, np.int64)
