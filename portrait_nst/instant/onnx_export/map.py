"""Statistics under a matte and the map between Gaussians, as `gaussian.py` has them, of ONNX operators."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from portrait_nst.instant.decoder import FEATURES
from portrait_nst.instant.gaussian import FLAT, RIDGE, Gaussian
from portrait_nst.instant.onnx_export.graph import Graph
from portrait_nst.transfer.functional.powers import power

_NOTHING = 1e-6  # the least sum of a matte, as in `transfer.functional.gram`
CONVERGED = 1e-9  # how far from 1 the least singular value may stay


def statistics(graph: Graph, cells: str, weights: str) -> tuple[str, str]:
    """The mean (C, 1) and covariance (C, C), float64, of `cells` (C, N) under `weights` (1, N; [0, 1])."""
    total = graph("Max", graph("ReduceSum", weights, keepdims=1), graph.constant(_NOTHING))
    about = graph("ReduceMean", cells, axes=[1], keepdims=1)
    centred = graph("Sub", cells, about)
    weighted = graph("Mul", centred, graph("Div", weights, total))
    mean = graph("ReduceSum", weighted, graph.constant([1], np.int64), keepdims=1)
    second = graph("MatMul", weighted, graph("Transpose", centred, perm=[1, 0]))
    mean, second, about = (graph.cast(value, np.float64) for value in (mean, second, about))
    outer = graph("MatMul", mean, graph("Transpose", mean, perm=[1, 0]))
    return graph("Add", mean, about), graph("Sub", second, outer)


def monge_map(graph: Graph, mean: str, covariance: str, goal: Gaussian) -> tuple[str, str]:
    """The matrix (C, C) and offset (C, 1), float32, of the map that carries the Gaussian of the photo to `goal`."""
    root = _double(graph, power(goal.ridged(), 0.5))
    eye = _double(graph, np.eye(FEATURES))
    variance = graph("Div", _trace(graph, covariance, eye), _double(graph, FEATURES))
    counted = graph("Max", variance, _double(graph, max(FLAT * goal.variance, 1e-12 / RIDGE)))
    own = graph("Add", covariance, graph("Mul", graph("Mul", counted, _double(graph, RIDGE)), eye))
    inner = graph("MatMul", graph("MatMul", root, own), root)
    matrix = graph("MatMul", graph("MatMul", root, inverse_root(graph, inner, eye)), root)
    offset = graph("Sub", _double(graph, goal.mean[:, None]), graph("MatMul", matrix, mean))
    return graph.cast(matrix, np.float32), graph.cast(offset, np.float32)


def inverse_root(graph: Graph, matrix: str, eye: str) -> str:
    """The inverse square root of a `matrix` (C, C) that `monge_map` makes, by coupled Newton-Schulz iterations in float64.

    It takes products alone, which every runtime has. In float32 it would not converge: condition numbers are about 1e8.
    """
    scale = _trace(graph, matrix, eye)
    y, z = graph("Div", matrix, scale), eye
    for factor in factors((RIDGE / (1 + RIDGE) / FEATURES) ** 2):
        own = graph("Mul", _double(graph, factor**3 / 2), y if z == eye else graph("MatMul", z, y))
        step = graph("Sub", graph("Mul", _double(graph, 1.5 * factor), eye), own)
        y, z = graph("MatMul", y, step), step if z == eye else graph("MatMul", step, z)
    return graph("Div", z, graph("Sqrt", scale))


def factors(least: float) -> list[float]:
    """What each Newton-Schulz step is scaled by, so that the next interval of singular values is as narrow as can be.

    least: the least eigenvalue that a matrix of trace 1 may have. The ridge bounds it: of R S R with R^2 and S both ridged it
    is the product of theirs. Half as many steps as without scaling (Chen & Chow 2014, "A stable scaling of Newton-Schulz").
    """
    low, found = float(np.sqrt(least)), []
    while 1 - low > CONVERGED:
        factor = float(np.sqrt(3 / (1 + low + low**2)))
        found.append(factor)
        low = factor * low * (3 - (factor * low) ** 2) / 2
    return found


def _trace(graph: Graph, matrix: str, eye: str) -> str:
    return graph("ReduceSum", graph("Mul", matrix, eye), keepdims=1)


def _double(graph: Graph, value: Tensor | NDArray[np.float64] | float) -> str:
    return graph.constant(value, np.float64)
