"""One region of a clip, the person or a styled background, painted frame after frame by its network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from portrait_nst import imaging
from portrait_nst.imaging.continuation import continue_past
from portrait_nst.motion.carry import own_places
from portrait_nst.motion.motion import Motion
from portrait_nst.pipeline.instant.canvas import Frozen, painted_region, region_statistics
from portrait_nst.pipeline.instant.strength import local_strength
from portrait_nst.pipeline.subject import Subject
from portrait_nst.qualities import INSTANT
from portrait_nst.settings import Settings
from portrait_nst.transfer import colour
from portrait_nst.types import FloatArray, Matte, Photo, UInt8Array
from portrait_nst.video.material import Material, gone_on, whole
from portrait_nst.video.painter import State
from portrait_nst.video.seen import SeenFrame
from portrait_nst.video.steady import Steady, steadied

if TYPE_CHECKING:
    from torch import Tensor

    from portrait_nst.instant import Gaussian, Network, Painter

CELLS = 16  # pixels of a network's coarsest cells on its own canvas; see `instant.features.STEP`
BOX = 64  # pixels, of which the canvas' sides are multiples: a region whose edge moves does not move its canvas in each frame
SMALLER = 2  # times, at which colours are continued past a matte's edge: a fortieth of the time in which photos' are estimated
SOLID = 0.95  # of the matte, from which on colours are all the region's own
SPREAD = 16  # pixels around a person to which the flow of their motion spreads
RIM = 4.0  # where the matte is under 1 - 1 / RIM, colours are continued ones alone


@dataclass(frozen=True, eq=False)
class View:
    """A frame made ready for painting. grey: whether it is painted as a grey one."""

    seen: SeenFrame
    grey: bool = False

    @cached_property
    def subject(self) -> Subject:
        """The frame as photos are painted."""
        return Subject(Photo(self.seen.rgb), Matte(self.seen.alpha), self.seen.faces)

    def content(self, alpha: FloatArray) -> UInt8Array:
        """(h, w, 3): the colours of a region, which is where `alpha` (h, w) is 1, continued past its edge."""
        import cv2

        rgb = imaging.as_grey(self.seen.rgb) if self.grey else self.seen.rgb
        size = (max(1, rgb.shape[0] // SMALLER), max(1, rgb.shape[1] // SMALLER))
        visible = imaging.resize_mask(alpha, size) >= SOLID
        if visible.all() or not visible.any():
            return rgb
        beyond = cv2.resize(
            continue_past(imaging.resize(rgb, size), visible), alpha.shape[::-1], interpolation=cv2.INTER_LINEAR
        )
        share = cv2.min(np.float32(RIM) - np.float32(RIM) * alpha, 1.0)
        return np.asarray(cv2.blendLinear(beyond, rgb, share, 1 - share))

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""
        return self.seen.rgb.shape[0], self.seen.rgb.shape[1]


@dataclass(frozen=True, eq=False)
class Trail:
    """What the next frame of a region depends on; each is None before the first one."""

    frozen: Frozen | None = None
    material: Material | None = None
    steady: Steady | None = None

    def arrays(self) -> State:
        """It as arrays, by name."""
        found: dict[str, Any] = {}
        if self.frozen is not None:
            for number, maps in enumerate(self.frozen.maps):
                for level, each in enumerate(maps):
                    found[f"map.{number}.{level}"] = np.column_stack([each.matrix.numpy(), each.offset.numpy()])
            for number, (mean, covariance) in enumerate(self.frozen.palette or ()):
                found[f"palette.{number}"] = np.column_stack([covariance, mean])
        if self.material is not None:
            found |= {"shift": self.material.shift, "fading": self.material.fading, "offset": self.material.offset}
            found |= {} if self.material.older is None else {"older": self.material.older}
        if self.steady is not None:
            found |= {"picture": self.steady.picture, "seen": self.steady.seen, "there": self.steady.there}
        return {name: np.asarray(value) for name, value in found.items()}

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> Trail:
        """The trail that gave these `arrays`."""
        import torch

        from portrait_nst.instant.gaussian import AffineMap

        frozen, material, steady = None, None, None
        numbered = [name.split(".")[1:] for name in arrays if name.startswith("map.")]
        if numbered:
            levels = [
                sorted(int(level) for n, level in numbered if n == number)
                for number in sorted({n for n, _ in numbered}, key=int)
            ]
            columns = [
                [torch.from_numpy(np.array(arrays[f"map.{n}.{level}"])) for level in own]
                for n, own in enumerate(levels)
            ]
            maps = [
                tuple(AffineMap(each[:, :-1].contiguous(), each[:, -1].contiguous()) for each in own) for own in columns
            ]
            palette = [
                (each[:, -1], each[:, :-1])
                for each in (arrays.get(f"palette.{n}") for n in range(2))
                if each is not None
            ]
            frozen = Frozen(maps, (palette[0], palette[1]) if palette else None)
        if "shift" in arrays:
            across, down = (int(each) for each in arrays["offset"])
            material = Material(arrays["shift"], arrays.get("older"), int(arrays["fading"]), (across, down))
        if "picture" in arrays:
            steady = Steady(arrays["picture"], arrays["seen"], arrays["there"])
        return cls(frozen, material, steady)


@dataclass(frozen=True, eq=False)
class Region:
    """What paints a region: the person, or, `behind` them, the background. grey: whether its style is grey."""

    painter: Painter
    settings: Settings
    grey: bool = False
    behind: bool = False

    @property
    def network(self) -> Network:
        """Its network."""
        return self.painter.network

    def alpha(self, seen: SeenFrame) -> FloatArray:
        """(h, w) in [0, 1]: where it is in a frame."""
        return np.asarray(1 - seen.alpha if self.behind else seen.alpha, np.float32)

    def frozen(self, views: Sequence[View]) -> Frozen | None:
        """What stays the same for the shot of these `views`, each of which counts by the region's size; None if it is in none."""
        from portrait_nst.instant.gaussian import mixture

        views = [view for view in views if (self.alpha(view.seen) > 0).any()]
        if not views:
            return None
        found, sizes = [], [float(self.alpha(view.seen).sum()) for view in views]
        for view in views:
            content, alpha, local, faces, stroke = self._given(view)
            found.append(region_statistics(self.painter, content, alpha, local, faces, view.size, stroke)[::-1])
        maps = []
        for number in range(max(len(canvases) for canvases in found)):  # from the finest, which all have
            there = [(canvases[number], size) for canvases, size in zip(found, sizes) if number < len(canvases)]
            levels = zip(*(levels for levels, _ in there))
            joined: list[Gaussian] = [
                mixture([(own, size) for own, (_, size) in zip(level, there)]) for level in levels
            ]
            maps.append(self.painter.maps(joined))
        frozen = Frozen(maps[::-1])
        if self.settings.colours in ("style", "luminance"):
            return frozen
        plain = replace(self, settings=self.settings.replace(colours="style"))
        pairs = []
        for view in views:
            painted, alpha = plain.painted(view, frozen), self.alpha(view.seen)
            pictures = (painted, self._given(view)[0])
            pairs.append([colour.mean_and_covariance(imaging.to_float(picture), alpha) for picture in pictures])
        own, goal = (colour.mixture(list(zip(statistics, sizes))) for statistics in zip(*pairs))
        return replace(frozen, palette=(own, goal))

    def next(self, trail: Trail, view: View, firmer: float = 1.0) -> Trail:
        """The trail with the next frame, which has the region somewhere."""
        seen, alpha = view.seen, self.alpha(view.seen)
        frozen = trail.frozen or self.frozen([view])
        motion = _beside(seen.motion, seen.alpha) if self.behind and seen.motion is not None else seen.motion
        before = trail.material
        material = Material.still(view.size) if before is None or motion is None else before.along(motion, alpha)
        assert frozen is not None
        painted = imaging.to_float(self.painted(view, frozen, material, firmer))
        return Trail(frozen, material, steadied(painted, seen.rgb, alpha, motion, trail.steady))

    def painted(self, view: View, frozen: Frozen, material: Material | None = None, firmer: float = 1.0) -> UInt8Array:
        """The frame (h, w, 3) with the region painted by itself."""
        import torch

        from portrait_nst.instant.ground import grain_along

        material = material or Material.still(view.size)
        content, alpha, local, faces, stroke = self._given(view, firmer)
        period = self._period(view.size, stroke)
        left, top = (offset % period for offset in material.offset)
        rims = (top, period - top, left, period - left)  # the canvas' grid follows the body by whole pixels

        def grain(place: tuple[slice, slice], size: tuple[int, int]) -> Tensor:
            return torch.from_numpy(
                material.printed(
                    lambda at: grain_along(at).numpy(),
                    lambda shift: _places(whole(shift, view.size), rims, place, size),
                )
            )

        found = painted_region(
            self.painter,
            _framed(content, rims),
            _framed(alpha, rims, nothing=True),
            _framed(local, rims),
            None if faces is None else _framed(faces, rims),
            self.settings,
            (view.size[0] + period, view.size[1] + period),
            stroke * max(view.size) / (max(view.size) + period),
            frozen=frozen,
            grain=grain,
            grid=max(BOX, period),
        )
        own = np.ascontiguousarray(found[top : top + view.size[0], left : left + view.size[1]])
        return imaging.as_grey(own) if view.grey else own  # rounding may have changed a channel by one level

    def _given(
        self, view: View, firmer: float = 1.0
    ) -> tuple[UInt8Array, FloatArray, FloatArray, FloatArray | None, float]:
        """Content, region, local strength, faces and stroke, as `painted_region` takes them."""
        subject, longest = view.subject, max(view.size)
        stroke = self.settings.style_scale
        if self.settings.size is None:  # small faces are painted larger than usual so that strokes are narrower
            stroke *= min(1.0, INSTANT.size / longest)
        stroke *= max(1.0, INSTANT.size / longest)  # a clip is painted at a small size so that it is quick
        faces = subject.face_map if subject.faces else None
        local = local_strength(subject, self.settings, firmer)
        alpha = self.alpha(view.seen)
        return view.content(alpha), alpha, local, faces, stroke

    @staticmethod
    def _period(size: tuple[int, int], stroke: float) -> int:
        """Pixels of the frame after which the network's grid comes again on its coarsest canvas."""
        from portrait_nst.instant.large import canvases

        sizes = canvases(size, "full", stroke)
        return CELLS * max(1, round(max(sizes[-1]) / max(sizes[0])))


