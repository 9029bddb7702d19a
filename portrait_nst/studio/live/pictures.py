"""Frames as JPEG: how they are read, with limits that hold before a pixel is decoded, and written."""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image

from portrait_nst.errors import InputError
from portrait_nst.studio.live.messages import FRAME, LONGEST
from portrait_nst.types import UInt8Array

QUALITY = 85  # of the JPEG that is sent back
_EXPECTED = f"Send JPEG of at most {LONGEST} pixels and {FRAME // 1000} kB."


def decoded(data: bytes) -> UInt8Array:
    """The frame, (H, W, 3) uint8 RGB. Raises InputError for what is no JPEG, or is too large."""
    if len(data) > FRAME:
        raise InputError(f"A frame of {len(data)} bytes is too large. {_EXPECTED}")
    try:
        size = Image.open(io.BytesIO(data), formats=("JPEG",)).size  # reads the header alone
    except Exception:  # whatever a decoder raises on damaged data, it means the same
        raise InputError(f"A frame is no JPEG that can be read. {_EXPECTED}") from None
    if max(size) > LONGEST:
        raise InputError(f"A frame of {size[0]} x {size[1]} pixels is too large. {_EXPECTED}")
    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if bgr is None:
        raise InputError(f"A frame is damaged. {_EXPECTED}")
    return np.ascontiguousarray(bgr[..., ::-1])


def encoded(rgb: UInt8Array) -> bytes:
    """(H, W, 3) uint8 RGB as JPEG."""
    _, data = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return data.tobytes()
