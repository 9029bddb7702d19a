"""How pictures move: optical flow, where it can be trusted, pictures carried along it, cuts.

    motion = between(earlier, later)
    carried = warp(painted_earlier, motion.back)

Names, listed in ``__init__.pyi``, are imported when they are first used: cv2 is loaded by the first picture.
"""

from __future__ import annotations

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
