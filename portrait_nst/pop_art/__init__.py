"""Pop-art portraits: straight-edged segments of tone in bold, contrasting colours, as pixels and as vectors.

    from portrait_nst.pop_art import compose_portrait
    compose_portrait(rgb, alpha, face).svg()

Imports run downward here too: settings and colours, `partition` (a photo to segments), `colour` (segments to a
colouring), `composition` (both as a value), `render` and `measures` and `report` (what is made of it), `result`, `compose`.
Names are imported when they are first used, so that shapely and cv2 are loaded by the first portrait only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portrait_nst.pop_art.colour.palette import Palette
    from portrait_nst.pop_art.colour.palettes import NAMES
    from portrait_nst.pop_art.colour.picture_palette import from_picture
    from portrait_nst.pop_art.compose import compose_portrait
    from portrait_nst.pop_art.result import PopartResult
    from portrait_nst.pop_art.settings import PopartSettings

_HOMES = {
    "compose_portrait": "compose",
    "NAMES": "colour.palettes",
    "Palette": "colour.palette",
    "from_picture": "colour.picture_palette",
    "PopartResult": "result",
    "PopartSettings": "settings",
}
__all__ = ["NAMES", "Palette", "PopartResult", "PopartSettings", "compose_portrait", "from_picture"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
