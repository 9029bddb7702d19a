"""The picture as pixels: our own supersampled raster, with 32 samples in each pixel where a border passes."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from portrait_nst.pop_art.colour import dots, oklab
from portrait_nst.pop_art.colour.colouring import TRANSPARENT, Colouring
from portrait_nst.pop_art.composition import Composition
from portrait_nst.pop_art.partition.segments import Partition
from portrait_nst.pop_art.partition.topology import Points, rings
from portrait_nst.pop_art.render.shapes import OUTLINE, Line, outlines
from portrait_nst.types import FloatArray, UInt8Array

_SAMPLES = 4
_STRIP = 256
_BITS = 6


def render(composition: Composition, size: tuple[int, int] | None = None) -> tuple[UInt8Array, UInt8Array | None]:
    """The picture as (H, W, 3) uint8 sRGB, and its (H, W) uint8 alpha, or None where it is opaque.

    size: (width, height) in pixels, or None for the composition's own.
    """
    rgb, alpha, _ = layers(composition, size)
    return rgb, alpha


def layers(
    composition: Composition, size: tuple[int, int] | None = None
) -> tuple[UInt8Array, UInt8Array | None, FloatArray | None]:
    """The picture and its alpha as `render` gives them, and how much of each pixel is the photo's.

    The last is (H, W) float32 in [0, 1], or None where the background is not kept.
    """
    width, height = size or composition.size
    rgb, alpha = np.zeros((height, width, 3), np.uint8), np.zeros((height, width), np.uint8)
    across = np.rint(np.linspace(0, width, composition.columns + 1)).astype(int)
    down = np.rint(np.linspace(0, height, composition.rows + 1)).astype(int)
    for i, colouring in enumerate(composition.colourings):
        row, column = divmod(i, composition.columns)
        place = slice(down[row], down[row + 1]), slice(across[column], across[column + 1])
        _draw(composition, colouring, rgb[place], alpha[place])
    if composition.settings.background == "keep":
        over, kept = _over_photo(composition, rgb, alpha)
        return over, None, kept
    return rgb, alpha if composition.settings.background == "transparent" else None, None


def _over_photo(composition: Composition, rgb: UInt8Array, alpha: UInt8Array) -> tuple[UInt8Array, FloatArray]:
    """The picture over the photo, and how much the photo shows; where the matte is 0 its bytes stay as they are."""
    height, width = alpha.shape
    photo, matte = composition.photo, composition.matte
    if photo.shape[:2] != alpha.shape:
        photo = np.asarray(cv2.resize(photo, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
        matte = np.asarray(cv2.resize(matte, (width, height), interpolation=cv2.INTER_AREA), np.float32)
    # A straight silhouette leaves the matte here and there: it fades over the matte's last few hundredths.
    whole = (alpha == 255) & (matte >= 0.05)
    out = np.where(whole[..., None], rgb, photo)
    mixed = (alpha > 0) & (matte > 0) & ~whole
    weight = (alpha[mixed].astype(np.float32) / 255 * np.minimum(matte[mixed] * 20, 1))[:, None]
    out[mixed] = np.rint(photo[mixed] + (rgb[mixed].astype(np.float32) - photo[mixed]) * weight).astype(np.uint8)
    kept = (~whole).astype(np.float32)
    kept[mixed] = 1 - weight[:, 0]
    return out, kept


@dataclass(frozen=True, eq=False)
class _ColourTable:
    """The colours of one colouring.

    of_segment: (n,) the row of each segment's colour.
    table:      (colours + 1, 4) float32, red, green, blue and alpha from 0 to 255; the last row is for outlines.
    dotted:     the dots' colour by the row of the paper that is under them.
    """

    of_segment: list[int]
    table: FloatArray
    dotted: dict[int, str]


def _colour_table(partition: Partition, colouring: Colouring) -> _ColourTable:
    """The colours of a colouring, each once."""
    keys = [(colouring.colours[s.number], colouring.is_dotted(s)) for s in partition.segments]
    fills = {key: colouring.fill(s) for key, s in zip(keys, partition.segments)}
    table = np.zeros((len(fills) + 1, 4), np.float32)
    for i, fill in enumerate(fills.values()):
        if fill != TRANSPARENT:
            table[i] = *oklab.rgb_of(fill), 255
    table[-1] = *oklab.rgb_of(OUTLINE), 255
    numbers = {key: i for i, key in enumerate(fills)}
    return _ColourTable([numbers[k] for k in keys], table, {i: c for (c, dotted), i in numbers.items() if dotted})


@dataclass(frozen=True, eq=False)
class _Drawing:
    """Everything that is drawn, in frame pixels, and how it is scaled.

    shapes:   (lowest y, highest y, row of the colour, rings) of each segment, in order.
    outlines: the outlines, which have the last row of the colour table.
    borders:  the points of each border.
    scale:    picture pixels for one frame pixel, in x and in y.
    """

    colours: _ColourTable
    shapes: list[tuple[float, float, int, list[Points]]]
    outlines: list[Line]
    borders: list[Points]
    scale: tuple[float, float]

    def fill(self, out: UInt8Array, top: int, samples: int, backwards: bool = False) -> None:
        """Draw rows of the colour table into a strip (h, w).

        top:       the picture's pixel row at which the strip begins.
        samples:   how many samples lie along each side of a pixel.
        backwards: whether the segments are drawn in reverse order.
        """
        low, high = top / self.scale[1], (top + out.shape[0] / samples) / self.scale[1]
        for lowest, highest, row, outline in self.shapes[::-1] if backwards else self.shapes:
            if highest >= low and lowest <= high:
                cv2.fillPoly(out, [self._fixed(r, top, samples) for r in outline], row, cv2.LINE_8, _BITS)
        for line in self.outlines:
            thick = max(1, round(line.width * sum(self.scale) / 2 * samples))
            self._line(out, line.points, len(self.colours.table) - 1, thick, top, samples)

    def near_borders(self, shape: tuple[int, int], top: int) -> NDArray[np.int64]:
        """The numbers of the pixels of a strip (h, w) that a border or an outline may touch."""
        near = np.zeros(shape, np.uint8)
        lines = [(points, 0.0) for points in self.borders] + [(line.points, line.width) for line in self.outlines]
        for points, width in lines:
            self._line(near, points, 1, max(3, int(np.ceil(width * max(self.scale))) + 4), top, 1)
        return np.flatnonzero(near)

    def samples(self, at: NDArray[np.int64], shape: tuple[int, int], top: int) -> UInt8Array:
        """The rows of the colour table (n, 32) sampled in each of the pixels `at` of a strip (h, w).

        OpenCV fills a polygon with its outline, half a sample too wide. Filled in one order and then in the other,
        with half of the samples each, the borders are where they should be.
        """
        height, width = shape
        rows, columns = np.divmod(at, width)
        found = []
        for backwards in (False, True):
            fine = np.zeros((height * _SAMPLES, width * _SAMPLES), np.uint8)
            self.fill(fine, top, _SAMPLES, backwards)
            blocks = fine.reshape(height, _SAMPLES, width, _SAMPLES)
            found.append(blocks[rows, :, columns, :].reshape(at.size, -1))
        return np.concatenate(found, axis=1)

    def _line(self, out: UInt8Array, points: Points, row: int, thick: int, top: int, samples: int) -> None:
        """Draw a line, where it reaches into the strip."""
        y = points[:, 1] * self.scale[1] * samples - top * samples
        if y.max() >= -thick and y.min() <= out.shape[0] + thick:
            cv2.polylines(out, [self._fixed(points, top, samples)], False, row, thick, cv2.LINE_8, _BITS)

    def _fixed(self, points: Points, top: int, samples: int) -> NDArray[np.int32]:
        """Points as the fixed-point pixels of OpenCV, in which the centres of pixels are whole numbers."""
        scaled = (points * self.scale - (0, top)) * samples - 0.5
        return np.rint(scaled * (1 << _BITS)).astype(np.int32)


def _draw(composition: Composition, colouring: Colouring, rgb: UInt8Array, alpha: UInt8Array) -> None:
    """Draw one colouring into rgb (h, w, 3) and alpha (h, w), views that are filled in place."""
    partition, frame = composition.partition, composition.partition.frame
    height, width = alpha.shape
    colours = _colour_table(partition, colouring)
    shapes = []
    for s, row in zip(partition.segments, colours.of_segment):
        _, lowest, _, highest = s.polygon.bounds
        shapes.append((lowest, highest, row, [ring[:-1] for ring in rings(s.polygon)]))
    borders = [partition.topology.xy[arc] for arc in partition.topology.arcs]
    scale = width / frame.width, height / frame.height
    drawing = _Drawing(colours, shapes, outlines(composition), borders, scale)
    for top in range(0, height, _STRIP):
        where = slice(top, min(height, top + _STRIP))
        colour = _strip(drawing, colouring.screen, frame.unit, alpha[where].shape, top)
        rgb[where] = np.rint(colour[..., :3]).astype(np.uint8)
        alpha[where] = np.rint(colour[..., 3]).astype(np.uint8)


def _strip(
    drawing: _Drawing, screen: dots.DotScreen | None, unit: float, shape: tuple[int, int], top: int
) -> FloatArray:
    """(h, w, 4) red, green, blue and alpha, 0 to 255, of the rows from `top`."""
    colours = drawing.colours
    plain = np.zeros(shape, np.uint8)
    drawing.fill(plain, top, 1)
    colour = colours.table[plain]
    shares = {i: (plain == i).astype(np.float32) for i in colours.dotted}
    at = drawing.near_borders(shape, top)
    if at.size:
        samples = drawing.samples(at, shape, top)
        colour.reshape(-1, 4)[at] = _mixed(samples, colours.table)
        for i, share in shares.items():
            share.ravel()[at] = (samples == i).mean(axis=1)
    if screen is not None:
        sx, sy = drawing.scale
        for i, share in shares.items():
            y, x = np.nonzero(share)
            covered = dots.coverage((x + 0.5) / sx, (y + top + 0.5) / sy, (sx + sy) / 2, unit, screen.radius)
            step = np.array(oklab.rgb_of(colours.dotted[i]), np.float32) - colours.table[i, :3]
            colour[y, x, :3] += (share[y, x] * covered)[:, None] * step
    return colour


def _mixed(samples: UInt8Array, table: FloatArray) -> FloatArray:
    """The colours (n, 4) of pixels with samples (n, 32) of the rows of a colour table."""
    # Colours are mixed premultiplied by alpha, so that what lies beside a transparent ground keeps its colour.
    weight = np.concatenate([table[:, 3:].repeat(3, axis=1) / 255, np.ones((len(table), 1), np.float32)], axis=1)
    mixed = np.zeros((len(samples), 4), np.float32)
    for i in np.unique(samples):
        part = (samples == i).mean(axis=1, dtype=np.float32)
        mixed += part[:, None] * table[i] * weight[i]
    solid = mixed[:, 3:] / 255
    mixed[:, :3] /= np.where(solid > 0, solid, 1)
    return mixed
