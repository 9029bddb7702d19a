"""Paint the person, keep the place.

    from portrait_nst import stylize
    stylize("me.jpg", "impasto").save("me-impasto.png")  # or the picture of a painting

Names are imported when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.2.0"

if TYPE_CHECKING:
    from portrait_nst.errors import InputError, MaskError, ModelError, PortraitError, ResourceError, WeightsError
    from portrait_nst.named_styles import styles
    from portrait_nst.pipeline import (
        PaintPlan,
        Run,
        Stylizer,
        Subject,
        load,
        matte,
        popart,
        prepare,
        reconstruct,
        rerun,
        stylize,
    )
    from portrait_nst.result import Result
    from portrait_nst.settings import Settings
    from portrait_nst.types import Forecast, Matte, Photo, Step

_HOMES = {
    "stylize": "pipeline",
    "Stylizer": "pipeline",
    "Subject": "pipeline",
    "PaintPlan": "pipeline",
    "Run": "pipeline",
    "prepare": "pipeline",
    "popart": "pipeline",
    "matte": "pipeline",
    "reconstruct": "pipeline",
    "rerun": "pipeline",
    "load": "pipeline",
    "styles": "named_styles",
    "Settings": "settings",
    "Photo": "types",
    "Matte": "types",
    "Result": "result",
    "Step": "types",
    "Forecast": "types",
    "PortraitError": "errors",
    "InputError": "errors",
    "MaskError": "errors",
    "ModelError": "errors",
    "ResourceError": "errors",
    "WeightsError": "errors",
}
__all__ = [
    "Forecast",
    "InputError",
    "MaskError",
    "Matte",
    "ModelError",
    "PaintPlan",
    "Photo",
    "PortraitError",
    "ResourceError",
    "Result",
    "Run",
    "Settings",
    "Step",
    "Stylizer",
    "Subject",
    "WeightsError",
    "load",
    "matte",
    "popart",
    "prepare",
    "reconstruct",
    "rerun",
    "styles",
    "stylize",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
