"""What the points of a face mean: its parts, and maps of them. It knows no detector; `segmentation` finds the points."""

from portrait_nst.faces.parts import LOOPS, contour, eye_distance, open_line
from portrait_nst.faces.warp import warp_map

__all__ = ["LOOPS", "contour", "eye_distance", "open_line", "warp_map"]
