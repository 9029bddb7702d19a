"""The motif of `oil`: roses in a glazed jug, peaches, a lemon and grapes on a cream cloth, before a rose drapery."""

from __future__ import annotations

import numpy as np

from .canvas import Sheet, colours, over, ramp, step
from .scene import Scene

WALL = colours("140d0b", "2c1a12", "4b3020", "6d5236", "94805a", "b7a67c")
CLOTH = colours("2a2a38", "4d5566", "8b8b8c", "c9b394", "ecd6b2", "faecd2", "fffaf0")
DRAPE = colours("22070c", "561420", "8f2c30", "c25a4c", "e2907a", "f6c8ac", "fdeada")
GLAZE = colours("07141a", "0e2c34", "1d4f56", "3f8584", "8fbfae", "e2efdc")
CLAY = colours("241009", "5a2c18", "9a5a30", "c98a50", "e8be84", "fbe6bc")
PINK = colours("5a1626", "a33a46", "d87470", "efa796", "f9d2bc", "fff1e2")
CREAM = colours("6a4630", "b07e56", "dcb080", "f2d6a6", "fbecca", "fffbf0")
PEACH = colours("3a1212", "8a2f20", "cc6036", "eb9a56", "f8c887", "fff0d0")
LEMON = colours("3c3010", "84681c", "c9a02c", "ebcb50", "f9e68e", "fffbe0")
GRAPE = colours("0a070e", "190d1c", "34182c", "5c2c44", "8a6a80", "e6dce6")
LEAF = colours("08100e", "14261f", "27453a", "4f7052", "8f9f68", "d6d49a")
LIGHT = np.float32([-0.56, -0.58, 0.59])


def still_life(scene: Scene) -> None:
    """Put it on the scene, back to front."""
    sheet = scene.sheet
    x, y = sheet.x, sheet.y
    fall = 0.30 + 0.50 * np.exp(-(((x - 20) / 300) ** 2) - ((y - 210) / 300) ** 2) - 0.18 * step(400, 560, x)
    wall = ramp(WALL, fall + 0.09 * sheet.noise(110, 3))
    wall = over(wall, ramp(GLAZE, 0.2 + 0.7 * fall), 0.5 * step(0.3, 1.3, sheet.noise(120, 2)))
    wall = over(wall, ramp(DRAPE, 0.1 + 0.8 * fall), 0.4 * step(0.4, 1.4, sheet.noise(120, 2)))
    across = np.where(sheet.noise(52, 2) > 0.1, 0.75, 2.1) + 0.22 * sheet.noise(60)
    scene.ground(wall, across, 0.1)
    _drapery(scene)
    _cloth(scene)
    for cx, cy, rx, ry in ((322, 440, 150, 22), (600, 462, 150, 26), (470, 488, 120, 18), (150, 500, 70, 13)):
        shade = 0.85 * step(1.15, 0.55, np.hypot((x - cx) / rx, (y - cy - 0.1 * (x - cx)) / ry))
        scene.colour *= 1 - shade[..., None] * np.float32([0.66, 0.60, 0.50])
    _jug(scene)
    _roses(scene)
    for cx, cy, r in sorted(_grapes(sheet), key=lambda berry: berry[1]):
        _fruit(scene, GRAPE, (cx, cy, r, r * 1.1), 0.9, 0.0)
    _fruit(scene, PEACH, (512, 398, 66, 58), 0.45, 0.7)
    _fruit(scene, PEACH, (592, 436, 56, 50), 0.5, 0.2)
    _fruit(scene, LEMON, (362, 470, 46, 31), 0.6, 0.0)
    _cut_peach(scene, (462, 454, 58, 50))
    _rose(scene, PINK, (112, 474, 42))
    for cx, cy, rx, ry in ((196, 510, 24, 9), (238, 476, 16, 8), (40, 512, 20, 9), (300, 520, 17, 8)):
        _fruit(scene, PINK, (cx, cy, rx, ry), 0.9, 0.0)


def _drapery(scene: Scene) -> None:
    """A rose cloth hung over the right side of the wall, in long folds from one nail."""
    sheet, x, y = scene.sheet, scene.sheet.x, scene.sheet.y
    turn = np.arctan2(y + 90, x - 640)
    folds = np.sin(turn * 15 + 0.5 * sheet.noise(160)) + 0.5 * np.sin(turn * 34 + 1.0 + 0.6 * sheet.noise(90))
    edge = x - (508 + 0.14 * y + 16 * np.sin(y / 58) + 9 * np.sin(y / 21))
    tone = 0.40 + 0.24 * folds - 0.16 * step(560, 768, x) + 0.12 * step(420, 160, y)
    scene.lay(step(-2, 2, edge), ramp(DRAPE, tone), turn, 0.35)


