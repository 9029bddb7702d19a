"""The motif of `palette_knife`: a street of lit houses in the rain, lamps, an autumn tree, a tram, umbrellas."""

from __future__ import annotations

import cv2
import numpy as np

from .canvas import colours, over, ramp, step
from .scene import Scene

EYE = (262.0, 352.0)  # where the street's lines meet
NIGHT = colours("070a1e", "101a44", "1d3a78", "3a6aa0", "7f9cb4", "e0b98a", "ffe2a4")
LEFT = colours("080a18", "18183c", "35285c", "6a3a5c", "a8553f", "e08a44")
RIGHT = colours("060c1a", "0d2340", "14466a", "2b7488", "68a8a0", "d8d0a8")
FIRE = colours("6a1420", "c02c20", "ee6a22", "ffa838", "ffdc84", "fffbe8")
LEAVES = colours("1a0c16", "5c1a1c", "b03a1c", "e8741e", "ffb43a", "ffe48c")


def street(scene: Scene) -> None:
    """Put it on the scene, back to front."""
    sheet = scene.sheet
    far = np.hypot(sheet.x - EYE[0], (sheet.y - EYE[1]) / 1.25)
    sky = ramp(NIGHT, 0.12 + 0.95 * np.exp(-far / 120) + 0.09 * sheet.noise((150, 60), 3))
    scene.ground(sky, -0.6 + 0.5 * sheet.noise(140), 0.12 + 0.5 * step(150, 40, far))
    for hue, sign, reach, roof, foot in ((LEFT, -1, 240, -60, 500), (RIGHT, 1, 280, 30, 478)):
        _row(scene, hue, sign, reach, roof, foot)
    lights = _lamps()
    _tree(scene)
    _glow(scene, lights)
    _pavement(scene, lights)
    _tram(scene)
    _walkers(scene)


def _row(scene: Scene, hue: np.ndarray, sign: int, reach: float, roof: float, foot: float) -> None:
    """A row of houses running to the vanishing point: uneven roofs, lit windows, shops aglow at the pavement."""
    sheet = scene.sheet
    t = np.clip(sign * (sheet.x - EYE[0] - 22 * sign) / reach, 1e-3, None)
    house = np.floor(3.2 * np.log(t + 0.02) + 40)
    luck = sheet.rng.random((64, 4)).astype(np.float32)[house.astype(int) % 64]
    top = EYE[1] - 34 + (roof - EYE[1] + 34) * t + (luck[..., 0] - 0.5) * 150 * t
    low = EYE[1] + 6 + (foot - EYE[1] - 6) * t
    f = (sheet.y - top) / (low - top)
    inside = (sign * (sheet.x - EYE[0]) > 22) & (f > 0) & (f < 1)
    wall = ramp(hue, 0.22 + 0.34 * luck[..., 1] + 0.40 * f**2 - 0.2 * t + 0.12 * sheet.noise(40, 2))
    column, floor = (3.2 * np.log(t + 0.02) + 40 - house) * 3.0, f * 6.5
    lit = np.sin(np.floor(column) * 12.9 + np.floor(floor) * 78.2 + house * 37.7) * 43758.5
    lit = lit - np.floor(lit)
    pane = (np.abs(column % 1 - 0.5) < 0.26) & (np.abs(floor % 1 - 0.55) < 0.30) & (f < 0.78) & (f > 0.08)
    wall = np.where((pane & (lit > 0.52))[..., None], ramp(FIRE, 0.45 + 0.55 * (lit - 0.5)), wall)
    wall = np.where((pane & (lit <= 0.52))[..., None], ramp(NIGHT, 0.15 + 0.5 * lit), wall)
    shop = (f > 0.82) & (f < 0.97) & (np.abs(column * 0.67 % 1 - 0.5) < 0.36) & (luck[..., 0] > 0.2)
    wall = np.where(shop[..., None], ramp(FIRE, 0.42 + 0.5 * luck[..., 2] + 0.25 * np.sin(column * 4)), wall)
    awning = (f > 0.77) & (f <= 0.83) & (luck[..., 3] > 0.5)
    cloth = np.where((luck[..., 1] > 0.5)[..., None], ramp(FIRE, 0.35 * luck[..., 3]), ramp(RIGHT, luck[..., 3]))
    wall = np.where(awning[..., None], cloth, wall)
    lines = np.arctan2(sheet.y - EYE[1], sheet.x - EYE[0])
    run = np.where(shop | awning | (f < 0.06), lines, np.pi / 2)
    scene.lay(inside, wall, run, np.where(pane | shop | awning, 0.72, 0.3))


