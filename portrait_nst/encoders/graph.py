"""Networks of torchvision as traced graphs: the receptive fields of their nodes, and the part that some nodes need.

Nodes are named as `torchvision.models.feature_extraction` names them (``layer1.0.relu_2``, ``Mixed_5b.cat``).
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import fx, nn
from torch.nn import functional as F

from portrait_nst.encoders.geometry import Geometry

Window2d = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]  # kernel, stride, padding; (rows, columns) of each

POINTWISE_MODULES = (nn.BatchNorm2d, nn.ReLU, nn.SiLU, nn.Sigmoid)
POINTWISE = (F.relu, operator.add, operator.mul, torch.cat)
POOLING = (F.avg_pool2d, F.max_pool2d)
HERE: Window2d = ((1, 1), (1, 1), (0, 0))


@dataclass(frozen=True)
class NodeGeometry:
    """The receptive fields of a node's cells along each axis; None where each cell depends on the whole picture."""

    rows: Geometry | None
    columns: Geometry | None
    channels: int


def trace(model: nn.Module) -> tuple[fx.GraphModule, dict[str, str]]:
    """`model` (in eval mode) as a graph in which nothing is done in place, and the node of each of torchvision's names.

    In place, a ReLU or a residual sum would overwrite a map that was handed out. Stochastic depth, which does nothing
    outside training, is left out.
    """
    # The import takes a second, which users of the embedded encoder are spared.
    from torchvision.models.feature_extraction import NodePathTracer
    from torchvision.ops import stochastic_depth

    tracer = NodePathTracer(leaf_modules=[])
    graph = tracer.trace(model)
    names = {node.name: name for node, name in tracer.node_to_qualname.items()}
    for node in list(graph.nodes):
        if node.target is stochastic_depth:
            node.replace_all_uses_with(node.args[0])
            graph.erase_node(node)
            del names[node.name]
        elif node.target is operator.iadd:
            node.target = operator.add
        elif node.kwargs.get("inplace"):
            node.update_kwarg("inplace", False)
    for module in model.modules():
        if getattr(module, "inplace", False):
            setattr(module, "inplace", False)  # noqa: B010 - torch types a module's attributes as tensors and modules
    return fx.GraphModule(model, graph), {name: node for node, name in names.items()}


def cut(module: fx.GraphModule, wanted: dict[str, str]) -> fx.GraphModule:
    """The part of `module` that the nodes `wanted` ({key: node}) need; it returns {key: map} and shares the weights.

    torchvision's `create_feature_extractor` would not do: it traces the model anew for every choice of layers, and where
    a network works in place a third of the maps that it hands out have been overwritten by the step after.
    """
    graph = fx.Graph()
    copies: dict[fx.Node, fx.Node] = {}
    graph.graph_copy(module.graph, copies)
    by_name = {node.name: copy for node, copy in copies.items()}
    graph.output({key: by_name[name] for key, name in wanted.items()})
    part = fx.GraphModule(module, graph)
    part.graph.eliminate_dead_code()
    part.delete_all_unused_submodules()
    part.recompile()
    return part


def node_geometries(module: fx.GraphModule) -> dict[str, NodeGeometry]:
    """The receptive fields of each node, by node, up to where the maps end.

    Where branches meet, the union of their receptive fields counts, along each axis. The gate of a squeeze-and-
    excitation block depends on the whole picture; it scales channels and says nothing of places, so it is left out.
    """
    found: dict[fx.Node, NodeGeometry] = {}
    for node in module.graph.nodes:
        if node.op == "placeholder":
            found[node] = NodeGeometry(Geometry(), Geometry(), 3)
            continue
        inputs = [found[other] for other in node.all_input_nodes if other in found]
        if not inputs or len(inputs) < len(node.all_input_nodes):
            continue
        target: Any = module.get_submodule(node.target) if node.op == "call_module" else node.target
        windows = _windows(node, target)
        if windows is None:
            continue
        placed = [(one.rows, one.columns) for one in inputs if one.rows is not None and one.columns is not None]
        channels = next((one for one in inputs if one.rows is not None), inputs[0]).channels
        if isinstance(target, nn.Conv2d):
            channels = target.out_channels
        elif target is torch.cat:
            channels = sum(one.channels for one in inputs)
        if not placed or isinstance(target, nn.AdaptiveAvgPool2d):
            found[node] = NodeGeometry(None, None, channels)
            continue
        axes = [_union(axis) for axis in zip(*placed)]
        rows, columns = (_then(axis, *(pair[i] for pair in windows)) for i, axis in enumerate(axes))
        found[node] = NodeGeometry(rows, columns, channels)
    return {node.name: one for node, one in found.items()}


def _windows(node: fx.Node, target: Any) -> Window2d | None:
    """Kernel, stride and padding of a node's operation; None for an unknown operation, where the maps end."""
    if isinstance(target, POINTWISE_MODULES) or target in POINTWISE:
        return HERE
    if isinstance(target, nn.AdaptiveAvgPool2d):
        return HERE
    if isinstance(target, nn.Conv2d):
        reach = tuple((k - 1) * d + 1 for k, d in zip(target.kernel_size, target.dilation))
        assert not isinstance(target.padding, str), "torchvision's networks give their padding in pixels"
        return _pair(reach), _pair(target.stride), _pair(target.padding)
    if isinstance(target, nn.MaxPool2d | nn.AvgPool2d):
        return _pair(target.kernel_size), _pair(target.stride), _pair(target.padding)
    if target in POOLING:
        given: dict[str, Any] = {**dict(zip(("input", "kernel_size", "stride", "padding"), node.args)), **node.kwargs}
        stride = given.get("stride") or given["kernel_size"]
        return _pair(given["kernel_size"]), _pair(stride), _pair(given.get("padding", 0))
    return None


def _pair(value: int | Sequence[int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def _then(axis: Geometry, kernel: int, stride: int, padding: int) -> Geometry:
    return axis if (kernel, stride, padding) == (1, 1, 0) else axis.then(kernel, stride, padding)


def _union(branches: Iterable[Geometry]) -> Geometry:
    """The branch whose field holds those of all others: there is one wherever a network keeps its branches aligned."""
    branches = list(dict.fromkeys(branches))
    for one in branches:
        if all(_holds(one, other) for other in branches):
            return one
    raise ValueError("no branch sees what all others see")


def _holds(one: Geometry, other: Geometry) -> bool:
    ends = one.start + one.field >= other.start + other.field
    return one.jump == other.jump and one.start <= other.start and ends
