"""The studio: a page in the browser, served by this machine, and its HTTP API."""

from __future__ import annotations

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
