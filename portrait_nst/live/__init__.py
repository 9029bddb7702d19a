"""Live: the camera painted in a window, with learned networks.

from portrait_nst.live import paint_camera
paint_camera(["impasto", "woodcut"])
"""

from __future__ import annotations

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
