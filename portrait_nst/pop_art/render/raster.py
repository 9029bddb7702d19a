"""The picture as pixels: our own supersampled raster, 32 samples a pixel where a border passes."""

from __future__ import annotations

import cv2
import numpy as np
import shapely
from numpy.typing import NDArray

from portrait_nst.pop_art.colour import dots, oklab
from portrait_nst.pop_art.colour.ramp import dotted_tone
from portrait_nst.pop_art.render import ink_lines
from portrait_nst.pop_art.result import TRANSPARENT, Cell, PopartResult
from portrait_nst.types import UInt8Array

_SAMPLES = 4
_STRIP = 256
_BITS = 6


def render(result: PopartResult, size: tuple[int, int] | None = None) -> tuple[UInt8Array, UInt8Array | None]:
    """The picture at size (width, height): (H, W, 3) uint8 sRGB, and (H, W) uint8 alpha where it is not opaque."""
    width, height = size or result.size
    rgb = np.zeros((height, width, 3), np.uint8)
    open_ground = result.settings.background in ("keep", "transparent")
    alpha = np.zeros((height, width), np.uint8)
    across = np.rint(np.linspace(0, width, result.columns + 1)).astype(int)
    down = np.rint(np.linspace(0, height, result.rows + 1)).astype(int)
    for i, cell in enumerate(result.cells):
        row, column = divmod(i, result.columns)
        place = slice(down[row], down[row + 1]), slice(across[column], across[column + 1])
        _cell(result, cell, rgb[place], alpha[place])
    if result.settings.background == "keep":
        return _over_photo(result, rgb, alpha), None
    return rgb, alpha if open_ground else None


