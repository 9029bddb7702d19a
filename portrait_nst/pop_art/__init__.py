"""Pop-art portraits: straight-edged segments of tone in bold, contrasting colours, as pixels and as vectors.

    from portrait_nst.pop_art import paint
    paint(rgb, alpha, face).svg()

Names are imported when they are first used: shapely and cv2 are loaded by the first portrait, not by a look here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portrait_nst.pop_art.colour.palettes import NAMES, Palette
    from portrait_nst.pop_art.colour.picture_palette import from_picture
    from portrait_nst.pop_art.compose import paint
    from portrait_nst.pop_art.result import PopartResult
    from portrait_nst.pop_art.settings import PopartSettings

_HOMES = {
    "paint": "compose",
    "NAMES": "colour.palettes",
    "Palette": "colour.palettes",
    "from_picture": "colour.picture_palette",
    "PopartResult": "result",
    "PopartSettings": "settings",
}
__all__ = ["NAMES", "Palette", "PopartResult", "PopartSettings", "from_picture", "paint"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
