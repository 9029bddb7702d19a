"""Where the rooms meet: a photo in, a `Result` or a `PopartResult` out."""

from __future__ import annotations

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
