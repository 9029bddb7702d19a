"""Picture files and pixels: reading, writing, mattes, compositing. cv2 and Pillow are imported on first use."""

from __future__ import annotations

from portrait_nst.imaging.atomic import write_atomic
from portrait_nst.imaging.colour.native import in_space_of
from portrait_nst.imaging.compositing import composite
from portrait_nst.imaging.continuation import continue_past
from portrait_nst.imaging.encoding.containers import QUALITY
from portrait_nst.imaging.foreground import estimate_foreground
from portrait_nst.imaging.formats import READABLE_SUFFIXES
from portrait_nst.imaging.gain_maps.gain_map import carried_over
from portrait_nst.imaging.metadata import clean_exif
from portrait_nst.imaging.pixels import (
    LUMA,
    as_grey,
    bands,
    check_proportions,
    fill_holes,
    is_grey,
    resize,
    resize_mask,
    size_within,
    to_float,
    to_uint8,
)
from portrait_nst.imaging.reading import decode, decode_mask, load, load_mask, read_recipe
from portrait_nst.imaging.writing import PROFILES, check_output, encode, lost_in, save

__all__ = [
    "LUMA",
    "PROFILES",
    "QUALITY",
    "READABLE_SUFFIXES",
    "as_grey",
    "bands",
    "carried_over",
    "check_output",
    "check_proportions",
    "clean_exif",
    "composite",
    "continue_past",
    "decode",
    "decode_mask",
    "encode",
    "estimate_foreground",
    "fill_holes",
    "in_space_of",
    "is_grey",
    "load",
    "load_mask",
    "lost_in",
    "read_recipe",
    "resize",
    "resize_mask",
    "save",
    "size_within",
    "to_float",
    "to_uint8",
    "write_atomic",
]
