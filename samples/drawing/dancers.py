"""The motif of `pastel`: three dancers seen from behind, waiting on a stage before painted woods."""

from __future__ import annotations

import cv2
import numpy as np

from .brush import pixels, ribbon
from .canvas import Sheet, colours, over, ramp, relief, step
from .scene import Scene

SKIN = colours("43201f", "84423a", "c47a60", "e9ab88", "f9d4b2", "fff1de")
HAIR = colours("120a10", "331517", "6e2c1c", "b45f30", "e8a860")
TEAL = colours("101c38", "1c4468", "2f8494", "79bfb8", "c9e6d8", "fdfdf2")
ROSE = colours("331032", "7c2456", "cc5878", "f296a0", "fccfc4", "fff6ea")
GOLD = colours("3a1a14", "8a4a20", "d48c34", "f3c068", "fce6b0", "fffbe8")
WOODS = colours("0f1226", "1c3448", "35605f", "7f8f68", "d49c58", "f6d8a4")
BOARDS = colours("3c2230", "7a4a40", "b6805a", "dcae80", "f2d6b0", "fff2dc")
ARM_TO_HAIR = (
    (((-52, 74), (-106, 62), (-92, 2), (-44, -26), (-8, -22)), (34, 28, 23, 16, 13)),
    (((54, 76), (100, 142), (78, 196), (48, 208)), (32, 27, 20, 12)),
)
ARM_OUT = (
    (((50, 76), (108, 92), (172, 62)), (30, 22, 11)), (((-50, 76), (-96, 120), (-120, 176)), (30, 22, 12)),
)  # fmt: skip
ARMS_UP = (
    (((-50, 74), (-92, 10), (-60, -66), (-18, -92)), (30, 24, 20, 12)),
    (((50, 74), (94, 10), (66, -66), (26, -96)), (30, 24, 20, 12)),
)


