"""Losses and the engine that paints with them.

    from portrait_nst.transfer import functional, losses  # pure functions and modules, which need nothing but torch
    from portrait_nst.transfer import StyleOptimizer, build_config  # the engine

The public names are listed in ``__init__.pyi``. Each is imported when it is first used, so that a program that wants a loss does
not load the engine.
"""

from __future__ import annotations

import sys
from types import ModuleType

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)


class _Package(ModuleType):
    """A package in which `build_config` and `brushwork` stay functions, also once the modules of these names are imported."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in ("brushwork", "build_config") and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
