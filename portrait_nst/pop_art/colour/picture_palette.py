"""A palette drawn from a picture: its own bold colours, in order of lightness."""

from __future__ import annotations

import cv2
import numpy as np

from portrait_nst.errors import InputError
from portrait_nst.pop_art.colour import oklab
from portrait_nst.pop_art.colour.contrast import FLOOR
from portrait_nst.pop_art.colour.palette import Palette, most_unlike
from portrait_nst.pop_art.colour.palette_fit import fitted
from portrait_nst.types import UInt8Array

_STRONGER = 1.25
_PLAIN = 0.04
"""The spread in OKLab below which a picture has one colour only."""


def from_picture(rgb: UInt8Array, tones: int, name: str = "picture") -> Palette:
    """A palette of `tones` colours and a ground from a picture, (H, W, 3) uint8 sRGB.

    The picture's colours are counted in cubes of OKLab. Each tone takes the cube with the most chroma and area near its
    share of the lightness, unlike those taken before. Then chroma is raised by a quarter, and lightness is stretched to
    leave room for contrast. Raises InputError for a picture of one colour.
    """
    scale = min(1.0, 256 / max(rgb.shape[:2]))
    size = max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale))
    small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    lab = oklab.to_oklab(small).reshape(-1, 3)
    spread = lab.max(axis=0) - lab.min(axis=0)
    if float(spread.max()) < _PLAIN:
        raise InputError(
            f"The picture {name!r} is of one colour; a palette needs a picture of several, dark and light."
        )
    _, of, counts = np.unique(np.rint(lab / 0.04).astype(int), axis=0, return_inverse=True, return_counts=True)
    of = of.ravel()
    means = np.stack([np.bincount(of, lab[:, k]) for k in range(3)], axis=1) / counts[:, None]
    chroma = np.hypot(means[:, 1], means[:, 2])
    low, high = np.percentile(lab[:, 0], (4, 96))
    taken: list[int] = []
    wanted = [*np.linspace(low, high, tones), (low + high) / 2]
    boldness = (counts / counts.sum()) ** 0.35 * (0.02 + chroma)
    for light in wanted:
        fits = boldness * np.exp(-(((means[:, 0] - light) / max(0.08, (high - low) / tones)) ** 2))
        for i in taken:
            apart = np.linalg.norm(means - means[i], axis=1)
            fits = fits * np.clip(apart / 0.18, 0.02, 1)
        taken.append(int(fits.argmax()))
    chosen = [oklab.lch_of(oklab.hex_of(oklab.from_oklab(means[i]))) for i in taken]
    ground = chosen.pop()
    chosen.sort()
    first, last = chosen[0][0], chosen[-1][0]
    span = max(last - first, 1e-3)
    dark, bright = min(first, 0.3), max(last, 0.93)
    ramp = tuple(
        oklab.hex_of_lch(dark + (light - first) / span * (bright - dark), _STRONGER * c, hue)
        for light, c, hue in chosen
    )
    behind = oklab.hex_of_lch(ground[0], 1.5 * ground[1], ground[2])
    if min(oklab.difference(behind, c) for c in ramp) < FLOOR:
        behind = most_unlike(ramp)
    return fitted(Palette(name, ramp, behind), tones)