def _cloth(scene: Scene) -> None:
    """A cream cloth over the table: rumpled on top, falling in folds in front."""
    sheet, x, y = scene.sheet, scene.sheet.x, scene.sheet.y
    back = y - (392 + 6 * np.sin(x / 90))
    rumple = np.sin((0.55 * x + 1.5 * y) / 27 + 1.5 * sheet.noise(150)) + 0.6 * np.sin((x - 1.4 * y) / 33 + 2)
    top = 0.70 + 0.10 * rumple - 0.10 * step(560, 768, x)
    run = np.arctan2(-0.35 + 0.2 * np.sin(x / 70), 1.0) + 0.25 * sheet.noise(120)
    scene.lay(step(-2, 2, back), ramp(CLOTH, top), run, 0.3)
    hem = y - (500 + 16 * np.sin(x / 75 + 0.5) + 7 * np.sin(x / 29))
    sway = x + 0.22 * (y - 500) * np.sin(x / 100)
    folds = np.sin(sway / 21 + 0.8 * np.sin(sway / 60)) + 0.5 * np.sin(sway / 9.5 + 1)
    scene.lay(step(-3, 3, hem), ramp(CLOTH, 0.47 + 0.19 * folds - 0.002 * hem), np.pi / 2 + 0.25 * np.sin(x / 80), 0.35)


def _form(nx: np.ndarray, ny: np.ndarray) -> np.ndarray:
    """Light on a rounded form from its normal's (X, Y): half shade, core shadow, and light thrown back from below."""
    nz = np.sqrt(np.clip(1 - nx * nx - ny * ny, 0, 1))
    lit = nx * LIGHT[0] + ny * LIGHT[1] + nz * LIGHT[2]
    glint = step(0.93, 0.995, lit)
    thrown = 0.16 * step(0.1, -0.7, lit) * step(-0.2, 0.9, ny)
    return 0.34 + 0.46 * lit + thrown + 0.28 * glint


def _jug(scene: Scene) -> None:
    """A jug thrown on the wheel: glazed above, bare clay below; its profile is given as half widths by height."""
    x, y = scene.sheet.x, scene.sheet.y
    handle = np.abs(np.hypot(x - 300, (y - 278) / 1.35) - 46)
    glaze = ramp(GLAZE, 0.62 - 0.05 * handle - 0.003 * (x - 280))
    scene.lay(step(11, 8, handle), glaze, np.arctan2(x - 300, 278 - y), 0.7)
    half = np.interp(y, [196, 206, 232, 262, 300, 345, 385, 420, 436], [46, 42, 37, 46, 72, 86, 78, 58, 54])
    nx = (x - 232) / half
    body = step(1.015, 0.985, np.abs(nx)) * step(194, 197, y) * step(438, 434, y + 5 * (1 - nx * nx) - 5)
    tilt = np.interp(y, [196, 232, 300, 345, 385, 436], [-0.1, -0.2, -0.55, 0.0, 0.4, 0.5])
    tone = _form(np.clip(nx, -1, 1) * 0.96, tilt * np.sqrt(np.clip(1 - nx * nx, 0, 1)))
    drip = 362 + 14 * np.sin(x / 17) + 9 * np.sin(x / 7 + 1)
    tone = 0.5 + 1.2 * (tone - 0.52)
    hue = np.where((y < drip)[..., None], ramp(GLAZE, tone), ramp(CLAY, tone))
    scene.lay(body, hue, np.where(np.abs(nx) < 0.55, 0.35 * nx, np.pi / 2 + 0.3 * nx), 0.55)


def _rose(scene: Scene, hue: np.ndarray, place: tuple[float, float, float]) -> None:
    """One open rose: petals wound about a deep heart, each a swipe of the brush around it."""
    sheet, (cx, cy, r) = scene.sheet, place
    dx, dy = sheet.x - cx, (sheet.y - cy) * 1.12
    turn, far = np.arctan2(dy, dx), np.hypot(dx, dy)
    rim = r * (1 + 0.09 * np.cos(5 * turn + cx))
    petal = np.sin(far / r * 11 - 2 * turn + cx)
    tone = _form(dx / (1.1 * r), dy / (1.1 * r)) + 0.15 * petal + 0.02 - 0.38 * step(0.38, 0.05, far / r)
    scene.lay(step(1.03, 0.97, far / rim), ramp(hue, tone), turn + np.pi / 2 + 0.3, 0.75)


