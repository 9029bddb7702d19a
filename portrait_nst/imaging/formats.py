"""The suffixes of picture files that are read, and of those that are written."""

from __future__ import annotations

# The suffix chooses the format of a written file.
FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF"}
FORMATS |= {".avif": "AVIF", ".heic": "HEIF", ".heif": "HEIF", ".hif": "HEIF"}

# Bits of a channel that a written file may have, and pixels that its longer side may have.
DEPTHS = {"JPEG": (8,), "WEBP": (8,), "PNG": (8, 16), "TIFF": (8, 16), "AVIF": (8, 10, 12), "HEIF": (8, 10, 12)}
LONGEST = {"JPEG": 65500, "WEBP": 16383, "AVIF": 32768, "HEIF": 32768}

# A file that is read is known by its contents; in a folder, files with these suffixes are taken for pictures.
READABLE_SUFFIXES = frozenset(
    {*FORMATS, ".jpe", ".jfif", ".mpo", ".apng", ".bmp", ".dib", ".gif", ".avif", ".avifs"}
    | {".heic", ".heics", ".heif", ".heifs", ".hif"}
)

# Drawings that pop art can be written as, beside the formats of pictures.
VECTORS = (".svg", ".pdf")
