"""What all frames of a shot are painted with: the plan, the map of colours, and what belongs to the style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from portrait_nst import imaging
from portrait_nst.pipeline import face_guidance, finishing
from portrait_nst.pipeline.paint_plan import PaintPlan
from portrait_nst.pipeline.styles import Style
from portrait_nst.pipeline.stylizer import Stylizer
from portrait_nst.pipeline.subject import Subject
from portrait_nst.settings import Settings
from portrait_nst.transfer import StyleOptimizer, brushwork, colour, initialization, overlay_detail, transfer_detail
from portrait_nst.transfer.following import Centres, Follower, Following
from portrait_nst.types import FloatArray, Matte, Photo, UInt8Array
from portrait_nst.video.seen import SeenFrame

if TYPE_CHECKING:
    from portrait_nst.transfer import StyleSource

TEMPORAL = 30.0  # weight of agreement with the frame before
# Steps at the finest scales, of what is painted anew: about half of those of a photo, at the finest scale as many.
STEPS = {"draft": (6, 4, 3), "standard": (12, 10, 8), "fine": (16, 14, 12)}
MOST_GAIN = 3.0  # of light that is passed on; portraits and paintings have 1 to 2
STACKED = 128  # px: height of the samples from which the map of colours is taken
Orders = tuple[UInt8Array, FloatArray, bool]  # (h, w, 3) and (h, w): a frame and its matte; whether all frames are grey


@dataclass(frozen=True, eq=False)
class View:
    """A frame made ready for painting; arrays have the painted size.

    subject: the frame as photos are painted; own: (H, W, 3), its person's colours, continued past the matte's edge.
    whole:   (H, W, 3) float32, these in the style's colours; content: (h, w, 3) the same at the painted size.
    small:   (h, w, 3) float32, `own` at the painted size.
    mask:    (h, w) in [0, 1], what is painted; faces: (h, w) or None; weights: (h, w) of the content, or None.
    """

    subject: Subject
    own: UInt8Array
    whole: FloatArray
    content: FloatArray
    small: FloatArray
    mask: FloatArray
    faces: FloatArray | None
    weights: FloatArray | None


class Studio:
    """Paints the first frame of a shot, and parts of the later ones."""

    def __init__(self, style: Style, settings: Settings, stylizer: Stylizer, orders: Orders) -> None:
        """The plan is made for the frame and the matte of the `orders`, without faces: its size is fixed for the shot."""
        rgb, alpha, grey = orders
        self.style, self.settings, self.stylizer = style, settings, stylizer
        plan = stylizer.plan(Subject(Photo(rgb), Matte(alpha)), style, settings)
        assert isinstance(plan, PaintPlan)
        self.plan, self.grey = plan, grey and plan.grey
        self.config = replace(plan.config, recolour=0.0, grey=self.grey or settings.colours == "luminance")
        self.maps: list[colour.ColourMap] = []
        self._patches: dict[int, Any] = {}

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) that is painted."""
        return self.config.sizes[-1]

    def measure_colours(self, samples: Sequence[SeenFrame]) -> None:
        """Take the map of colours from all `samples` together."""
        rows, alphas = [], []
        for seen in samples:
            high, wide = seen.alpha.shape
            size = (STACKED, max(1, round(wide * STACKED / high)))
            rows.append(colour.resize(imaging.to_float(self._own(Subject(Photo(seen.rgb), Matte(seen.alpha)))), size))
            alphas.append(colour.resize(seen.alpha, size))
        stacked, region = np.concatenate(rows), np.concatenate(alphas)
        stacked = colour.grey_array(stacked) if self.config.grey else stacked
        bounded = self.config.nearest is not None
        self.maps = initialization.colour_maps(stacked, self.plan.sources[:1], [region], bounded=bounded)

    def view(self, seen: SeenFrame, firmer: float = 1.0) -> View:
        """A frame made ready. firmer: how much more firmly than usual faces are held."""
        subject = Subject(Photo(seen.rgb), Matte(seen.alpha), seen.faces)
        own = self._own(subject)
        whole = imaging.to_float(own)
        whole = colour.grey_array(whole) if self.config.grey else whole
        looks = colour.resize(whole, self.size)
        if self.plan.config.recolour:
            moved = colour.moved(whole, [(seen.alpha, self.maps[0])])
            whole = initialization.mixed(whole, moved, self.plan.config.recolour)
        weights = face_guidance.content_weight_map(subject, self.settings)
        faces = subject.in_faces if seen.faces else None
        if weights is not None and faces is not None and firmer != 1:
            weights = weights * (1 + np.float32(firmer - 1) * faces)
        mask, content = colour.resize(seen.alpha, self.size), colour.resize(whole, self.size)
        small = [None if each is None else colour.resize(each, self.size) for each in (faces, weights)]
        return View(subject, own, whole, content, looks, mask, *small)

    def in_style(self, light: FloatArray) -> FloatArray:
        """By how much the content in the style's colours changes where the frame's own colours change by `light` (h, w, 3).

        No direction of colours is amplified more than `MOST_GAIN` times: a photo of few colours would lend noise a gain of 20.
        """
        gains, directions = np.linalg.eigh(self.maps[0].matrix)  # a transport between Gaussians is symmetric
        matrix = (directions * np.clip(gains, 0, MOST_GAIN)) @ directions.T
        share = np.float32(self.plan.config.recolour)
        found: FloatArray = light + share * (light @ matrix.T.astype(np.float32) - light)
        return found

    def flat(self, view: View) -> UInt8Array:
        """The frame in the colour of a style that has only one."""
        alpha = view.subject.matte.alpha
        return imaging.to_uint8(colour.moved(imaging.to_float(view.own), [(alpha, self.maps[0])]))

    def first(self, view: View) -> tuple[FloatArray, float]:
        """The canvas (h, w, 3) of a first frame, painted as a photo is, and how much more firmly its faces were held."""
        subject, plan, alpha = view.subject, self.plan, view.subject.matte.alpha
        start = plan.start
        if self.settings.init == "statistics":
            start = colour.moved(imaging.to_float(view.own), [(alpha, self.maps[0])])
        faces = None
        if self.settings.likeness or self.settings.gain_maps or self.settings.identity_weights:
            own = self.stylizer.plan(subject, self.style, self.settings.replace(size=max(self.size)))
            faces = own.faces if isinstance(own, PaintPlan) else None
        optimizer = StyleOptimizer(
            self.stylizer.network,
            view.whole,
            self._sources(alpha),
            self.config,
            face_guidance.content_weight_map(subject, self.settings),
            initial_image=start,
            store=self.stylizer.store,
            portrait=faces,
            faces=subject.in_faces if subject.faces else None,
        )
        for _ in optimizer.steps():
            pass
        firmer = float(optimizer.content_weights.at_faces)
        return optimizer.finish(), firmer

    @cached_property
    def followers(self) -> list[Follower]:
        """What paints parts, at each of the finest scales, coarse to fine.

        Gram matrices are left out: a part has not the statistics of the whole. Where they are all there is, the whole of a frame
        is painted.
        """
        config, gram = self.config, self.config.nearest is None
        if not gram:
            config = replace(config, weights=replace(config.weights, style=0.0))
        count = min(len(config.sizes), len(STEPS[self.settings.quality]))
        ends = range(len(config.sizes) - count + 1, len(config.sizes) + 1)
        return [
            Follower(
                self.stylizer.network,
                replace(config, sizes=config.sizes[:end], iterations=config.iterations[:end]),
                self.plan.sources[:1],
                self.stylizer.store,
                TEMPORAL,
                coarsest=end == ends[0],
            )
            for end in ends
        ]

    def centres(self, canvas: FloatArray, mask: FloatArray) -> list[Centres]:
        """The means of queries at each scale of the `followers`, of the first frame's painting."""
        return [
            follower.centres(colour.resize(canvas, follower.size), [colour.resize(mask, follower.size)])
            for follower in self.followers
        ]

    def parts(
        self,
        view: View,
        before: FloatArray,
        trust: FloatArray,
        work: FloatArray,
        centres: Sequence[Centres],
        shift: tuple[int, int],
    ) -> FloatArray:
        """The canvas (h, w, 3), painted where `work` (h, w; [0, 1]) is, from coarse to fine; elsewhere it is `before`.

        before, trust: the canvas before, carried, and how far it holds. New parts begin with the content in the style's colours.
        """
        found = before + work[..., None] * (view.content - before)
        steps = STEPS[self.settings.quality][-len(self.followers) :]
        for follower, count, centre in zip(self.followers, steps, centres):
            size = follower.size

            def at(array: FloatArray, size: tuple[int, int] = size) -> FloatArray:
                return array if array.shape[:2] == size else colour.resize(array, size)

            weights, faces = (None if each is None else at(each) for each in (view.weights, view.faces))
            start = at(found)
            frame = Following(at(view.content), [at(view.mask)], weights, faces, start, at(before), at(trust), at(work))
            change = follower.paint(frame, centre, min(count, follower.config.iterations[-1]), shift) - start
            found = np.clip(found + (change if size == self.size else colour.resize(change, self.size)), 0, 1)
        return np.asarray(found, np.float32)

    def brush(self, canvas: FloatArray, view: View, where: FloatArray | None = None) -> FloatArray | None:
        """The style's detail (H', W', 3) for a canvas, searched `where` (h, w) is over 0; None if none is wanted."""
        subject = view.subject
        if finishing.style_share(subject, self.size, self.settings) is None:
            return None
        alpha = subject.matte.alpha
        region = alpha if where is None else alpha * (colour.resize(where, subject.size) > 0)
        return brushwork(canvas, subject.size, self._sources(region), self.config, self._patches)[1]

    def finished(self, canvas: FloatArray, detail: FloatArray | None, view: View) -> UInt8Array:
        """The painting (H, W, 3) at the frame's size, with the `detail` of `brush`; see `pipeline.finishing.finished`."""
        subject = view.subject
        draw = finishing.draughtsman(subject, view.own, self.settings) or (lambda picture: picture)
        plain = transfer_detail(view.own, canvas)
        shares = finishing.style_share(subject, self.size, self.settings)
        if shares is not None and detail is not None:
            plain = overlay_detail(plain, finishing.low(canvas), detail, shares)
        painted = draw(plain)
        if self.settings.colours == "luminance":
            painted = imaging.to_uint8(colour.with_chroma_of(imaging.to_float(painted), imaging.to_float(view.own)))
        return imaging.as_grey(painted) if self.grey else painted

    def _own(self, subject: Subject) -> UInt8Array:
        return imaging.as_grey(subject.foreground) if self.grey else subject.foreground

    def _sources(self, region: FloatArray) -> list[StyleSource]:
        return [replace(self.plan.sources[0], region=region)]
