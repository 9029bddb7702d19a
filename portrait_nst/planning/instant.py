"""The memory of a painting that a learned network makes at once, without the engine's scales and steps.

By measured peaks of the process (Linux, CPU), within 10 % of each: 0.80 GB for a canvas of 0.26 megapixels, 0.95 for 1.05 (1.14
in float32), 1.59 for 0.21 of a photo of 12 megapixels, and 2.2 for all of it.
"""

from __future__ import annotations

from portrait_nst.planning.extent import Size
from portrait_nst.planning.memory import Precision, photo_bytes

WINDOW = (
    2_000_000  # pixels of a canvas above which it is painted window by window, as `portrait_nst.instant.windows` does
)
BASE = 0.7e9  # bytes
PER_CANVAS: dict[Precision, float] = {"bfloat16": 0.2e9, "float32": 0.4e9}  # for each megapixel of a canvas or window
PER_LARGE = 0.03e9  # for each megapixel of a canvas, of which windows are painted one after the other
PER_PHOTO = 0.05e9  # for each megapixel of the photo, beside what the photo itself takes


def instant_bytes(canvas: Size, photo: Size, precision: Precision) -> float:
    """The bytes of the process that paints a `canvas` of a `photo`, both (height, width)."""
    pixels = canvas[0] * canvas[1]
    painted = min(pixels, WINDOW) / 1e6 * PER_CANVAS[precision] + pixels / 1e6 * PER_LARGE
    return BASE + painted + photo[0] * photo[1] / 1e6 * PER_PHOTO + photo_bytes(photo)
