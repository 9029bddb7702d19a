"""Writes a graph of ONNX operators, value by value: `graph("Add", a, b)` is the name of the sum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import onnx

OPSET = 17  # of the operators; what onnxruntime 1.12 and later, and onnxruntime-web, run on the CPU and in WebAssembly
FORMAT = 8  # of the file ("IR version"), which belongs to it


class Graph:
    """A graph in the making. Values are named by strings; equal constants are stored once."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[tuple[Any, ...], str] = {}
        self._stored: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def __call__(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """The value of `operator` for `inputs`."""
        from onnx import helper

        name = f"{operator.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def constant(self, value: Any, dtype: type[np.generic] = np.float32) -> str:
        """A constant of this type; what half precision holds exactly is stored so, which halves the file."""
        array = np.ascontiguousarray(value, dtype)
        key = (array.tobytes(), array.shape, array.dtype.str)
        if key not in self._constants:
            self._constants[key] = self._kept(array)
        return self._constants[key]

    def cast(self, value: str, dtype: type[np.generic]) -> str:
        """`value` in another type."""
        from onnx import helper

        return self("Cast", value, to=helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))

    def input(self, name: str, shape: list[int | str]) -> str:
        """An input of float32; a dimension that is named may have any length."""
        self._inputs.append(_described(name, shape))
        return name

    def output(self, name: str, value: str, shape: list[int | str]) -> None:
        """Hand out `value` (float32) as `name`."""
        from onnx import helper

        self._nodes.append(helper.make_node("Identity", [value], [name]))
        self._outputs.append(_described(name, shape))

    def model(self, name: str, **more: Any) -> onnx.ModelProto:
        """The finished model; more: as `onnx.helper.make_model` takes it."""
        from onnx import helper

        graph = helper.make_graph(self._nodes, name, self._inputs, self._outputs, self._stored)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=FORMAT, **more)

    def _kept(self, array: NDArray[Any]) -> str:
        from onnx import numpy_helper

        name = f"constant_{len(self._stored)}"
        with np.errstate(over="ignore"):
            half = array.astype(np.float16)
        lossless = array.dtype.kind == "f" and array.size > 1 and bool((half == array).all())
        self._stored.append(numpy_helper.from_array(half if lossless else array, name))
        return self.cast(name, array.dtype.type) if lossless else name


def _described(name: str, shape: list[int | str]) -> onnx.ValueInfoProto:
    from onnx import TensorProto, helper

    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
