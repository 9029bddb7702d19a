"""Parts of a face get tones of their own, where the photo gives reason.

Tones that divide a whole face evenly can leave an iris, a brow or the line between the lips without a border. So each part is
compared with what surrounds it. Where the two differ by `_CONTRAST`, the pixels on the part's side of the middle between them
become at least one tone darker, or lighter, than the surroundings. The landmarks say only where to look: an eye behind dark
glass, a brow under hair and a shadow without nostrils have no contrast, and so nothing is drawn there.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from portrait_nst import faces
from portrait_nst.pop_art.partition.face_maps import filled
from portrait_nst.pop_art.partition.framing import Frame
from portrait_nst.types import Face, FloatArray

Mask = NDArray[np.bool_]

_CONTRAST = 0.035
"""The difference in OKLab lightness from which a part counts as seen; light on plain skin varies by less."""
_FEW = 12
"""Fewer pixels than these, where a face is 300 px wide, say nothing about a part."""


def mark_parts(frame: Frame, tone: NDArray[np.uint8], tones: int) -> tuple[NDArray[np.uint8], Mask]:
    """(h, w) uint8 tones in which the parts of faces stand out from what surrounds them, and the mask of these parts.

    tone: the tone of each pixel, 0 the darkest of `tones`.
    """
    marked, fixed = tone.copy(), np.zeros(tone.shape, bool)
    for face in frame.faces:
        window = _Window.around(frame, face, marked, fixed, tones)
        if window is not None:
            window.mark_lips()
            for side in ("right", "left"):
                window.mark_brow(side)
                window.mark_eye(side)
            window.mark_nostrils()
    return marked, fixed


@dataclass(frozen=True, eq=False)
class _Window:
    """The part of a frame around one face.

    light:  (h, w) lightness, a little smoothed, in which red lips are darker.
    tone:   (h, w) view of the tones, which `mark` changes.
    fixed:  (h, w) view of the mask of the parts, which `mark` extends.
    person: (h, w) where the person is.
    origin: x and y of the window in the frame.
    eyes:   the distance between the eyes in pixels: the unit of all lengths here.
    few:    areas of fewer pixels are not considered.
    """

    face: Face
    light: FloatArray
    tone: NDArray[np.uint8]
    fixed: Mask
    person: Mask
    origin: FloatArray
    eyes: float
    few: float
    tones: int

    @classmethod
    def around(cls, frame: Frame, face: Face, tone: NDArray[np.uint8], fixed: Mask, tones: int) -> _Window | None:
        """The window of a face; None where it lies outside the frame."""
        outline, eyes = faces.contour(face, "outline"), faces.eye_distance(face)
        x0, y0 = np.maximum(np.floor(outline.min(axis=0) - 0.2 * eyes), 0).astype(int)
        x1, y1 = np.minimum(np.ceil(outline.max(axis=0) + 0.2 * eyes), (frame.width, frame.height)).astype(int)
        if min(x1 - x0, y1 - y0) < 8:
            return None
        part = slice(y0, y1), slice(x0, x1)
        light = np.asarray(cv2.GaussianBlur(frame.light[part], (0, 0), 0.8 * frame.unit), np.float32)
        origin = np.array([x0, y0], np.float32)
        few = _FEW * frame.unit**2
        return cls(face, light, tone[part], fixed[part], frame.person[part], origin, eyes, few, tones)

    def inside(self, part: str, grow: float = 0.0) -> Mask:
        """Where a part is, grown by a length."""
        height, width = self.light.shape
        return self._within(filled((width, height), faces.contour(self.face, part) - self.origin), grow)

    def along(self, line: str, reach: float) -> Mask:
        """Where a line is, and what lies within a length of it; nowhere if the line is not known."""
        points = faces.open_line(self.face, line)
        mask = np.zeros(self.light.shape, np.float32)
        if points is None:
            return np.zeros(self.light.shape, np.bool_)
        cv2.polylines(mask, [np.rint((points - self.origin) * 16 - 8).astype(np.int32)], False, 1.0, 1, cv2.LINE_8, 4)
        return self._within(mask, reach)

    def _within(self, mask: FloatArray, grow: float) -> Mask:
        away = cv2.distanceTransform((mask < 0.5).astype(np.uint8), cv2.DIST_L2, 5)
        return np.asarray((away <= grow * self.eyes) & self.person, np.bool_)

    def mark(self, core: Mask, reach: Mask, around: Mask, darker: bool = True, share: float = 1.0) -> Mask:
        """Give the pixels of a part in `reach` a tone of their own, and return them; none where the photo gives no reason.

        core:   where the part surely is; around: what it is compared with.
        darker: whether the part is darker than that, or else lighter.
        share:  the share of the core, its darkest or lightest pixels, that counts.
        """
        nothing = np.zeros(core.shape, bool)
        if min(core.sum(), around.sum()) < self.few:
            return nothing
        sign = 1.0 if darker else -1.0
        own = np.sort(sign * self.light[core])[: max(1, round(share * core.sum()))].mean()
        other = float(np.median(sign * self.light[around]))
        if other - own < _CONTRAST / share**0.5:
            return nothing
        part = reach & (sign * self.light < (own + other) / 2)
        part = np.asarray(reach & (cv2.medianBlur(part.astype(np.uint8), 5) > 0), np.bool_)
        if part.sum() < self.few:
            return nothing
        base = int(np.median(self.tone[around])) - (1 if darker else -1)
        level = int(np.median(self.tone[part]))
        level = min(level, base) if darker else max(level, base)
        if not 0 <= level < self.tones:
            return nothing
        self.tone[part] = np.minimum(self.tone[part], level) if darker else level
        self.fixed[part] = True
        return np.asarray(part, bool)

    def mark_brow(self, side: str) -> None:
        """A brow is darker than the skin around it."""
        brow, eye = f"{side} brow", self.inside(f"{side} eye", 0.08)
        skin = self.inside(brow, 0.2) & ~self.inside(brow, 0.08) & ~eye
        self.mark(self.inside(brow), self.inside(brow, 0.05) & ~eye, skin)

    def mark_eye(self, side: str) -> None:
        """Iris and upper lid are darker than the white of the eye and the skin; the white is lighter than they are."""
        eye, iris = f"{side} eye", f"{side} iris"
        opening = self.inside(eye, 0.01)
        lid = self.along(f"{side} upper lid", 0.03)
        white = opening & ~self.inside(iris, 0.03) & ~lid
        skin = self.inside(eye, 0.18) & ~self.inside(eye, 0.08) & ~self.inside(f"{side} brow", 0.05)
        beside = white if white.sum() >= self.few else skin
        dark = self.mark(self.inside(iris) & opening, self.inside(iris, 0.03) & self.inside(eye, 0.03), beside)
        dark |= self.mark(lid, self.along(f"{side} upper lid", 0.06), skin)
        if not dark.any():
            return
        self.tone[dark] = self.tone[dark].min()
        white = self.mark(white & ~dark, opening & ~dark, dark, darker=False)
        if white.any():  # in its shade it is seen as white all the same
            self.tone[white] = max(int(self.tone[white].max()), int(np.median(self.tone[skin])))

    def mark_lips(self) -> None:
        """Lips are darker or redder than the skin; the line between them is darker still, teeth are lighter."""
        inner = self.inside("mouth")
        lips = self.inside("lips") & ~inner
        skin = self.inside("lips", 0.18) & ~self.inside("lips", 0.05)
        self.mark(lips, self.inside("lips", 0.02), skin)
        line = self.along("between the lips", 0.025)
        self.mark(line, self.along("between the lips", 0.06), lips & ~line)
        self.mark(inner & ~line, inner, lips & ~line, darker=False)

    def mark_nostrils(self) -> None:
        """Nostrils are darker than the nose."""
        below = self.along("nostrils", 0.07)
        self.mark(below, below, self.inside("nose") & ~below, share=0.2)