class Dancers(Scene):
    """The scene, and the contours of its parts, which the chalk goes over."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__(sheet)
        self.contours: list[np.ndarray] = []
        self.front = np.full(self.sheet.shape, -1)  # the number of the contour whose part is foremost
        self._stage()
        self._dancer((506, 232), 0.50, GOLD, ARMS_UP)
        self._dancer((92, 262), 0.80, ROSE, ARM_OUT)
        self._dancer((352, 168), 1.12, TEAL, ARM_TO_HAIR)

    def lay(self, cover: np.ndarray, colour: np.ndarray, angle: np.ndarray | float, detail: float) -> None:
        """Put one thing in front of what is there, contours too."""
        super().lay(cover, colour, angle, detail)
        self.front[cover > 0.5] = len(self.contours)

    def _stage(self) -> None:
        """Painted woods behind, pale boards in the footlights' glow, a shadow under each dancer."""
        sheet = self.sheet
        x, y = sheet.x, sheet.y
        glow = 0.30 * np.exp(-(((x - 200) / 130) ** 2) - ((y - 90) / 120) ** 2)
        tone = 0.30 + 0.21 * sheet.noise((70, 120), 2) + glow
        woods = over(ramp(WOODS, tone), ramp(ROSE, tone + 0.1), 0.5 * step(0.5, 1.5, sheet.noise(120, 2)))
        self.ground(woods, -1.05 + 0.25 * sheet.noise(160), 0.2)
        edge = y - (506 - 0.06 * x + 6 * np.sin(x / 40))
        light = 0.56 + 0.10 * np.sin((y + 0.22 * x) / 25) + 0.09 * sheet.noise((170, 50), 2) + 0.14 * step(560, 100, x)
        self.lay(step(-3, 3, edge), ramp(BOARDS, light), -0.30 + 0.1 * sheet.noise(90), 0.2)
        for cx, cy, rx, ry in ((390, 752, 150, 22), (130, 668, 120, 16), (520, 498, 60, 9)):
            shade = step(1.2, 0.5, np.hypot((x - cx) / rx, (y - cy) / ry))
            self.colour = over(self.colour, ramp(TEAL, 0.18), 0.6 * shade)

    def _part(
        self, outline: np.ndarray, hue: np.ndarray, angle: np.ndarray | float, base: float, round_: float
    ) -> None:
        """One rounded part of a figure: light from the upper left on its swelling; its outline is kept as a contour."""
        sheet = self.sheet
        mask = np.zeros(sheet.shape, np.uint8)
        cv2.fillPoly(mask, [pixels(sheet, outline)], 255, cv2.LINE_AA, 4)
        cover = mask.astype(np.float32) / 255
        lean = relief(sheet.blur(cover, round_) * round_, slope=2.6)
        self.lay(cover, ramp(hue, base + 0.36 * lean + 0.03 * sheet.noise(30)), angle, 0.75)
        self.contours.append(outline)

    def _dancer(self, head: tuple[float, float], size: float, hue: np.ndarray, arms: tuple) -> None:
        """A dancer seen from behind, placed by the crown of her `head`: legs, skirt, back, bodice, arms, head."""

        def at(*points: tuple[float, float]) -> np.ndarray:
            return (np.float32(head) + size * np.float32(points)).astype(np.float32)

        def limb(points: tuple, widths: tuple) -> np.ndarray:
            t, s = np.linspace(0, 1, 26), np.linspace(0, 1, len(points))
            spine = np.stack([np.interp(t, s, axis) for axis in at(*points).T], axis=1).astype(np.float32)
            spine = cv2.blur(spine, (1, 7), borderType=cv2.BORDER_REPLICATE)
            return ribbon(spine, size * np.interp(t, np.linspace(0, 1, len(widths)), widths))

        for foot in (((-26, 290), (-30, 390), (-14, 470), (-22, 522)), ((22, 290), (44, 380), (34, 462), (64, 512))):
            self._part(limb(foot, (46, 42, 34, 26, 12)), SKIN * (1, 0.97, 0.98), np.pi / 2, 0.66, 5 * size)
            self._part(limb(foot[-2:], (4, 22, 20, 8)), ROSE, np.pi / 2, 0.62, 3 * size)
        self._skirt(at((0, 238))[0], size, hue)
        back = at(
            (-60, 66), (-44, 58), (-14, 44), (14, 44), (46, 58), (60, 68), (50, 128), (34, 200), (-34, 200), (-50, 128)
        )
        self._part(back, SKIN, 1.2, 0.70, 22 * size)
        bodice = at(
            (-52, 128), (-20, 146), (0, 150), (22, 146), (52, 126), (44, 160), (34, 214), (-34, 214), (-44, 160)
        )
        self._part(bodice, hue, np.pi / 2, 0.46, 8 * size)
        self._part(limb(((-2, 26), (2, 60)), (30, 34)), SKIN, np.pi / 2, 0.60, 5 * size)
        for points, widths in arms:
            self._part(limb(points, widths), SKIN, 0.9, 0.70, 5 * size)
        turn = np.linspace(0, 2 * np.pi, 40)
        for cx, cy, rx, ry, stops, base in (
            (-6, 6, 27, 34, SKIN, 0.62), (4, -4, 30, 32, HAIR, 0.42), (26, -26, 16, 15, HAIR, 0.5),
        ):  # fmt: skip
            ring = np.stack([cx + rx * np.cos(turn), cy + ry * np.sin(turn)], axis=1)
            self._part(at(*ring), stops, 0.7, base, 6 * size)
        self._part(limb(((-22, -20), (6, -30), (20, -12)), (5, 9, 5)), hue, 0.3, 0.8, 2 * size)

    def _skirt(self, waist: np.ndarray, size: float, hue: np.ndarray) -> None:
        """Gauze in three flounces standing out from the waist; every stroke runs from the waist to the hem."""
        x, y = self.sheet.x - waist[0], self.sheet.y - waist[1]
        turn = np.arctan2(1.7 * (y + 16 * size), x)
        far = np.hypot(x, 1.7 * (y + 16 * size)) / size
        folds = np.sin(turn * 19 + 1.5 * self.sheet.noise(50 * size)) + 0.6 * np.sin(turn * 43 + waist[0])
        for reach, base in ((192, 0.40), (158, 0.56), (112, 0.66)):
            ruffle = 1 + 0.05 * np.sin(turn * 11 + reach) + 0.03 * np.sin(turn * 27)
            rim = reach * ruffle * (0.82 + 0.34 * np.abs(np.sin(turn)))
            lit = base + 0.13 * folds + 0.18 * np.cos(turn + 2.3) - 0.10 * step(0, 1, np.sin(turn))
            lit += 0.22 * step(0.5, 1.0, far / rim)
            cover = step(1.03, 0.97, far / rim)
            tint = over(ramp(hue, lit), ramp(ROSE, lit + 0.1), 0.30 * step(0.2, 1.2, self.sheet.noise(60 * size)))
            self.lay(cover, tint, np.arctan2(y + 16 * size, x), 0.55)
        angles = np.linspace(0, 2 * np.pi, 90)
        edge = 192 * size * (0.82 + 0.34 * np.abs(np.sin(angles))) * (1 + 0.05 * np.sin(angles * 11 + 192))
        hem = np.stack([edge * np.cos(angles), edge * np.sin(angles) / 1.7 - 16 * size], axis=1)
        self.contours.append((waist + hem).astype(np.float32))