def _roses(scene: Scene) -> None:
    """The bunch in the jug: dark leaves first, then the heads; those away from the light sink into shade."""
    sheet = scene.sheet
    for cx, cy, lean, long in (
        (70, 196, 2.8, 54), (84, 84, 3.7, 60), (168, 26, 4.4, 46), (372, 44, 5.6, 62), (408, 128, 0.1, 58),
        (366, 214, 0.9, 56), (118, 246, 2.0, 44), (170, 214, 1.9, 52), (302, 214, 1.1, 58), (206, 120, 0.4, 90),
        (300, 130, 1.9, 80), (318, 20, 5.0, 44), (262, 222, 1.5, 40), (340, 170, 0.3, 66),
    ):  # fmt: skip
        dx, dy = sheet.x - cx, sheet.y - cy
        along, across = dx * np.cos(lean) + dy * np.sin(lean), -dx * np.sin(lean) + dy * np.cos(lean)
        across = across - 9 * np.sin(along / 30 + cx)
        wide = 0.40 * long * np.clip(1 - (along / long) ** 2, 0, 1)
        lit = np.sign(np.cos(lean) - 0.2) * np.tanh(across / 5)
        tone = 0.40 - 0.26 * lit - 0.0012 * (cx - 100) + 0.05 * sheet.noise(30)
        scene.lay(step(-1.5, 1.5, wide - np.abs(across)), ramp(LEAF, tone), np.full_like(dx, lean) + 0.3 * lit, 0.5)
    for hue, *place in (
        (PINK, 326, 176, 38), (DRAPE, 352, 92, 34), (PINK, 152, 186, 46), (CREAM, 246, 196, 36), (PINK, 288, 62, 44),
        (DRAPE, 210, 48, 30), (PEACH, 372, 150, 22), (CREAM, 116, 122, 44), (PINK, 298, 134, 36), (CREAM, 204, 118, 58),
        (PEACH, 90, 178, 20), (PINK, 262, 22, 20), (DRAPE, 212, 190, 26), (PINK, 146, 62, 28),
    ):  # fmt: skip
        _rose(scene, hue, tuple(place))


def _grapes(sheet: Sheet) -> list[tuple[float, float, float]]:
    """Berries (X, Y, radius) heaped in a bunch that hangs over the table's edge."""
    spread = sheet.rng.normal(0, 1, (36, 2)) * (36, 20) + (694, 440)
    hanging = sheet.rng.uniform(-1, 1, (14, 2)) * (20, 38) + (676, 488)
    return [(cx, cy, sheet.rng.uniform(11, 17)) for cx, cy in (*spread, *hanging)]


def _fruit(scene: Scene, hue: np.ndarray, place: tuple, detail: float, blush: float) -> None:
    """One fruit: light on an ellipsoid, strokes wound about the light; one cheek reddens by `blush`."""
    sheet, (cx, cy, rx, ry) = scene.sheet, place
    nx, ny = (sheet.x - cx) / rx, (sheet.y - cy) / ry
    pole = np.hypot(nx - 0.25, (ny + 0.72) * 1.8)
    tone = _form(nx * 0.97, ny * 0.97) + 0.05 * sheet.noise(0.5 * rx) - 0.3 * step(0.3, 0.0, pole) * (blush > 0)
    seam = np.abs(nx - 0.25 - 0.30 * np.sin(1.4 * (ny + 0.72)))
    tone -= 0.13 * step(0.12, 0.0, seam) * (blush > 0)
    cheek = blush * step(-0.5, 0.7, 0.9 * nx + 0.3 * ny + 0.25 * sheet.noise(0.6 * rx))
    skin = over(ramp(hue, tone), ramp(DRAPE, tone + 0.02), cheek)
    run = np.arctan2(ny + 0.55, nx + 0.5) + np.pi / 2 + 0.45 * sheet.noise(0.7 * rx)
    scene.lay(step(1 + 1.2 / rx, 1 - 1.2 / rx, np.hypot(nx, ny)), skin, run, detail)


def _cut_peach(scene: Scene, place: tuple) -> None:
    """Half a peach turned to the light: a rim of skin, pale flesh, crimson threads around the hollow of the stone."""
    _fruit(scene, PEACH, place, 0.6, 0.6)
    sheet, (cx, cy, rx, ry) = scene.sheet, place
    nx, ny = (sheet.x - cx + 5) / (0.86 * rx), (sheet.y - cy + 3) / (0.84 * ry)
    far, turn = np.hypot(nx, ny), np.arctan2(ny, nx)
    tone = 0.80 - 0.10 * far - 0.14 * step(-0.2, 0.9, nx + ny) + 0.05 * np.sin(9 * turn) * step(0.8, 0.4, far)
    flesh = over(ramp(CREAM, tone), ramp(PEACH, tone - 0.06), step(0.45, 0.95, far))
    threads = 0.85 * step(0.56, 0.40, far + 0.05 * np.sin(11 * turn))
    flesh = over(flesh, ramp(DRAPE, 0.52 + 0.2 * np.sin(13 * turn)), threads)
    stone = np.hypot(nx / 0.36, ny / 0.30)
    flesh = over(flesh, ramp(CLAY, 0.30 + 0.35 * (nx + ny)), step(1.1, 0.9, stone))
    run = np.where(far < 0.4, turn + np.pi / 2, 2.4 + 0.5 * sheet.noise(24))
    scene.lay(step(1.02, 0.98, far), flesh, np.where(far > 0.8, turn + np.pi / 2, run), 0.8)
