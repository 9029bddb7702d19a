"""The seconds that do not depend on the speed of a painting, and durations in words."""

from __future__ import annotations

from portrait_nst.planning.extent import Size

POPART, POPART_PER_PHOTO = 4.5, 0.2  # seconds, and seconds for each megapixel of the photo
AFTER, AFTER_PER_PHOTO = 0.05, 0.37  # the same after the last step, for composing and saving


def seconds_after(size: Size) -> float:
    """The seconds from the last step to the saved picture, for a photo of `size` (height, width)."""
    return AFTER + AFTER_PER_PHOTO * size[0] * size[1] / 1e6


def popart_seconds(size: Size) -> float:
    """The seconds for turning a painting of `size` (height, width) into segments."""
    return POPART + POPART_PER_PHOTO * size[0] * size[1] / 1e6


def duration(seconds: float) -> str:
    """A duration in words: "7 s", "3 min", "2.5 h"."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