def _beside(motion: Motion, alpha: FloatArray) -> Motion:
    """The motion of the background: beside the person, who is where `alpha` (h, w) is over 0, that of what lies farther off.

    There it is trusted: what the person uncovers, and what differs, `steadied` sees by itself.
    """
    import cv2

    near = cv2.dilate((alpha > 0).astype(np.uint8), np.ones((2 * SPREAD + 1, 2 * SPREAD + 1), np.uint8)) > 0
    if near.all() or not near.any():
        return motion
    back = np.where(near[..., None], gone_on(motion.back, near), motion.back)
    return Motion(back, np.maximum(motion.trust, near.astype(np.float32)))


def _framed(array: Any, rims: tuple[int, int, int, int], *, nothing: bool = False) -> Any:
    """`array` (h, w[, C]) continued by reflection, or by `nothing`, by `rims` pixels at the top, bottom, left and right."""
    import cv2

    return cv2.copyMakeBorder(array, *rims, cv2.BORDER_CONSTANT if nothing else cv2.BORDER_REFLECT_101)


def _places(
    shift: FloatArray, rims: tuple[int, int, int, int], place: tuple[slice, slice], size: tuple[int, int]
) -> FloatArray:
    """(h, w, 2): the places that the pixels of a canvas of `size` show, which is the box `place` of a frame with `rims`."""
    import cv2

    top, _, left, _ = rims
    framed = cv2.copyMakeBorder(shift, *rims, cv2.BORDER_REPLICATE)
    found = framed[place] + own_places(*framed.shape[:2])[place]
    found -= np.array((left, top), np.float32)
    if found.shape[:2] == size:
        return np.asarray(found, np.float32)
    scale = np.array([size[1] / found.shape[1], size[0] / found.shape[0]], np.float32)
    return np.asarray((colour.resize(found, size) + np.float32(0.5)) * scale - np.float32(0.5), np.float32)
