"""A picture carried along for many frames without being interpolated more than once.

Carried from frame to frame, a picture is interpolated in each, and blurs. So its places are carried instead of its colours, as
in Max & Becker, "Flow visualization using moving textures", 1995: of each pixel is known in which *page*, a picture of an
earlier frame, it was painted last, and where in it. Places are smooth, so that interpolating them costs nothing. Opposed to the
paper, which fades between two textures, there are a few pages, and what is new is written into a page of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from portrait_nst.types import FloatArray, UInt8Array
from portrait_nst.video.painter import State

MOST = 8  # pages; when they are full, the one of the fewest pixels is given up, and these are interpolated once more
TORN = 0.5  # px by which neighbouring places may differ from the motion's own before they count as torn apart
_AROUND = np.ones((3, 3), np.uint8)


class Pages:
    """Pages of a picture (h, w, c) in [0, 1], kept as bytes, and the page and the place in it of each pixel."""

    def __init__(self, picture: FloatArray) -> None:
        """The first page is `picture`, and each pixel is at its own place in it."""
        self._pages = [_bytes(picture)]
        self._page: UInt8Array = np.zeros(picture.shape[:2], np.uint8)
        self._place = self._own = _own_places(self.size)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""
        return self._page.shape[0], self._page.shape[1]

    def move(self, back: FloatArray) -> None:
        """Carry all along `back` (h, w, 2), as in `Motion`. Nothing changes where that is 0."""
        if not back.any():
            return
        to = self._own + back
        height, width = self.size
        column = np.clip(np.rint(to[..., 0]), 0, width - 1).astype(np.intp)
        row = np.clip(np.rint(to[..., 1]), 0, height - 1).astype(np.intp)
        apart = self._place - self._own  # goes on past the edges of the picture, as places do not
        nearest = to + apart[row, column]
        between = to + _at(apart, to, cv2.INTER_LINEAR)
        one_page = cv2.dilate(self._page, _AROUND) == cv2.erode(self._page, _AROUND)
        whole = one_page[row, column] & (np.abs(between - nearest).max(-1) < TORN)
        self._place = np.where(whole[..., None], between, nearest).astype(np.float32)
        self._page = self._page[row, column]

    def picture(self) -> FloatArray:
        """(h, w, c) float32 in [0, 1]: the picture as it is now."""
        found = np.zeros((*self.size, self._pages[0].shape[2]), np.float32)
        for number, page in enumerate(self._pages):
            there = self._page == number
            if there.any():
                rows, columns = np.flatnonzero(there.any(1)), np.flatnonzero(there.any(0))
                box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
                part = _at(page, self._place[box], cv2.INTER_LANCZOS4)  # of all in cv2 it keeps most of fine texture
                found[box] = np.where(there[box][..., None], part, found[box])
        return np.asarray(np.clip(found / np.float32(255), 0, 1), np.float32)

    def write(self, picture: FloatArray, where: NDArray[np.bool_]) -> None:
        """The pixels `where` (h, w) are now those of `picture` (h, w, c), which shows all of the frame."""
        if not where.any():
            return
        if len(self._pages) < MOST:
            number = len(self._pages)
            self._pages.append(_bytes(picture))
        else:
            number = int(np.bincount(self._page[~where], minlength=MOST).argmin())
            where = where | (self._page == number)
            self._pages[number] = _bytes(picture)
        self._page = np.where(where, np.uint8(number), self._page)
        self._place = np.where(where[..., None], self._own, self._place)

    def stretch(self) -> FloatArray:
        """(h, w) from 1: how many times longer or shorter than in its page a line is, along the direction that changed most."""
        across, down = (np.asarray(cv2.blur(np.gradient(self._place, axis=axis), (5, 5))) for axis in (1, 0))
        e, g = (each * each for each in (np.linalg.norm(across, axis=-1), np.linalg.norm(down, axis=-1)))
        f = (across * down).sum(-1)
        apart = np.sqrt((e - g) ** 2 / 4 + f * f)
        least, most = np.sqrt(np.maximum((e + g) / 2 - apart, 1e-6)), np.sqrt((e + g) / 2 + apart)
        around = np.ones((9, 9), np.uint8)
        edge = cv2.dilate(self._page, around) != cv2.erode(self._page, around)
        return np.where(edge, 1, np.maximum(most, 1 / least)).astype(np.float32)

    def state(self) -> State:
        """All of it as arrays."""
        return {"pages": np.stack(self._pages), "page": self._page, "place": self._place}

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[np.generic]]) -> Pages:
        """From what `state` returned."""
        found = cls.__new__(cls)
        found._pages = [np.array(page, np.uint8) for page in state["pages"]]
        found._page, found._place = np.array(state["page"], np.uint8), np.array(state["place"], np.float32)
        found._own = _own_places(found.size)
        return found


def _own_places(size: tuple[int, int]) -> FloatArray:
    columns, rows = np.meshgrid(np.arange(size[1], dtype=np.float32), np.arange(size[0], dtype=np.float32))
    return np.stack([columns, rows], -1)


def _at(picture: FloatArray | UInt8Array, places: FloatArray, how: int) -> FloatArray:
    """`picture` (h, w, c) at `places` (..., 2), interpolated."""
    x, y = np.ascontiguousarray(places[..., 0]), np.ascontiguousarray(places[..., 1])
    parts = [picture[..., first : first + 3] for first in range(0, picture.shape[2], 3)]
    found = [cv2.remap(part.astype(np.float32), x, y, how, borderMode=cv2.BORDER_REPLICATE) for part in parts]
    return np.concatenate([each.reshape(*x.shape, -1) for each in found], -1)


def _bytes(picture: FloatArray) -> UInt8Array:
    return np.asarray(np.rint(np.clip(picture, 0, 1) * 255), np.uint8)