def _lamps() -> list[tuple[float, float, float, float]]:
    """Street lamps (X, Y of the light, scale, foot's Y), far to near on both sides."""
    out = []
    for scale in (0.13, 0.2, 0.31, 0.5, 0.86):
        for sign, reach in ((-1, 168), (1, 176)):
            out.append((EYE[0] + sign * reach * scale * 1.3, EYE[1] - 205 * scale, scale, EYE[1] + 96 * scale))
    return out


def _glow(scene: Scene, lights: list) -> None:
    """The lamps: post, halo in the wet air, and the light itself."""
    for lx, ly, scale, foot in lights:
        dx, dy = scene.sheet.x - lx, scene.sheet.y - ly
        post = (np.abs(dx) < 1.2 + 3 * scale) & (dy > 0) & (scene.sheet.y < foot)
        scene.lay(post, NIGHT[0], np.pi / 2, 1.1)
        far = np.hypot(dx, dy)
        scene.colour = over(scene.colour, FIRE[3], 0.8 * np.exp(-far / (7 + 32 * scale)))
        scene.colour = over(scene.colour, FIRE[5], step(6 + 16 * scale, 4 + 12 * scale, far))
        scene.detail[far < 8 + 18 * scale] = 1.1


def _tree(scene: Scene) -> None:
    """An autumn tree that leans in from the right, lit by the lamp under it."""
    sheet, x, y = scene.sheet, scene.sheet.x, scene.sheet.y
    trunk = (np.abs(x - 500 - 26 * np.sin(y / 120)) < 9 + 10 * step(380, 470, y)) & (y > 120) & (y < 470)
    limb = (np.abs(y - 190 + 0.5 * (500 - x)) < 5) & (x > 410) & (x < 500)
    scene.lay(trunk | limb, ramp(LEAVES, 0.28 - 0.02 * (x - 500)), np.pi / 2, 0.5)
    crown = np.maximum.reduce([
        1 - np.hypot((x - cx) / rx, (y - cy) / ry)
        for cx, cy, rx, ry in ((520, 110, 150, 96), (420, 60, 110, 64), (430, 160, 84, 46), (570, 220, 70, 60))
    ])  # fmt: skip
    crown = crown + 0.22 * sheet.noise(46, 3)
    tone = 0.48 + 0.32 * np.exp(-np.hypot(x - 452, y - 176) / 90) - 0.12 * step(470, 576, x) + 0.2 * sheet.noise(22, 2)
    scene.lay(crown > 0.16, ramp(LEAVES, tone), 0.7 + 0.9 * sheet.noise(50), 0.5)


