"""Colour as numbers: sRGB to OKLab and back, lightness, chroma, and the CIEDE2000 difference.

OKLab: Björn Ottosson, "A perceptual color space for image processing" (2020). CIEDE2000: Sharma, Wu and Dalal, "The
CIEDE2000 color-difference formula" (2005), as coloraide has it.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_LEVELS = np.arange(256) / 255
_LINEAR = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4)


def _lms(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The cube roots of the cones' responses, (..., 3) float32."""
    return np.asarray(np.cbrt(_LINEAR.astype(np.float32)[rgb] @ _TO_LMS.T.astype(np.float32)))


def to_oklab(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(..., 3) uint8 sRGB to (..., 3) float32 OKLab: L in [0, 1], a and b about -0.4 to 0.4."""
    return np.asarray(_lms(rgb) @ _TO_LAB.T.astype(np.float32))


def lightness(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(..., 3) uint8 sRGB to (...) float32, the L of OKLab in [0, 1]."""
    return np.asarray(_lms(rgb) @ _TO_LAB[0].astype(np.float32))


def l_star(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(..., 3) uint8 sRGB to (...) float32, CIE L* in [0, 100] (D65)."""
    y = _LINEAR.astype(np.float32)[rgb] @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    return np.where(y > 216 / 24389, 116 * np.cbrt(y) - 16, y * (24389 / 27)).astype(np.float32)


def from_oklab(lab: NDArray[np.floating]) -> NDArray[np.uint8]:
    """(..., 3) OKLab to (..., 3) uint8 sRGB, clipped to the gamut."""
    linear = (np.asarray(lab, float) @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_LMS).T
    linear = np.clip(linear, 0, 1)
    srgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(srgb * 255), np.uint8)


def rgb_of(colour: str) -> tuple[int, int, int]:
    """The three bytes of "#rrggbb"."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def hex_of(rgb: NDArray[np.uint8] | tuple[int, int, int]) -> str:
    """Three bytes as "#rrggbb", in capitals."""
    return "#{:02X}{:02X}{:02X}".format(*(int(c) for c in rgb))


@lru_cache(maxsize=4096)
def lab_of(colour: str) -> tuple[float, float, float]:
    """The OKLab values of "#rrggbb"."""
    lab = to_oklab(np.array(rgb_of(colour), np.uint8))
    return float(lab[0]), float(lab[1]), float(lab[2])


def chroma(colour: str) -> float:
    """OKLCH chroma of "#rrggbb", about 0 to 0.32."""
    _, a, b = lab_of(colour)
    return float(np.hypot(a, b))


@lru_cache(maxsize=8192)
def difference(one: str, other: str) -> float:
    """The CIEDE2000 difference between two colours "#rrggbb"."""
    # skimage.color.deltaE_ciede2000 was measured too: it takes four times as long for a single pair, gives the same to
    # 0.012, and brings SciPy along, 180 MB with it.
    from coloraide import Color

    return float(Color(one).delta_e(other, method="2000"))


def closest(colours: tuple[str, ...]) -> float:
    """The smallest CIEDE2000 difference between any two of the colours."""
    return min((difference(a, b) for a, b in combinations(colours, 2)), default=100.0)


def hex_of_lch(light: float, colourfulness: float, hue: float) -> str:
    """OKLCH, with hue in radians, as "#rrggbb"; a colour out of gamut loses chroma, not lightness or hue."""
    light = min(max(light, 0.0), 1.0)

    def linear(c: float) -> NDArray[np.float64]:
        lab = np.array([light, c * np.cos(hue), c * np.sin(hue)])
        return np.asarray((np.linalg.inv(_TO_LAB) @ lab) ** 3 @ np.linalg.inv(_TO_LMS).T)

    low, high = 0.0, max(colourfulness, 0.0)
    shown = linear(high)
    if shown.min() < -1e-4 or shown.max() > 1.0001:
        for _ in range(18):
            middle = (low + high) / 2
            shown = linear(middle)
            low, high = (low, middle) if shown.min() < -1e-4 or shown.max() > 1.0001 else (middle, high)
        high = low
    return hex_of(from_oklab(np.array([light, high * np.cos(hue), high * np.sin(hue)])))


def lch_of(colour: str) -> tuple[float, float, float]:
    """The OKLCH values of "#rrggbb", with hue in radians."""
    light, a, b = lab_of(colour)
    return light, float(np.hypot(a, b)), float(np.arctan2(b, a))
