"""The painted person is laid over the background."""

from __future__ import annotations

import numpy as np

from portrait_nst.types import FloatArray, UInt8Array

_ROWS = 256  # rows computed at once: a 24-megapixel photo needs 60 MB beside its result
_FEW = 0.1  # of the pixels


def composite(
    photo: UInt8Array, painted: UInt8Array, alpha: FloatArray, background: UInt8Array | None = None
) -> UInt8Array:
    """The painted person over the background: alpha painted + (1 - alpha) background.

    photo, painted, background: (H, W, 3) uint8 sRGB. Without a `background` it is the photo; give the second
        picture of `estimate_foreground` for edges without the old person's colour (it is the photo where alpha is 0).
    alpha: (H, W) float32 in [0, 1].

    Returns (H, W, 3) uint8. Where alpha is 0 these are the background's own bytes, where it is 1 the painted ones,
    exactly; between, float32 rounded to nearest. The values are mixed in sRGB, not in linear light:
    the matte and the edge's colours were estimated on sRGB values (I = alpha F + (1 - alpha) B), and only the same
    formula turns them back into the photo's own edge. In linear light a matte of 0.5 would come out much lighter,
    which is the bright halo around dark hair. Raises ValueError on shapes that do not fit.
    """
    import cv2

    base = photo if background is None else background
    for name, picture in (("photo", photo), ("painted", painted), ("background", base)):
        if picture.shape != (*alpha.shape, 3) or picture.dtype != np.uint8:
            raise ValueError(f"{name} must be {(*alpha.shape, 3)} uint8, not {picture.shape} {picture.dtype}")
    result = base.copy()
    for top in range(0, alpha.shape[0], _ROWS):
        rows = slice(top, top + _ROWS)
        inside = alpha[rows] > 0
        if not inside.any():
            continue
        whole = alpha[rows] == 1
        cv2.copyTo(painted[rows], whole.view(np.uint8), result[rows])
        mixed = inside & ~whole
        if np.count_nonzero(mixed) < _FEW * mixed.size:
            result[rows][mixed] = _mixed(base[rows][mixed], painted[rows][mixed], alpha[rows][mixed][:, None])
        else:  # to pick them out would take longer than to mix all
            weight = cv2.merge([alpha[rows]] * 3)
            cv2.copyTo(_mixed(base[rows], painted[rows], weight), mixed.view(np.uint8), result[rows])
    return result


def _mixed(below: UInt8Array, above: UInt8Array, weight: FloatArray) -> UInt8Array:
    low = below.astype(np.float32)
    mixed = above.astype(np.float32)
    mixed -= low
    mixed *= weight
    mixed += low
    return np.rint(np.clip(mixed, 0, 255, out=mixed), out=mixed).astype(np.uint8)
