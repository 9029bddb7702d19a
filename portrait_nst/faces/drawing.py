"""Eyes, brows, lips and nose drawn into a painting, with the paint that its face is made of.

Strokes are wider than an iris or the line of a lid, so that both are lost in them. Here these places take the photo's lights
and darks, moved to the tones of the painted face (a monotone map that gives the quantiles of one face those of the other), in
the colours with which the painting itself paints such tones. Of the paint its finest texture remains; of the photo its grain
is left out, by a guided filter (He et al., "Guided Image Filtering", 2013) whose guide is the photo itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from portrait_nst.faces.maps import EYES, map_in, window
from portrait_nst.faces.parts import eye_distance
from portrait_nst.types import Face, FloatArray, UInt8Array

_Array = TypeVar("_Array", FloatArray, UInt8Array)
_LEVELS = np.arange(101.0)  # of lightness

# Lengths are in distances between the eyes, an iris being 0.19 wide; lightness and colour are CIELAB's.
FINEST = 256.0  # pixels between the eyes at which features are drawn at most: no canvas is painted finer
EDGE = 0.08  # over which a drawn part fades into the painting
STROKE = 0.04  # deviation of the Gaussian under which tones are compared, so that single strokes are no tones
AROUND = 0.25  # deviation of the Gaussian that gives the light around an eye or a mouth,
PULL = 0.7  # and how far drawn tones follow the painting's own there: it may have its light elsewhere
HUE = 0.03  # deviation of the Gaussian under which the painting's own colour remains
OWN_HUE = 0.8  # how much of that colour remains, as its difference from what is usual for its tone
TEXTURE, PAINT = 0.03, 0.5  # the paint's texture is finer than the first, and this much of it remains
SMOOTH, GRAIN = 0.02, 3.0  # radius and deviation of what counts as the photo's grain instead of its drawing
INSIDE = 0.99  # of the map, from which on a pixel is the face's
TONES = 33  # quantiles by which tones are moved,
LEAST_SLOPE, MOST_SLOPE = 0.6, 1.6  # and how little and how much contrast that may give
HUE_TONE = 8.0  # deviation in lightness of the tones whose mean colour is taken


def drawn(painted: UInt8Array, photo: UInt8Array, faces: Sequence[Face], amount: float = 1.0) -> UInt8Array:
    """`painted` (H, W, 3) with the features of the `faces` of `photo` (H, W, 3) drawn into it; itself if there are none.

    amount: in [0, 1], how much of it. Eyes and the line of the mouth are drawn fully, lips, brows and nose in part; pixels
            beyond the features remain.
    """
    found = painted
    for face in faces if amount else ():
        place = window(face, (painted.shape[0], painted.shape[1]))
        if place is not None:
            found = found.copy() if found is painted else found
            found[place] = _with_features(
                found[place], photo[place], map_in(face, place, EDGE), eye_distance(face), amount
            )
    return found


def _with_features(painted: UInt8Array, photo: UInt8Array, there: FloatArray, eyes: float, amount: float) -> UInt8Array:
    """One face in its window; `there` is its map, `eyes` the distance between its eyes in pixels."""
    share = np.clip(there - 1, 0, 1) * np.float32(amount)
    rows, columns = (np.flatnonzero(share.max(axis) > 0) for axis in (1, 0))
    if not len(rows) or not (there >= INSIDE).any():
        return painted  # a face of a few pixels, or one beyond the edge of the photo
    tones = _Tones.of(painted, photo, there, eyes)
    place = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    light, own, share = _enlarged(tones.light, there.shape)[place], painted[place], share[place]
    factor = min(1.0, FINEST / eyes)
    small, seen = (_shrunk(np.ascontiguousarray(each), factor) for each in (own, photo[place]))
    added = _features(small, seen, tones, _enlarged(light, small.shape), eyes * factor) - _as_float(small)
    added = _enlarged(added, share.shape) * share[..., None]
    found = painted.copy()
    found[place] = np.round(np.clip(_as_float(own) + added, 0, 1) * 255)
    return found


def _features(painted: UInt8Array, photo: UInt8Array, tones: _Tones, light: FloatArray, eyes: float) -> FloatArray:
    """(h, w, 3) RGB: `photo` as the painting would have it, with what remains of `painted`; `light` is that of `tones` there."""
    own, seen = _lab(painted), _lab(photo)[..., 0]
    wanted = tones.moved(_without_grain(seen, SMOOTH * eyes)) + light
    wanted += np.float32(PAINT) * (own[..., 0] - _blur(own[..., 0], TEXTURE * eyes))
    wanted = np.clip(wanted, 0, 100)
    soft = _blur(own, HUE * eyes)
    hue = tones.hue(wanted) + np.float32(OWN_HUE) * (soft[..., 1:] - tones.hue(soft[..., 0]))
    return _rgb(np.dstack([wanted, hue]))


@dataclass(frozen=True, eq=False)
class _Tones:
    """What a painted face makes of the tones of the photo's.

    before, after: (TONES,) quantiles of the lightness of the photo's face and of the painted one.
    light: (h, w), what is added to moved tones so that they follow the painting's own light; the window in small.
    hues:  (101, 2), the usual a and b of the painted face at each lightness from 0 to 100.
    """

    before: FloatArray
    after: FloatArray
    light: FloatArray
    hues: FloatArray

    @classmethod
    def of(cls, painted: UInt8Array, photo: UInt8Array, there: FloatArray, eyes: float) -> _Tones:
        """Those in a window where the face's map is `there` and the eyes are `eyes` pixels apart."""
        factor = min(1.0, EYES / eyes)
        inside = _shrunk(there, factor) >= INSIDE
        inside = inside if inside.any() else np.ones_like(inside)
        own, seen = _lab(_shrunk(painted, factor)), _lab(_shrunk(photo, factor))[..., 0]
        eyes = min(eyes, EYES)
        which = np.linspace(0.01, 0.99, TONES)
        before, after = (np.quantile(_blur(x, STROKE * eyes)[inside], which) for x in (seen, own[..., 0]))
        steps = np.maximum(np.diff(before), 1e-3)
        before = np.cumsum([before[0], *steps])
        held = np.cumsum([0, *np.clip(np.diff(after), LEAST_SLOPE * steps, MOST_SLOPE * steps)])
        after = held - np.median(held) + np.median(after)
        at = np.round(np.clip(own[..., 0][inside], 0, 100)).astype(np.int64)
        near = np.exp(-(((_LEVELS[:, None] - _LEVELS) / HUE_TONE) ** 2) / 2) + 1e-9
        amounts = near @ np.stack(
            [np.bincount(at, each, 101) for each in (np.ones(len(at)), *own[..., 1:][inside].T)], 1
        )
        hues = amounts[:, 1:] / amounts[:, :1]
        flat = np.zeros(seen.shape, np.float32)
        tones = cls(before.astype(np.float32), after.astype(np.float32), flat, hues.astype(np.float32))
        return replace(tones, light=np.float32(PULL) * _blur(own[..., 0] - tones.moved(seen), AROUND * eyes))

    def moved(self, lightness: FloatArray) -> FloatArray:
        """Tones of the photo as the painting has them; beyond the face's own they go on as they are."""
        beyond = lightness - np.clip(lightness, self.before[0], self.before[-1])
        return np.asarray(np.interp(lightness, self.before, self.after) + beyond, np.float32)

    def hue(self, lightness: FloatArray) -> FloatArray:
        """(h, w, 2) the usual a and b at `lightness` (h, w)."""
        return np.stack([np.interp(lightness, _LEVELS, self.hues[:, each]) for each in (0, 1)], 2).astype(np.float32)