def _over_photo(result: PopartResult, rgb: UInt8Array, alpha: UInt8Array) -> UInt8Array:
    """The picture laid over the photo; where the matte is 0 the photo's bytes stay as they are."""
    height, width = alpha.shape
    photo, matte = result.photo, result.matte
    if photo.shape[:2] != alpha.shape:
        photo = np.asarray(cv2.resize(photo, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
        matte = np.asarray(cv2.resize(matte, (width, height), interpolation=cv2.INTER_AREA), np.float32)
    # A straight silhouette leaves the matte here and there: it fades over the matte's last few hundredths.
    whole = (alpha == 255) & (matte >= 0.05)
    out = np.where(whole[..., None], rgb, photo)
    mixed = (alpha > 0) & (matte > 0) & ~whole
    weight = (alpha[mixed].astype(np.float32) / 255 * np.minimum(matte[mixed] * 20, 1))[:, None]
    out[mixed] = np.rint(photo[mixed] + (rgb[mixed].astype(np.float32) - photo[mixed]) * weight).astype(np.uint8)
    return out


def _cell(result: PopartResult, cell: Cell, rgb: UInt8Array, alpha: UInt8Array) -> None:
    """Draw one colouring into rgb (h, w, 3) and alpha (h, w), views that are filled in place."""
    geometry = result.geometry
    height, width = alpha.shape
    sx, sy = width / geometry.canvas.width, height / geometry.canvas.height
    tone = dotted_tone(geometry) if cell.paper else None
    keys = [(c, s.tone == tone) for s, c in zip(geometry.segments, cell.colours)]
    names = list(dict.fromkeys(keys))
    inked = len(names)
    table = np.zeros((inked + 1, 4), np.float32)
    for i, (name, is_dotted) in enumerate(names):
        if name != TRANSPARENT:
            table[i] = *oklab.rgb_of(cell.paper if is_dotted else name), 255
    table[inked] = *oklab.rgb_of(ink_lines.COLOUR), 255
    weight = np.concatenate([table[:, 3:].repeat(3, axis=1) / 255, np.ones((inked + 1, 1), np.float32)], axis=1)
    shapes = [(s.polygon.bounds, names.index(k), _rings(s.polygon)) for s, k in zip(geometry.segments, keys)]
    strokes = ink_lines.lines(geometry) if result.outlines else []
    edges = [(geometry.net.xy[arc], 0.0) for arc in geometry.net.arcs]
    dotted = {i: name for i, (name, is_dotted) in enumerate(names) if is_dotted}
    for top in range(0, height, _STRIP):
        bottom = min(height, top + _STRIP)
        where = slice(top, bottom)
        plain = np.zeros((bottom - top, width), np.uint8)
        _fill(plain, shapes, strokes, inked, sx, sy, top, 1)
        near = np.zeros_like(plain)
        for points, thick in edges + strokes:
            _line(near, points, 1, max(3, int(np.ceil(thick * max(sx, sy))) + 4), sx, sy, top, 1)
        colour = table[plain]
        shares = {i: (plain == i).astype(np.float32) for i in dotted}
        at = np.flatnonzero(near)
        if at.size:
            samples = _samples(at, width, bottom - top, shapes, strokes, inked, sx, sy, top)
            mixed = np.zeros((at.size, 4), np.float32)
            # Premultiplied, so that what lies beside a transparent ground keeps its colour.
            for i in np.unique(samples):
                part = (samples == i).mean(axis=1, dtype=np.float32)
                mixed += part[:, None] * table[i] * weight[i]
            solid = mixed[:, 3:] / 255
            mixed[:, :3] /= np.where(solid > 0, solid, 1)
            colour.reshape(-1, 4)[at] = mixed
            for i, share in shares.items():
                share.ravel()[at] = (samples == i).mean(axis=1)
        for i, share in shares.items():
            y, x = np.nonzero(share)
            spots = dots.coverage(
                (x + 0.5) / sx, (y + top + 0.5) / sy, (sx + sy) / 2, geometry.canvas.unit, cell.radius
            )
            step = np.array(oklab.rgb_of(dotted[i]), np.float32) - table[i, :3]
            colour[y, x, :3] += (share[y, x] * spots)[:, None] * step
        rgb[where] = np.rint(colour[..., :3]).astype(np.uint8)
        alpha[where] = np.rint(colour[..., 3]).astype(np.uint8)


def _samples(
    at: NDArray[np.int64],
    width: int,
    height: int,
    shapes: list[tuple[tuple[float, ...], int, list[NDArray[np.float64]]]],
    strokes: list[tuple[NDArray[np.float64], float]],
    inked: int,
    sx: float,
    sy: float,
    top: int,
) -> UInt8Array:
    """Colours (n, 32) sampled in each of the pixels `at` of a strip.

    OpenCV fills a polygon with its outline, half a sample too wide: filled in one order and then in the other, with
    half of the samples each, the borders are where they should be.
    """
    rows, columns = np.divmod(at, width)
    found = []
    for order in (shapes, shapes[::-1]):
        fine = np.zeros((height * _SAMPLES, width * _SAMPLES), np.uint8)
        _fill(fine, order, strokes, inked, sx, sy, top, _SAMPLES)
        blocks = fine.reshape(height, _SAMPLES, width, _SAMPLES)
        found.append(blocks[rows, :, columns, :].reshape(at.size, -1))
    return np.concatenate(found, axis=1)


def _rings(polygon: shapely.Polygon) -> list[NDArray[np.float64]]:
    return [shapely.get_coordinates(ring)[:-1] for ring in (polygon.exterior, *polygon.interiors)]


def _fixed(points: NDArray[np.float64], sx: float, sy: float, top: int, samples: int) -> NDArray[np.int32]:
    """Canvas points as cv2's fixed-point pixels, whose centres have whole numbers."""
    scaled = (points * (sx, sy) - (0, top)) * samples - 0.5
    return np.rint(scaled * (1 << _BITS)).astype(np.int32)


def _fill(
    out: UInt8Array,
    shapes: list[tuple[tuple[float, ...], int, list[NDArray[np.float64]]]],
    strokes: list[tuple[NDArray[np.float64], float]],
    inked: int,
    sx: float,
    sy: float,
    top: int,
    samples: int,
) -> None:
    low, high = top / sy, (top + out.shape[0] / samples) / sy
    for (_, y0, _, y1), colour, rings in shapes:
        if y1 >= low and y0 <= high:
            cv2.fillPoly(out, [_fixed(r, sx, sy, top, samples) for r in rings], colour, cv2.LINE_8, _BITS)
    for points, thick in strokes:
        _line(out, points, inked, max(1, round(thick * (sx + sy) / 2 * samples)), sx, sy, top, samples)


def _line(
    out: UInt8Array, points: NDArray[np.float64], colour: int, thick: int, sx: float, sy: float, top: int, samples: int
) -> None:
    y = points[:, 1] * sy * samples - top * samples
    if y.max() < -thick or y.min() > out.shape[0] + thick:
        return
    cv2.polylines(out, [_fixed(points, sx, sy, top, samples)], False, colour, thick, cv2.LINE_8, _BITS)
