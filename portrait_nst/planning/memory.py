"""The memory that a painting takes, by a model of measured peaks.

The model is linear in the megapixels of the canvas (Linux, CPU, L-BFGS), and within 15 % of each of these: with the embedded
encoder in bfloat16 1.03 GB for 0.08 megapixels, 1.21 for 0.20, 1.50 for 0.29, 1.68 for 0.47, 2.4 for 1.07; 2.50, 3.61 and
6.12 GB for 2, 4 and 11.5 megapixels in tiles, of photos of 4 and 12 megapixels; and in windows 1.66 GB for a canvas of 0.9
megapixels and 3.36 for 23, of photos of 2 and 24. With nearest features instead of Gram matrices alone they were 1.34 and 1.39
GB for 0.08 megapixels, 1.73 for 0.22, 1.77 for 0.29, 2.09 for 0.43, and in windows 2.01 for 0.75.
"""

from __future__ import annotations

from typing import Literal

from portrait_nst.planning.encoder_facts import EncoderFacts
from portrait_nst.planning.extent import Size
from portrait_nst.settings import Settings

Mode = Literal["whole", "tiled", "windowed"]
Precision = Literal["float32", "bfloat16"]

BASE, PER_PHOTO = 0.95e9, 0.018e9  # bytes, and bytes for each megapixel of the photo
PER_PAINTED: dict[Precision, float] = {"bfloat16": 1.45e9, "float32": 2.2e9}  # each megapixel of a whole canvas
NEAREST, PER_NEAREST = 0.25e9, 0.55e9  # additional with nearest features, and the same for each megapixel of the canvas
WINDOWED_NEAREST = 0.35e9  # additional with nearest features in windows or tiles
BRUSH, BRUSH_PER_PHOTO = 0.45e9, 0.03e9  # additional with brush work, and the same for each megapixel of the photo
TILES, PER_TILED = 1.6e9, 0.36e9  # bytes with tiles, and bytes for each megapixel of the canvas
WINDOWS, PER_WINDOWED = 1.6e9, 0.047e9  # the same for a canvas that is painted in windows
POPART, POPART_PER_PHOTO = 0.3e9, 0.1e9


def canvas_bytes(settings: Settings, canvas: Size, mode: Mode, encoder: EncoderFacts, precision: Precision) -> float:
    """The bytes of the process while a `canvas` of (height, width) is painted, without the memory of the photo itself."""
    megapixels = canvas[0] * canvas[1] / 1e6
    if mode == "whole":
        fixed, each = BASE, PER_PAINTED[precision]
        if settings.painterly:
            fixed, each = fixed + NEAREST, each + PER_NEAREST
        return fixed + megapixels * each * encoder.memory
    fixed, each = (WINDOWS, PER_WINDOWED) if mode == "windowed" else (TILES, PER_TILED)
    fixed += WINDOWED_NEAREST if settings.painterly else 0.0
    return fixed * encoder.parts_memory + megapixels * each


def photo_bytes(size: Size) -> float:
    """The bytes that a photo of `size` (height, width) adds throughout a painting."""
    return size[0] * size[1] / 1e6 * PER_PHOTO


def brushwork_bytes(size: Size) -> float:
    """The bytes of the process during brush work in a photo of `size`, when the memory of the optimisation has been freed."""
    return BASE + BRUSH + size[0] * size[1] / 1e6 * BRUSH_PER_PHOTO


def popart_bytes(size: Size) -> float:
    """The bytes of a process that turns a photo of `size` into pop art, without painting it."""
    return POPART + size[0] * size[1] / 1e6 * POPART_PER_PHOTO


def gigabytes(left: float, needed: float) -> tuple[str, str]:
    """Both numbers of bytes in gigabytes, with enough digits to show the difference."""
    found = [(f"{left / 1e9:.{digits}f}", f"{needed / 1e9:.{digits}f}") for digits in (1, 2, 3)]
    return next((pair for pair in found if pair[0] != pair[1]), found[-1])