def _without_grain(lightness: FloatArray, radius: float) -> FloatArray:
    """The guided filter of `lightness` by itself: what varies less than `GRAIN` within `radius` pixels becomes smooth."""
    import cv2

    side = 2 * round(radius) + 1
    if side == 1:
        return lightness

    def mean(x: FloatArray) -> FloatArray:
        return np.asarray(cv2.boxFilter(x, -1, (side, side), borderType=cv2.BORDER_REFLECT))

    middle = mean(lightness)
    variance = np.maximum(mean(lightness * lightness) - middle * middle, np.float32(0))
    slope = np.asarray(variance / (variance + np.float32(GRAIN**2)), np.float32)
    return np.asarray(mean(slope) * lightness + mean(middle - slope * middle), np.float32)


def _as_float(rgb: UInt8Array) -> FloatArray:
    return rgb.astype(np.float32) / np.float32(255)


def _lab(rgb: UInt8Array) -> FloatArray:
    import cv2

    return np.asarray(cv2.cvtColor(_as_float(rgb), cv2.COLOR_RGB2LAB), np.float32)


def _rgb(lab: FloatArray) -> FloatArray:
    import cv2

    return np.asarray(np.clip(cv2.cvtColor(lab.astype(np.float32), cv2.COLOR_LAB2RGB), 0, 1), np.float32)


def _blur(array: FloatArray, sigma: float) -> FloatArray:
    import cv2

    return np.asarray(cv2.GaussianBlur(np.ascontiguousarray(array), (0, 0), max(sigma, 0.3)), np.float32)


def _shrunk(array: _Array, factor: float) -> _Array:
    import cv2

    if factor >= 1:
        return array
    return np.asarray(cv2.resize(array, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), array.dtype)


def _enlarged(array: FloatArray, size: tuple[int, ...]) -> FloatArray:
    import cv2

    return np.asarray(cv2.resize(array, (size[1], size[0]), interpolation=cv2.INTER_LINEAR), np.float32)
