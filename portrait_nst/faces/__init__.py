"""What the points of a face mean: its parts, maps of them, how they are drawn. `segmentation` finds the points."""

from portrait_nst.faces.compare import drift, kept, upright
from portrait_nst.faces.drawing import drawn
from portrait_nst.faces.maps import face_map
from portrait_nst.faces.parts import LOOPS, contour, eye_distance, open_line
from portrait_nst.faces.warp import warp_map

__all__ = [
    "LOOPS",
    "contour",
    "drawn",
    "drift",
    "eye_distance",
    "face_map",
    "kept",
    "open_line",
    "upright",
    "warp_map",
]
