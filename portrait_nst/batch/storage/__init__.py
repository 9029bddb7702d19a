"""Files on this machine and in stores. What differs between the two is known in this package only."""

from __future__ import annotations

from portrait_nst.batch.storage.content import download, load, open_text, output_file, read, read_start, upload
from portrait_nst.batch.storage.drivers import refresh
from portrait_nst.batch.storage.listing import (
    entry_type,
    fingerprint,
    list_files,
    list_sizes,
    matches,
    special_kind,
)
from portrait_nst.batch.storage.location import Location, Url, absolute, glob_root, join, locate
from portrait_nst.batch.storage.styles import load_style, resolve_style, style_picture

__all__ = [
    "Location",
    "Url",
    "absolute",
    "download",
    "entry_type",
    "fingerprint",
    "glob_root",
    "join",
    "list_files",
    "list_sizes",
    "load",
    "load_style",
    "locate",
    "matches",
    "open_text",
    "output_file",
    "read",
    "read_start",
    "refresh",
    "resolve_style",
    "special_kind",
    "style_picture",
    "upload",
]
