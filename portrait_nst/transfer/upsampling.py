"""From the painted size to the photo's own resolution.

The painting is enlarged and takes on the photo's fine structure: where painting and photo rise and fall together, the
photo's detail above the painted resolution is added at the local gain between the two (the joint upsampling of Kopf et
al. 2007 with the local linear model of He et al. 2013). Opposed to both papers only the detail of lightness is transferred, so
that none of the photo's colours return.
"""

from __future__ import annotations

import numpy as np

from portrait_nst.imaging.pixels import LUMA, bands
from portrait_nst.transfer.colour import resize
from portrait_nst.types import FloatArray, UInt8Array

_LUMA = np.array(LUMA, np.float32)
_ROWS = 512
MAX_GAIN = 1.0


def transfer_detail(photo: UInt8Array, painted: FloatArray, detail: float = 1.0) -> UInt8Array:
    """`painted` (h, w, 3; [0, 1]) at the size of `photo` (H, W, 3); `detail` scales the detail of the photo that is added."""
    import cv2

    height, width = photo.shape[:2]
    if painted.shape[:2] == (height, width):
        out = np.empty_like(photo)
        for rows in bands(height, width):
            out[rows] = np.round(np.clip(painted[rows], 0, 1) * 255)
        return out
    small = cv2.resize(photo, (painted.shape[1], painted.shape[0]), interpolation=cv2.INTER_AREA).astype(np.float32)
    luma: FloatArray = small @ (_LUMA / np.float32(255))
    gain = _local_gain(luma, painted @ _LUMA) * np.float32(detail)
    large = resize(painted, (height, width))
    large_luma = resize(luma, (height, width))  # as the painting, so that `fine` is the detail that the painting lost
    large_gain = resize(gain, (height, width))
    out = np.empty_like(photo)
    for top in range(0, height, _ROWS):
        rows = slice(top, min(height, top + _ROWS))
        fine = photo[rows].astype(np.float32) @ (_LUMA / np.float32(255)) - large_luma[rows]
        block = large[rows] + (large_gain[rows] * fine)[..., None]
        out[rows] = np.round(np.clip(block, 0, 1) * 255)
    return out


def _local_gain(guide: FloatArray, target: FloatArray, radius: int = 4, eps: float = 1e-3) -> FloatArray:
    """Slope of `target` over `guide` (h, w) in windows of 2 radius + 1 pixels, in [0, MAX_GAIN]."""
    import cv2

    def mean(x: FloatArray) -> FloatArray:
        return np.asarray(cv2.boxFilter(x, -1, (2 * radius + 1,) * 2, borderType=cv2.BORDER_REFLECT))

    centre, goal = mean(guide), mean(target)
    covariance = mean(guide * target) - centre * goal
    variance = mean(guide * guide) - centre * centre
    return np.clip(covariance / (variance + eps), 0, MAX_GAIN).astype(np.float32)


def overlay_detail(picture: UInt8Array, low: FloatArray, detail: FloatArray, share: FloatArray) -> UInt8Array:
    """`picture` (H, W, 3) blended with `low` + `detail` by the weight `share` (H, W; [0, 1]).

    `low` and `detail` are those of `brushwork.brushwork`. Channels are processed one after the other, which saves memory.
    """
    size = (picture.shape[0], picture.shape[1])
    out = np.empty_like(picture)
    for channel in range(3):
        found, fine = (resize(np.ascontiguousarray(part[..., channel]), size) for part in (low, detail))
        found += fine
        for row, own in enumerate(picture[..., channel]):
            value = own + share[row] * (np.clip(found[row], 0, 1) * np.float32(255) - own)
            out[row, :, channel] = np.round(value)
    return out
