"""Colours that a file states without an ICC profile: PNG's cICP, sRGB, gAMA and cHRM chunks, and the nclx boxes of HEIC and AVIF.

Each becomes an ICC profile that says the same, so that everything after reading knows profiles only. The order in which PNG's
chunks count is that of the PNG specification (third edition, 4.3): cICP, iCCP, sRGB, gAMA with cHRM.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from portrait_nst.imaging.png_chunks import checksum, chunks

Tagged = tuple[bytes | None, tuple[str, ...]]
"""An ICC profile, None for sRGB, and notes for the user."""

WHITE_NITS = 203.0
"""The luminance of a white page in a PQ or HLG picture, in candela per square metre (ITU-R BT.2408)."""

_D65 = (0.3127, 0.3290)
_ILLUMINANT_C = (0.310, 0.316)
_SRGB = (0.640, 0.330, 0.300, 0.600, 0.150, 0.060)
# Code points of ITU-T H.273: x and y of red, green and blue, and of white.
_PRIMARIES = {
    4: ((0.67, 0.33, 0.21, 0.71, 0.14, 0.08), _ILLUMINANT_C),  # NTSC 1953
    5: ((0.64, 0.33, 0.29, 0.60, 0.15, 0.06), _D65),  # PAL
    6: ((0.630, 0.340, 0.310, 0.595, 0.155, 0.070), _D65),  # NTSC
    7: ((0.630, 0.340, 0.310, 0.595, 0.155, 0.070), _D65),
    9: ((0.708, 0.292, 0.170, 0.797, 0.131, 0.046), _D65),  # BT.2020
    11: ((0.680, 0.320, 0.265, 0.690, 0.150, 0.060), (0.314, 0.351)),  # DCI-P3
    12: ((0.680, 0.320, 0.265, 0.690, 0.150, 0.060), _D65),  # Display P3
    22: ((0.630, 0.340, 0.295, 0.605, 0.155, 0.077), _D65),
}
_GAMMAS = {4: 2.2, 5: 2.8, 8: 1.0, 17: 2.6}
_SRGB_CURVES = {13, 1, 6, 14, 15}  # sRGB; those of television, which pictures bear by mistake and viewers show as sRGB
_PQ, _HLG = 16, 18
_TRANSFERS = _SRGB_CURVES | set(_GAMMAS) | {_PQ, _HLG}
_CURVE_STEPS = 4096  # of a tabled curve
_SRGB_GAMMA = 45455  # what PNG encoders write for sRGB's curve, in units of 1/100000


def png_profile(data: bytes, icc: bytes | None, *, grey: bool) -> Tagged:
    """The profile of the PNG file `data`, whose iCCP chunk holds `icc`; `grey`: it has one channel."""
    found = _colour_chunks(data)
    cicp = found.get(b"cICP", b"")
    if len(cicp) == 4 and cicp[2:] == b"\0\1" and cicp[1] in _TRANSFERS:  # RGB of full range
        return nclx_profile(cicp[0], cicp[1], grey=grey)
    if icc or b"sRGB" in found:
        return icc, ()
    gamma, chromaticities = found.get(b"gAMA", b""), found.get(b"cHRM", b"")
    if len(gamma) != 4 or not 0 < (value := int.from_bytes(gamma, "big")) < 10_000_000:
        return None, ()
    primaries, white = _SRGB, _D65
    if len(chromaticities) == 32:
        wx, wy, *others = (number / 100000 for number in struct.unpack(">8I", chromaticities))
        primaries, white = (others[0], others[1], others[2], others[3], others[4], others[5]), (wx, wy)
    usual = np.allclose([*primaries, *white], [*_SRGB, *_D65], atol=0.001)
    # 45455 stands for sRGB's curve by convention, though 1/2.2 is not quite the same.
    if value == _SRGB_GAMMA and (grey or usual):
        return None, ()
    try:
        if value == _SRGB_GAMMA:
            return _profile(primaries, white, _srgb_curve(), grey=grey), ()
        return _profile(primaries, white, 100000 / value, grey=grey), ()
    except (ValueError, RuntimeError, OverflowError):
        return None, ("its gAMA and cHRM chunks make no sense and are ignored",)


def nclx_profile(primaries: int, transfer: int, *, grey: bool) -> Tagged:
    """The profile of code points of ITU-T H.273; sRGB for those that are unspecified or unknown."""
    chosen, white = _PRIMARIES.get(primaries, (_SRGB, _D65))
    if transfer in (_PQ, _HLG):
        name = "PQ" if transfer == _PQ else "HLG"
        note = (
            f"it is an HDR picture ({name}): what is painted is of the usual range, with white at {WHITE_NITS:g} nits; "
            "brighter parts keep their brightness only where they are not painted, and only in a file of their kind"
        )
        return _profile(chosen, white, _hdr_curve(transfer), grey=grey), (note,)
    if chosen == _SRGB or grey:
        return (_profile(chosen, white, _GAMMAS[transfer], grey=grey), ()) if transfer in _GAMMAS else (None, ())
    return _profile(chosen, white, _GAMMAS.get(transfer, 0.0) or _srgb_curve(), grey=grey), ()


def _colour_chunks(data: bytes) -> dict[bytes, bytes]:
    """The chunks on colour that stand before the pixels, those with a right checksum."""
    found: dict[bytes, bytes] = {}
    for kind, place in chunks(data):
        if kind in (b"IDAT", b"PLTE"):
            break
        if kind in (b"cICP", b"sRGB", b"gAMA", b"cHRM") and data[place.stop : place.stop + 4] == checksum(
            kind, data[place]
        ):
            found.setdefault(kind, data[place])
    return found


def _profile(
    primaries: tuple[float, ...], white: tuple[float, float], curve: float | NDArray[np.uint16], *, grey: bool
) -> bytes:
    """An ICC profile with a gamma or a tabled curve, the same bytes each time."""
    import imagecodecs

    options = {"gamma": curve} if isinstance(curve, float) else {"transferfunction": curve}
    if grey:
        made = imagecodecs.cms_profile("gray", whitepoint=white, **options)
    else:
        made = imagecodecs.cms_profile("rgb", whitepoint=white, primaries=primaries, **options)
    return without_date(made)


def without_date(profile: bytes) -> bytes:
    """The ICC `profile` with a fixed time of creation (six big-endian shorts), by which outputs would differ."""
    date = b"".join(number.to_bytes(2, "big") for number in (2000, 1, 1, 0, 0, 0))
    return profile[:24] + date + profile[36:]


def _srgb_curve() -> NDArray[np.uint16]:
    codes = np.linspace(0, 1, _CURVE_STEPS)
    linear = np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.rint(linear * 65535), np.uint16)


def _hdr_curve(transfer: int) -> NDArray[np.uint16]:
    """The light of PQ (SMPTE ST 2084) or HLG (BT.2100, at 1000 nits) codes, 1 at the white of a page and above it.

    Above white it stands one step lower, so that the inverse of white is the code of white and not the brightest one.
    """
    codes = np.linspace(0, 1, _CURVE_STEPS)
    if transfer == _PQ:
        m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
        power = codes ** (1 / m2)
        nits = 10000 * (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1)
    else:
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        scene = np.where(codes <= 0.5, codes**2 / 3, (np.exp((codes - c) / a) + b) / 12)
        nits = 1000 * scene**1.2  # the system gamma at 1000 nits, on each channel
    table: NDArray[np.uint16] = np.asarray(np.rint(np.minimum(nits / WHITE_NITS, 1) * 65535), np.uint16)
    white = int(np.argmax(nits >= WHITE_NITS))
    table[white], table[white + 1 :] = 65535, 65534
    return table
