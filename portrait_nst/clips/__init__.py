"""Clips: moving pictures in files, with their sound, times and colours. The only room beside `report` that knows PyAV."""

from __future__ import annotations

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
