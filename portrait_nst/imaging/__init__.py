"""Picture files and pixels: reading, writing, mattes, compositing. cv2 and Pillow are imported on first use."""

from __future__ import annotations

from portrait_nst.imaging.foreground import estimate_foreground
from portrait_nst.imaging.guided_filter import guided_filter

__all__ = ["estimate_foreground", "guided_filter"]
