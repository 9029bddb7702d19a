"""What the points of a face mean: its parts, and maps of them. It knows no detector; `segmentation` finds the points."""

from portrait_nst.faces.compare import drift, kept, upright
from portrait_nst.faces.parts import LOOPS, contour, eye_distance, open_line

__all__ = ["LOOPS", "contour", "drift", "eye_distance", "kept", "open_line", "upright"]
