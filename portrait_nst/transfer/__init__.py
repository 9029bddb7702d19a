"""Losses and the engine that paints with them.

    from portrait_nst.transfer import functional, losses  # pure functions and modules: nothing else than torch
    from portrait_nst.transfer import StyleOptimizer, build_config  # the engine

Names are imported when they are first used, so that who wants a loss does not load the engine.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portrait_nst.transfer import colour, functional, initialization, losses
    from portrait_nst.transfer.brushwork import brushwork
    from portrait_nst.transfer.build_config import build_config, choose_device, has_fast_bf16, precision_of
    from portrait_nst.transfer.config import EngineConfig, StylePart, StyleSource
    from portrait_nst.transfer.detail import overlay_detail, transfer_detail
    from portrait_nst.transfer.engine import StyleOptimizer
    from portrait_nst.transfer.faces.controller import Portrait
    from portrait_nst.transfer.faces.identity import Identity
    from portrait_nst.transfer.targets import TargetStore
    from portrait_nst.transfer.timing import TimeEstimate, estimate_time

_HOMES = {
    "EngineConfig": "config",
    "Identity": "faces.identity",
    "Portrait": "faces.controller",
    "StyleOptimizer": "engine",
    "StylePart": "config",
    "StyleSource": "config",
    "TargetStore": "targets",
    "TimeEstimate": "timing",
    "brushwork": "brushwork",
    "build_config": "build_config",
    "choose_device": "build_config",
    "estimate_time": "timing",
    "has_fast_bf16": "build_config",
    "overlay_detail": "detail",
    "precision_of": "build_config",
    "transfer_detail": "detail",
}
_MODULES = ("colour", "functional", "initialization", "losses")
__all__ = [
    "EngineConfig",
    "Identity",
    "Portrait",
    "StyleOptimizer",
    "StylePart",
    "StyleSource",
    "TargetStore",
    "TimeEstimate",
    "brushwork",
    "build_config",
    "choose_device",
    "colour",
    "estimate_time",
    "functional",
    "has_fast_bf16",
    "initialization",
    "losses",
    "overlay_detail",
    "precision_of",
    "transfer_detail",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    """A package in which `build_config` and `brushwork` stay functions, also once the modules of these names are imported."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
