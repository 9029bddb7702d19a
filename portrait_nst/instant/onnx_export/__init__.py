"""A learned network as an ONNX model: `model` writes it, `require` says what is missing to do so; see `assembly`."""

from __future__ import annotations

from portrait_nst.instant.onnx_export.assembly import METADATA, model, require

__all__ = ["METADATA", "model", "require"]
