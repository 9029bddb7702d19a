"""Decides once, and without torch, how a photo will be painted: size, scales, steps, memory."""

from __future__ import annotations

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
