"""Feature extractors: the embedded one and torchvision's. The only room that imports torchvision."""

from portrait_nst.encoders.encoder import Encoder
from portrait_nst.encoders.geometry import Geometry, Window
from portrait_nst.encoders.registry import NAMES, get

__all__ = ["NAMES", "Encoder", "Geometry", "Window", "get"]
