"""Losses and the engine that paints with them.

    from portrait_nst.transfer import functional, losses  # pure functions and modules, which need nothing but torch
    from portrait_nst.transfer import StyleOptimizer, build_config  # the engine

The public names are listed in ``__init__.pyi``. Each is imported when it is first used, so that a program that wants a loss does
not load the engine.
"""

from __future__ import annotations

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