def _pavement(scene: Scene, lights: list) -> None:
    """Wet paving: the street upside down, drawn out towards us, with a burning track under each lamp."""
    sheet, x, y = scene.sheet, scene.sheet.x, scene.sheet.y
    low = EYE[1] + 6 + np.where(x < EYE[0], (EYE[0] - 22 - x) * 0.592, (x - EYE[0] - 22) * 0.428)
    depth = np.clip(y - low, 0, None)
    wobble = (5 + 0.03 * depth) * sheet.noise((60, 9), 2)
    mirrored = sheet.sample(scene.colour, x + wobble, np.clip(low - 1.05 * depth - 4, 4, None))
    mirrored = cv2.GaussianBlur(mirrored, (0, 0), sigmaX=2 * sheet.k, sigmaY=9 * sheet.k)
    bars = 0.5 + 0.5 * np.sin(depth / 6.5 + 2.2 * sheet.noise((120, 18)))
    gloom = ramp(NIGHT, 0.08 + 0.34 * bars + 0.10 * sheet.noise((90, 14), 2))
    wet = over(mirrored * 1.05, gloom, 0.20 + 0.45 * step(0.2, 0.9, bars))
    for lx, _, scale, foot in lights:
        track = np.exp(-(((x - lx - 0.5 * wobble) / (3 + 24 * scale)) ** 2)) * step(foot - 8, foot + 10, y)
        track = track * np.exp(-np.clip(y - foot, 0, None) / (70 + 300 * scale)) * (0.5 + 0.7 * bars)
        wet = over(wet, ramp(FIRE, 0.35 + 0.6 * track), np.clip(1.25 * track, 0, 0.95))
    haze = np.exp(-np.hypot((x - EYE[0]) / 70, (y - EYE[1]) / 110))
    wet = over(wet, FIRE[4], np.clip(1.15 * haze * (0.5 + 0.7 * bars), 0, 0.9))
    run = np.where(sheet.noise((80, 16)) < 0.75, np.pi / 2 + 0.06 * np.sin(x / 40), 0.06 * np.sin(y / 30))
    scene.lay(y > low, wet, run, 0.22 + 0.4 * step(520, 380, y))


def _tram(scene: Scene) -> None:
    """A tram coming on, its windows and lamps bright, its light on the rails."""
    x, y = scene.sheet.x - 300, scene.sheet.y - 362
    for side in (-20, 20):
        beam = np.exp(-(((x - side * (1 + 0.004 * y)) / (6 + 0.05 * np.abs(y))) ** 2)) * step(30, 44, y)
        beam = beam * np.exp(-np.clip(y, 0, None) / 330) * (0.6 + 0.4 * np.sin(y / 4.5))
        scene.colour = over(scene.colour, FIRE[5], np.clip(1.2 * beam, 0, 1))
    scene.lay((np.abs(x) < 34) & (y >= 34) & (y < 44), NIGHT[0], 0.0, 1.0)
    body = over(ramp(FIRE, 0.20 + 0.1 * np.tanh(-x / 20)), FIRE[4], (y > 0) & (y < 5))
    glass = (np.abs(np.abs(x) - 13) < 10) & (y > -42) & (y < -8)
    body = np.where(glass[..., None], ramp(FIRE, 0.78 + 0.2 * np.sin(y / 9)), body)
    lamps = np.minimum(np.hypot(x - 20, y - 17), np.hypot(x + 20, y - 17))
    body = over(body, FIRE[5], step(9, 5, lamps))
    scene.lay((np.abs(x) < 34) & (y > -58) & (y < 34), body, np.where(glass, 0.0, np.pi / 2), 1.0)


def _walkers(scene: Scene) -> None:
    """People under umbrellas, and what the street gives back of them."""
    sheet = scene.sheet
    for px, foot, tall, hue in (
        (96, 478, 66, 2.0), (424, 470, 62, 3.6), (362, 452, 46, 0.6), (176, 560, 134, 0.8), (206, 566, 126, 0.8),
    ):  # fmt: skip
        for flip, strength, detail in ((-1, 0.62, 0.3), (1, 1.0, 0.95)):
            rise = flip * (foot - sheet.y) / tall
            x = (sheet.x - px + (3 * np.sin(sheet.y / 5) if flip < 0 else 0)) / tall
            coat = (np.abs(x) < 0.10 + 0.06 * (0.75 - rise)) & (rise > 0.22) & (rise < 0.76)
            legs = (np.abs(np.abs(x) - 0.055) < 0.035) & (rise >= 0.0) & (rise <= 0.22)
            head = np.hypot(x, rise - 0.82) < 0.075
            scene.lay(strength * (coat | legs | head), ramp(NIGHT, 0.10 + 0.22 * step(0.0, 0.12, x)), np.pi / 2, detail)
            dome = (np.hypot(x * 0.86, rise - 0.80) < 0.32) & (rise > 0.80 + 0.04 * np.cos(x * 20))
            canopy = ramp(FIRE, 0.18 * hue + 0.30 * np.clip(x * 2 + rise - 0.9, -0.5, 0.6))
            scene.lay(strength * dome, canopy, np.arctan2(rise - 0.7, -x) + np.pi / 2, detail)
