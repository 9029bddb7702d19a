"""The samples of an image that Pillow has decoded: 8 bits a channel, and grey of 16 bits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from portrait_nst.imaging.decoding.decoded import FLOATS, Decoded, split_alpha, unit_range

if TYPE_CHECKING:
    from PIL import Image


def samples_of(image: Image.Image, name: str) -> Decoded:
    """The pixels of a loaded image, without profile and orientation.

    Raises InputError for 32-bit values without a known range.
    """
    clear = image.info.get("transparency")
    if image.mode.startswith("I;16"):
        grey = np.array(image).astype(np.uint16)
        alpha = np.where(grey == clear, 0, 65535).astype(np.uint16) if isinstance(clear, int) else None
        return Decoded(grey[..., None], "L", 16, alpha)
    if image.mode in ("I", "F"):
        return Decoded(unit_range(np.array(image, np.float32), name)[..., None], "L", 32, notes=(FLOATS,))
    if image.mode == "L" and isinstance(clear, int):
        grey = np.array(image)
        return Decoded(grey[..., None], "L", 8, np.where(grey == clear, 0, 255).astype(np.uint8))
    if image.mode in ("CMYK", "LAB"):
        return Decoded(np.array(image), image.mode)
    if image.mode in ("1", "L"):
        mode = "L"
    elif image.mode in ("LA", "La"):
        mode = "LA"
    else:
        mode = "RGBA" if image.has_transparency_data else "RGB"
    pixels, space, alpha = split_alpha(np.array(image.convert(mode)))
    return Decoded(pixels, space, 8, alpha)
