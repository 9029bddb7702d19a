"""What is measured of quick paintings beside `painterly.measures`: are they the photo in other colours, do they hold still?

Pictures are (H, W, 3) float32 in [0, 1] unless said otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from portrait_nst.imaging.pixels import luma
from portrait_nst.types import FloatArray

BANDS = (
    (1.0, 2.0),
    (2.0, 4.0),
)  # pixels: the deviations of two Gaussians, whose difference is an octave of fine structure
WINDOW = 8.0  # pixels: the deviation of the Gaussian window in which structures are compared
GREY = 1 / 255  # rms of a band, under which the photo is flat there
DARK, EVEN = 0.25, 0.06  # greatest mean level and gradient, 9 pixels around, of a dark flat
NOISE = 2 / 255
ROUNDING = GREY**2 / 60  # variance that rounding to bytes leaves in a band of luma; it is no structure
EDGE = 16  # pixels left out at the sides when a picture is compared with a moved one

Place = tuple[int, int]  # (row, column) of a view's upper left corner in the whole picture


class Paint(Protocol):
    """Paints a picture with frozen statistics."""

    def __call__(self, picture: FloatArray, at: Place = ..., along: bool = ...) -> FloatArray:
        """`picture`, a view of a whole from `at` on. along: whether the ground moves along with it, or stands still."""


@dataclass(frozen=True)
class Structure:
    """What a painting's fine structure owes to the photo.

    kept:  how alike the two are, mean over the bands of `kept_by_band`: 1 for the photo in other colours, 0 for none of it.
    brush: how strong the fine structure is that the photo does not explain, 1 for the style picture's own; mean over the bands.
    """

    kept: float
    kept_by_band: tuple[float, ...]
    brush: float


def structure(photo: FloatArray, painted: FloatArray, style: FloatArray, where: FloatArray) -> Structure:
    """Sees the tinted photograph. `where` (H, W): 1 at the pixels compared, which are the person's outside faces.

    With P and Q the same band (`BANDS`) of the luma of photo and painting, and <.> a mean under a Gaussian window (`WINDOW`),

        kept = mean of  <PQ> / sqrt(<PP> <QQ>)   over the places where the photo has structure, sqrt <PP> > `GREY`
        brush = rms of  Q - P <PQ> / <PP>  over the rms of the style's band

    Every place counts alike, so that contours, which a painting shares with its photo, do not outweigh the cloth between them;
    and a correlation does not see contrast, so that no colour map (.98 and more), no blur of 2 px (.87) and no noise of .05
    (.85 to .91) makes a painting of a photo; their brush is .05, .15 and .15. The engine's `standard` has kept .31 to .46, brush
    .5 to .67. It is the structure term of Wang et al., "Multi-scale
    structural similarity", 2003, in two octaves.
    """
    inside = where > 0.5
    if not inside.any():
        return Structure(float("nan"), (float("nan"),) * len(BANDS), float("nan"))
    weight = inside.astype(np.float32)
    total = np.maximum(_blur(weight, WINDOW), 1e-3)
    kept, brush = [], []
    for narrow, wide in BANDS:
        p, q, s = (_band(luma(picture), narrow, wide) for picture in (photo, painted, style))
        pp, qq, pq = (_blur(product * weight, WINDOW) / total for product in (p * p, q * q, p * q))
        there = inside & (pp > GREY**2)
        alike = pq / np.sqrt(np.maximum(pp, ROUNDING) * (qq + ROUNDING))
        kept.append(float(alike[there].mean()) if there.any() else float("nan"))
        unexplained = np.maximum(qq - pq * pq / np.maximum(pp, ROUNDING), 0)[inside].mean()
        brush.append(float(np.sqrt(unexplained / np.square(s).mean().clip(1e-8))))
    return Structure(float(np.mean(kept)), tuple(kept), float(np.mean(brush)))


def noise(paint: Paint, photo: FloatArray) -> float:
    """rms of what noise of 2/255 in the photo changes in the painting; `paint` with the statistics of the photo, frozen."""
    return rms(paint(noisy(photo)) - paint(photo))


def noisy(photo: FloatArray) -> FloatArray:
    """`photo` with Gaussian noise of 2/255, the same each time."""
    added: FloatArray = photo + np.random.default_rng(1).normal(0, NOISE, photo.shape).astype(np.float32)
    return added


def moved(photo: FloatArray) -> list[tuple[FloatArray, FloatArray]]:
    """Two pairs of views of `photo` that are 1 px apart, to the side and down."""
    return [(photo[:, :-1], photo[:, 1:]), (photo[:-1], photo[1:])]


def pan(paint: Paint, photo: FloatArray, *, along: bool = False) -> float:
    """rms of paintings of views 1 px apart, laid over each other, mean of both directions; statistics frozen.

    along: whether the ground of the painting moves along, which a camera that knows where it looks could do.
    """
    (left, right), (top, bottom) = moved(photo)
    across = paint(left, (0, 0), along), paint(right, (0, 1), along)
    return pan_of(across, (paint(top, (0, 0), along), paint(bottom, (1, 0), along)))


def pan_of(across: tuple[FloatArray, FloatArray], down: tuple[FloatArray, FloatArray]) -> float:
    """`pan` of painted pairs, away from the sides."""
    e = EDGE
    one, other = (view[e:-e, e:-e] for view in across)
    over, under = (view[e:-e, e:-e] for view in down)
    return (rms(one[:, 1:] - other[:, :-1]) + rms(over[1:] - under[:-1])) / 2


def halo(plain: FloatArray, painted: FloatArray, matte: FloatArray, *, within: bool) -> float:
    """How much lighter or darker the painting is in a ring 1 to 4 px from the person's edge than 9 to 18 px from it.

    The absolute difference of mean luma, less what `plain`, the photo in the style's colours, has of it. `within`: the rings lie
    inside the person, which is right where the background is the photo's own; otherwise outside. 0 where there are no rings.
    """
    inside = matte < 0.95 if within else matte > 0.05
    distances = [_grown(inside, radius) for radius in (1, 4, 9, 18)]
    near, far = distances[1] & ~distances[0], distances[3] & ~distances[2]
    if not near.any() or not far.any():
        return 0.0
    levels = [float(luma(picture)[near].mean() - luma(picture)[far].mean()) for picture in (painted, plain)]
    return abs(levels[0] - levels[1])


def lines(photo: FloatArray, painted: FloatArray, where: FloatArray) -> float | None:
    """Mean |d/dx| over mean |d/dy| of the painting's luma in dark flats of the photo; 1 is no upright lines.

    None where less than a hundredth of the picture is a dark flat `where` (H, W) is over a half.
    """
    import cv2

    level = luma(photo)
    steep = np.abs(np.gradient(level, axis=0)) + np.abs(np.gradient(level, axis=1))
    flat = cv2.blur(level, (9, 9)) < DARK
    flat &= (cv2.dilate(steep.astype(np.float32), np.ones((9, 9), np.uint8)) < EVEN) & (where > 0.5)
    if flat.mean() < 0.01:
        return None
    down, across = np.gradient(luma(painted))
    return float(np.abs(across)[flat].mean() / max(np.abs(down)[flat].mean(), 1e-4))


def rms(difference: FloatArray) -> float:
    """Root mean square."""
    return float(np.sqrt(np.square(difference, dtype=np.float64).mean()))


def _band(level: FloatArray, narrow: float, wide: float) -> FloatArray:
    found: FloatArray = _blur(level, narrow) - _blur(level, wide)
    return found


def _blur(array: FloatArray, sigma: float) -> FloatArray:
    import cv2

    return np.asarray(cv2.GaussianBlur(array, (0, 0), sigma), np.float32)


def _grown(mask: np.ndarray, radius: int) -> np.ndarray:
    import cv2

    grown = cv2.dilate(mask.astype(np.uint8), np.ones((2 * radius + 1, 2 * radius + 1), np.uint8))
    return np.asarray(grown > 0)
