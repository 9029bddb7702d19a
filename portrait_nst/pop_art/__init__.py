"""Pop-art portraits: straight-edged segments of tone in bold, contrasting colours, as pixels and as vectors.

    from portrait_nst.pop_art import compose_portrait
    compose_portrait(rgb, alpha, face).svg()

Imports run downward here too. At the bottom are the settings and colours; then come `partition`, which divides a photo into
segments, `colour`, which colours them, `composition`, which holds both, then `render`, `measures` and `report`, which draw,
measure and describe a composition, and at the top `result` and `compose`.
Names, listed in ``__init__.pyi``, are imported when they are first used: shapely and cv2 are loaded by the first portrait.
"""

from __future__ import annotations

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
