"""Frames painted by the engine: the first of a shot as a photo is, the others carried along, and painted where they are new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from portrait_nst import imaging
from portrait_nst.imaging.continuation import continue_past
from portrait_nst.motion.motion import Motion
from portrait_nst.pipeline.styles import Style
from portrait_nst.pipeline.stylizer import Stylizer
from portrait_nst.settings import Settings
from portrait_nst.types import FloatArray
from portrait_nst.video.painter import State
from portrait_nst.video.painters.changes import HALF, changes, of_person
from portrait_nst.video.painters.pages import Pages
from portrait_nst.video.painters.studio import Orders, Studio, View
from portrait_nst.video.seen import SeenFrame

AFRESH = 0.9  # share of the person from which on a frame is painted as the first one
MIDDLE = np.float32(0.5)  # added to detail, which lies around 0, so that pages hold it
BEYOND = 8  # px of the continuation that hold in the next frame, so that a rim that moves a little is not painted anew
MAP = ("matrix", "mean", "goal")  # of colours


def engine_frames(style: Style, settings: Settings, stylizer: Stylizer) -> EngineFrames:
    """The `FramePainter` of the qualities draft, standard and fine for the person. The background is not its business."""
    return EngineFrames(style, settings, stylizer)


class EngineFrames:
    """The `FramePainter` of the qualities draft, standard and fine.

    Ruder et al., "Artistic Style Transfer for Videos", 2016, begin each frame from the painting before, carried along the flow,
    and let a temporal term hold it. Opposed to them, what is the same is not optimised again at all: it stays as it was painted,
    and moves (`Pages`), which costs little, blurs nothing and drifts nowhere. Only what came into view, changed its look, or was
    stretched is painted (`changes`), from coarse to fine in few steps. Light that changes slowly is passed on. A frame in which
    most is new is painted as a photo is.

    All that belongs to the style is computed once, and what could pump is fixed by the samples of a shot: the map of colours,
    whether it is grey, the size; the mean of queries is that of the first frame.
    """

    def __init__(self, style: Style, settings: Settings, stylizer: Stylizer) -> None:
        """`settings` are those of the paintings; `stylizer` has their encoder."""
        self._style, self._stylizer = style, stylizer
        self._settings = settings.replace(background="keep")
        self._orders: Orders | None = None
        self._studio: Studio | None = None
        self._forget()

    def _forget(self) -> None:
        self._canvas: Pages | None = None  # of the canvas, and of the frame's own colours where it was painted
        self._detail: Pages | None = None
        self._held: FloatArray = np.zeros((0, 0), np.float32)  # where something was painted in the frame before
        self._centres: list[Any] = []
        self._firmer, self._number = 1.0, 0

    def begin(self, samples: Sequence[SeenFrame]) -> None:
        """A new shot; see `FramePainter`. Colours are moved by one map for all frames, that of the `samples` together."""
        self._forget()
        painted = [seen for seen in samples if seen.alpha.any()]
        if not painted:
            self._orders = self._studio = None
            return
        largest = max(painted, key=lambda seen: float(seen.alpha.sum()))
        grey = all(imaging.is_grey(seen.rgb, seen.alpha > 0) for seen in painted)
        self._orders = largest.rgb, largest.alpha, grey
        self._open(self._orders).measure_colours(painted)

    def _open(self, orders: Orders) -> Studio:
        self._studio = Studio(self._style, self._settings, self._stylizer, orders)
        return self._studio

    def paint(self, seen: SeenFrame) -> FloatArray:
        """The next frame of the shot; see `FramePainter`."""
        if not seen.alpha.any() or (self._settings.painterly and self._settings.strength == 0):
            self._canvas = self._detail = None  # who comes back is painted as for the first time
            return imaging.to_float(seen.rgb)
        if self._studio is None:
            self.begin([seen])
        studio = self._studio
        assert studio is not None
        view = studio.view(seen, self._firmer)
        if studio.plan.flat:
            return imaging.to_float(studio.flat(view))
        carried = None
        if self._canvas is not None and seen.motion is not None:
            carried = self._carried(studio, view, seen.motion)
        canvas, detail = self._first(studio, view) if carried is None else carried
        self._held = cv2.dilate((view.mask > HALF).astype(np.float32), np.ones((2 * BEYOND + 1,) * 2, np.uint8))
        self._number += 1
        return imaging.to_float(studio.finished(canvas, detail, view))

    def _first(self, studio: Studio, view: View) -> tuple[FloatArray, FloatArray | None]:
        """The canvas and the detail of a frame that is painted as a photo is."""
        canvas, self._firmer = studio.first(view)
        self._centres = studio.centres(canvas, view.mask)
        canvas = continued(canvas, view.mask > HALF)
        self._canvas = Pages(np.concatenate([canvas, view.small], -1))
        detail = studio.brush(canvas, view)
        self._detail = None if detail is None else Pages(detail + MIDDLE)
        return canvas, detail

    def _carried(self, studio: Studio, view: View, motion: Motion) -> tuple[FloatArray, FloatArray | None] | None:
        """The canvas and the detail of a frame, from those before; None if too much is new."""
        assert self._canvas is not None
        moved = of_person(_at_size(motion, studio.size), view.mask)
        self._canvas.move(moved.back)
        both = self._canvas.picture()
        held = moved.trust * _nearest(self._held, moved.back)
        found = changes(view.small, both[..., 3:], held, self._canvas.stretch(), view.mask)
        if found.new.sum() > AFRESH * (view.mask > 0).sum():
            return None
        canvas = np.clip(both[..., :3] + studio.in_style(found.light), 0, 1)
        if found.new.any():
            # Gram matrices are of the whole, which is painted then, though only what is new of it is taken.
            place = found.work if studio.config.nearest is not None else np.ones_like(found.work)
            painted = studio.parts(view, canvas, found.agree, place, self._centres, self._shift)
            canvas = canvas + found.work[..., None] * (painted - canvas)
            self._canvas.write(np.concatenate([canvas, view.small], -1), found.new)
        if self._detail is None:
            return canvas, None
        size = self._detail.size
        self._detail.move(_at_size(moved, size).back)
        detail = self._detail.picture() - MIDDLE
        if found.new.any():
            fresh = studio.brush(canvas, view, found.work)
            assert fresh is not None
            work = _resized(found.work, size)
            detail = detail + work[..., None] * (fresh - detail)
            self._detail.write(detail + MIDDLE, work > 0)
        return canvas, detail

    @property
    def _shift(self) -> tuple[int, int]:
        """The shift of the sampling grid: another one for each frame, in a fixed shuffled order."""
        number = int(np.random.default_rng(self._number // 16).permutation(16)[self._number % 16])
        return number // 4, number % 4

    def state(self) -> State:
        """What it remembers of the shot so far; see `FramePainter`."""
        if self._orders is None or self._studio is None:
            return {}
        rgb, alpha, grey = self._orders
        found: dict[str, Any] = {"rgb": rgb, "alpha": alpha, "grey": np.bool_(grey), "held": self._held}
        found |= {"firmer": np.float64(self._firmer), "number": np.int64(self._number)}
        found |= {name: getattr(self._studio.maps[0], name) for name in MAP}
        for name, pages in (("canvas", self._canvas), ("detail", self._detail)):
            found |= {} if pages is None else {f"{name}/{key}": each for key, each in pages.state().items()}
        for scale, regions in enumerate(self._centres):
            found |= {f"centre/{scale}/{k[0]}/{k[1]}": v.cpu().numpy() for region in regions for k, v in region.items()}
        lengths = [follower.length for follower in self._studio.followers] if self._centres else []
        found["lengths"] = np.array([np.nan if each is None else each for each in lengths], np.float64)
        return {name: np.array(value) for name, value in found.items()}

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        """Go on from what `state` returned."""
        import torch

        from portrait_nst.transfer.colour import ColourMap

        self._forget()
        self._orders = self._studio = None
        if not state:
            return
        self._orders = np.array(state["rgb"], np.uint8), np.array(state["alpha"], np.float32), bool(state["grey"])
        studio = self._open(self._orders)
        studio.maps = [ColourMap(*(np.array(state[name], np.float64) for name in MAP))]
        self._held = np.array(state["held"], np.float32)
        self._firmer, self._number = float(state["firmer"].item()), int(state["number"].item())
        kept = {name: _below(state, name) for name in ("canvas", "detail")}
        self._canvas, self._detail = (Pages.restored(each) if each else None for each in kept.values())
        scales: dict[str, dict[Any, Any]] = {}
        for name, value in _below(state, "centre").items():
            scale, level, layer = name.split("/", 2)
            tensor = torch.from_numpy(np.array(value)).to(studio.config.device)
            scales.setdefault(scale, {})[int(level), layer] = tensor
        self._centres = [[scales[scale]] for scale in sorted(scales, key=int)]
        for follower, length in zip(studio.followers if len(state["lengths"]) else [], state["lengths"].tolist()):
            follower.length = None if np.isnan(length) else length


def continued(canvas: FloatArray, there: NDArray[np.bool_]) -> FloatArray:
    """`canvas` (h, w, 3) with what is painted `there` (h, w) continued past its edge."""
    if there.all() or not there.any():
        return canvas
    found: FloatArray = np.where(
        there[..., None], canvas, imaging.to_float(continue_past(imaging.to_uint8(canvas), there))
    )
    return found


def _below(state: Mapping[str, NDArray[np.generic]], name: str) -> State:
    """The entries "name/..." of `state`."""
    return {key.removeprefix(f"{name}/"): value for key, value in state.items() if key.startswith(f"{name}/")}


def _at_size(motion: Motion, size: tuple[int, int]) -> Motion:
    if motion.size == size:
        return motion
    times = np.array([size[1] / motion.size[1], size[0] / motion.size[0]], np.float32)
    return Motion(_resized(motion.back, size) * times, _resized(motion.trust, size))


def _resized(array: FloatArray, size: tuple[int, int]) -> FloatArray:
    if array.shape[:2] == size:
        return array
    how = cv2.INTER_AREA if size[0] < array.shape[0] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(array, size[::-1], interpolation=how), np.float32)


def _nearest(mask: FloatArray, back: FloatArray) -> FloatArray:
    """`mask` (h, w) carried along `back`, by the nearest pixels; 0 beyond its edges."""
    columns = back[..., 0] + np.arange(back.shape[1], dtype=np.float32)
    rows = back[..., 1] + np.arange(back.shape[0], dtype=np.float32)[:, None]
    found = cv2.remap(mask, columns, rows, cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(found, np.float32)
