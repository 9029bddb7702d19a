"""Networks of torchvision as traced graphs: what each node sees of the picture, and the part that some nodes need.

Nodes are named as `torchvision.models.feature_extraction` names them (``layer1.0.relu_2``, ``Mixed_5b.cat``).
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import fx, nn
from torch.nn import functional as F

from portrait_nst.encoders.geometry import Geometry

Triple = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]  # kernel, stride, padding; rows and columns of each

POINTWISE_MODULES = (nn.BatchNorm2d, nn.ReLU, nn.SiLU, nn.Sigmoid)
POINTWISE = (F.relu, operator.add, operator.mul, torch.cat)
POOLING = (F.avg_pool2d, F.max_pool2d)
HERE: Triple = ((1, 1), (1, 1), (0, 0))


@dataclass(frozen=True)
class View:
    """What a node's cells see along each axis; `None` where all of them see the whole picture."""

    rows: Geometry | None
    columns: Geometry | None
    channels: int


def trace(model: nn.Module) -> tuple[fx.GraphModule, dict[str, str]]:
    """`model` (in eval mode) as a graph in which nothing is done in place, and the node of each of torchvision's names.

    In place, a ReLU or a residual sum would overwrite a map that was handed out. Stochastic depth, which does nothing
    outside training, is left out.
    """
    from torchvision.models.feature_extraction import NodePathTracer  # a second that the embedded encoder need not wait
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
            module.inplace = False  # type: ignore[assignment]
    return fx.GraphModule(model, graph), {name: node for node, name in names.items()}


def cut(module: fx.GraphModule, wanted: dict[str, str]) -> fx.GraphModule:
    """The part of `module` that the nodes `wanted` ({key: node}) need; it returns {key: map} and shares the weights."""
    ends = set(wanted.values())
    needed: set[fx.Node] = set()
    for node in reversed(module.graph.nodes):
        if node.name in ends or any(user in needed for user in node.users):
            needed.add(node)
    graph = fx.Graph()
    copies: dict[fx.Node, fx.Node] = {}
    for node in module.graph.nodes:
        if node in needed:
            copies[node] = graph.node_copy(node, lambda other: copies[other])
    by_name = {node.name: copy for node, copy in copies.items()}
    graph.output({key: by_name[name] for key, name in wanted.items()})
    return fx.GraphModule(module, graph)


def views(module: fx.GraphModule) -> dict[str, View]:
    """What each node sees, by node, up to where the maps end.

    Where branches meet, the union of their receptive fields counts, along each axis. The gate of a squeeze-and-
    excitation block depends on the whole picture; it scales channels and says nothing of places, so it is left out.
    """
    found: dict[fx.Node, View] = {}
    for node in module.graph.nodes:
        if node.op == "placeholder":
            found[node] = View(Geometry(), Geometry(), 3)
            continue
        inputs = [found[other] for other in node.all_input_nodes if other in found]
        if not inputs or len(inputs) < len(node.all_input_nodes):
            continue
        target: Any = module.get_submodule(node.target) if node.op == "call_module" else node.target
        windows = _windows(node, target)
        if windows is None:
            continue
        placed = [view for view in inputs if view.rows is not None]
        channels = (placed or inputs)[0].channels
        if isinstance(target, nn.Conv2d):
            channels = target.out_channels
        elif target is torch.cat:
            channels = sum(view.channels for view in inputs)
        if not placed or isinstance(target, nn.AdaptiveAvgPool2d):
            found[node] = View(None, None, channels)
            continue
        axes = (_union([view.rows for view in placed]), _union([view.columns for view in placed]))  # type: ignore[misc]
        rows, columns = (_then(axis, *(pair[i] for pair in windows)) for i, axis in enumerate(axes))
        found[node] = View(rows, columns, channels)
    return {node.name: view for node, view in found.items()}


def _windows(node: fx.Node, target: Any) -> Triple | None:
    """Kernel, stride and padding of what the node does; None for what is unknown here, where the maps end."""
    if isinstance(target, POINTWISE_MODULES) or target in POINTWISE:
        return HERE
    if isinstance(target, nn.AdaptiveAvgPool2d):
        return HERE
    if isinstance(target, nn.Conv2d):
        reach = tuple((k - 1) * d + 1 for k, d in zip(target.kernel_size, target.dilation))
        return _pair(reach), _pair(target.stride), _pair(target.padding)
    if isinstance(target, nn.MaxPool2d | nn.AvgPool2d):
        return _pair(target.kernel_size), _pair(target.stride), _pair(target.padding)
    if target in POOLING:
        given = {**dict(zip(("input", "kernel_size", "stride", "padding"), node.args)), **node.kwargs}
        stride = given.get("stride") or given["kernel_size"]
        return _pair(given["kernel_size"]), _pair(stride), _pair(given.get("padding", 0))
    return None


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else tuple(value)  # type: ignore[return-value]


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
