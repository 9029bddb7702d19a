"""How HDR and wide-gamut clips look in sRGB, and the way back for what is painted on that view.

The signal is made linear light L with the reference white at 1, its primaries become sRGB's by a matrix, and in HDR each channel
is bent so that 1000 nits become 1:

    T(L) = L for L <= k,  else k + (1 - k) u (1 + u / U^2) / (1 + u),  u = (L - k) / (1 - k),  U = (W - k) / (1 - k),  W = 1000 / 203

which is the curve of Reinhard et al. 2002 ("Photographic Tone Reproduction for Digital Images", eq. 4) as a shoulder: middle tones,
skin among them, stay as they are, and the curve is smooth at k. It is strictly monotone, so that it can be undone. What is outside
sRGB's gamut or brighter than 1000 nits is clipped in the view; `Frame.over` leaves the samples of what is not painted alone.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portrait_nst.clips.info import BT2020, HLG, PQ, ColourTags
from portrait_nst.types import FloatArray, UInt8Array

Floats = NDArray[np.floating[Any]]

WHITE_NITS = 203.0  # of reference white in PQ and HLG (ITU-R BT.2408)
PEAK_NITS = 1000.0  # shown as white: the nominal peak of HLG, and what most PQ clips are graded for
KNEE = 0.5  # linear light, of reference white, below which HDR is shown as it is: two stops over middle grey, one over skin
HLG_GAMMA = 1.2  # of the opto-optical transfer at 1000 nits (ITU-R BT.2100, table 5)
DISPLAY_P3 = 12
_PEAK = PEAK_NITS / WHITE_NITS

# To sRGB's primaries, linear light, both with D65.
_TO_SRGB = {
    BT2020: ((1.660491, -0.587641, -0.072850), (-0.124550, 1.132900, -0.008349), (-0.018151, -0.100579, 1.118730)),
    DISPLAY_P3: ((1.224940, -0.224940, 0.0), (-0.042057, 1.042057, 0.0), (-0.019638, -0.078636, 1.098274)),
}
_BT2020_LUMINANCE = (0.2627, 0.6780, 0.0593)
_M1, _M2, _C1, _C2, _C3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128  # of PQ (SMPTE ST 2084)
_A, _B, _C = 0.17883277, 0.28466892, 0.55991073  # of HLG (ITU-R BT.2100)
_HLG_MOST = 1.09  # of a signal: codes over the nominal peak, which bright saturated colours need
_STEPS = 1 << 14  # of the table that takes linear light to sRGB; its error is below an eighth of an 8-bit level


def is_direct(colour: ColourTags) -> bool:
    """Whether the R'G'B' of a clip is shown as it is."""
    return not colour.hdr and colour.primaries not in _TO_SRGB


def note(colour: ColourTags) -> str:
    """What is done with the colours of such a clip, as a sentence for the user; "" where they are shown as they are."""
    if colour.hdr:
        return (
            f"it is an HDR clip ({colour.hdr}): the person is painted on a view of it in the usual range, with white at "
            f"{WHITE_NITS:g} nits and all up to {PEAK_NITS:g} nits in it, and the painting is put back into the clip's own range; "
            "samples that are not painted stay as they are"
        )
    if not is_direct(colour):
        return "its wide range of colours is painted on as sRGB, and the painting is put back into the clip's own colours"
    return ""


def view(signal: FloatArray, colour: ColourTags) -> UInt8Array:
    """(H, W, 3) uint8 sRGB of the clip's R'G'B' `signal` (H, W, 3)."""
    peak = _PEAK if colour.hdr else 1.0
    most = _HLG_MOST if colour.transfer == HLG else 1
    light = _in_srgb_primaries(to_light(np.clip(signal, 0, most), colour), colour)
    # Equal steps of the square root are about equal steps of sRGB.
    index = np.sqrt(np.clip(light, 0, peak) * np.float32(1 / peak)) * np.float32(_STEPS - 1) + np.float32(0.5)
    return _table(bool(colour.hdr))[index.astype(np.uint16)]


@functools.cache
def _table(hdr: bool) -> UInt8Array:
    light = (np.arange(_STEPS) / (_STEPS - 1)) ** 2 * (_PEAK if hdr else 1.0)
    return np.asarray(np.rint(encode_srgb(shoulder(light) if hdr else light) * 255), np.uint8)


