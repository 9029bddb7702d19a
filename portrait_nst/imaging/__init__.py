"""Picture files and pixels: reading, writing, mattes, compositing. cv2 and Pillow are imported on first use."""

from __future__ import annotations

from portrait_nst.imaging.atomic import write_atomic
from portrait_nst.imaging.compositing import composite
from portrait_nst.imaging.continuation import continue_past
from portrait_nst.imaging.foreground import estimate_foreground
from portrait_nst.imaging.guided_filter import guided_filter
from portrait_nst.imaging.metadata import clean_exif, read_recipe
from portrait_nst.imaging.pixels import (
    as_grey,
    check_proportions,
    crop_box,
    is_grey,
    resize,
    resize_mask,
    to_float,
    to_uint8,
)
from portrait_nst.imaging.reading import decode, decode_mask, load, load_mask
from portrait_nst.imaging.writing import QUALITY, check_output, encode, save

__all__ = [
    "QUALITY",
    "as_grey",
    "check_output",
    "check_proportions",
    "clean_exif",
    "composite",
    "continue_past",
    "crop_box",
    "decode",
    "decode_mask",
    "encode",
    "estimate_foreground",
    "guided_filter",
    "is_grey",
    "load",
    "load_mask",
    "read_recipe",
    "resize",
    "resize_mask",
    "save",
    "to_float",
    "to_uint8",
    "write_atomic",
]
