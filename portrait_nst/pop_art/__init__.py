"""Pop-art portraits: straight-edged segments of tone in bold, contrasting colours, as pixels and as vectors.

    from portrait_nst.pop_art import compose_portrait
    compose_portrait(rgb, alpha, face).svg()

Imports run downward here too: settings and colours, `partition` (a photo to segments), `colour` (segments to a
colouring), `composition` (both as a value), `render` and `measures` and `report` (what is made of it), `result`, `compose`.
Names, listed in ``__init__.pyi``, are imported when they are first used: shapely and cv2 are loaded by the first portrait.
"""

from __future__ import annotations

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