def signal_of(rgb: FloatArray, colour: ColourTags) -> FloatArray:
    """The clip's R'G'B' (H, W, 3) float32 that is shown as `rgb` (H, W, 3) float32 sRGB in [0, 1]: the inverse of `view`."""
    if is_direct(colour):
        return rgb
    light = decode_srgb(rgb)
    if colour.hdr:
        light = shoulder_inverse(light)
    return np.asarray(to_signal(_from_srgb_primaries(light, colour), colour), np.float32)


def shoulder(light: Floats) -> Floats:
    """T(L) for L from 0 to W."""
    width = (_PEAK - KNEE) / (1 - KNEE)
    u = np.maximum(light - KNEE, 0) / (1 - KNEE)
    return np.asarray(np.minimum(light, KNEE) + (1 - KNEE) * u * (1 + u / width**2) / (1 + u))


def shoulder_inverse(shown: Floats) -> Floats:
    """L with T(L) = `shown`, from 0 to 1: the positive root of u^2 / U^2 + (1 - v) u - v = 0, v = (T - k) / (1 - k)."""
    width = (_PEAK - KNEE) / (1 - KNEE)
    v = np.maximum(shown - KNEE, 0) / (1 - KNEE)
    u = 2 * v / (1 - v + np.sqrt((1 - v) ** 2 + 4 * v / width**2))
    return np.asarray(np.minimum(shown, KNEE) + (1 - KNEE) * u)


def to_light(signal: Floats, colour: ColourTags) -> Floats:
    """Linear light, as displayed, with reference white at 1, of R'G'B' `signal` (H, W, 3) in [0, 1]."""
    if colour.transfer == PQ:
        power = signal ** (1 / _M2)
        return np.asarray((np.maximum(power - _C1, 0) / (_C2 - _C3 * power)) ** (1 / _M1) * (10000 / WHITE_NITS))
    if colour.transfer == HLG:
        scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - _C) / _A) + _B) / 12)
        return np.asarray(scene * (scene @ _luminance(scene))[..., None] ** (HLG_GAMMA - 1) * _PEAK)
    return decode_srgb(signal)


def to_signal(light: Floats, colour: ColourTags) -> Floats:
    """The inverse of `to_light`; what is negative becomes 0."""
    light = np.maximum(light, 0)
    if colour.transfer == PQ:
        power = (light * (WHITE_NITS / 10000)) ** _M1
        return np.asarray(((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2)
    if colour.transfer == HLG:
        shown = light / _PEAK
        luminance = np.maximum((shown @ _luminance(shown))[..., None], 1e-9)
        scene = shown * luminance ** (1 / HLG_GAMMA - 1)
        bent = _A * np.log(np.maximum(12 * scene - _B, 1e-9)) + _C
        return np.asarray(np.where(scene <= 1 / 12, np.sqrt(3 * scene), bent))
    return encode_srgb(light)


def _luminance(like: Floats) -> Floats:
    return np.array(_BT2020_LUMINANCE, like.dtype)


def decode_srgb(values: Floats) -> Floats:
    """Linear light of sRGB values in [0, 1]."""
    return np.asarray(np.where(values <= 0.04045, values / 12.92, ((np.maximum(values, 0) + 0.055) / 1.055) ** 2.4))


def encode_srgb(light: Floats) -> Floats:
    """SRGB values of linear light in [0, 1]."""
    bent = 1.055 * np.maximum(light, 0) ** (1 / 2.4) - 0.055
    return np.asarray(np.where(light <= 0.0031308, 12.92 * light, bent))


def _in_srgb_primaries(light: Floats, colour: ColourTags) -> Floats:
    return _times(light, _primaries(colour))


def _from_srgb_primaries(light: Floats, colour: ColourTags) -> Floats:
    return _times(light, np.linalg.inv(_primaries(colour)))


def _primaries(colour: ColourTags) -> NDArray[np.float64]:
    return np.array(_TO_SRGB.get(colour.primaries, np.eye(3)), np.float64)


def _times(light: Floats, matrix: NDArray[np.float64]) -> Floats:
    return np.asarray(light @ matrix.T.astype(light.dtype))
