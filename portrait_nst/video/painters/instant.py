"""Quality instant: each frame painted by a learned network, so that the clip holds still.

Statistics are those of the shot, frozen as ReReVST does (Wang et al. 2020), here by the maps that they lead to. The grain of the
ground moves along with what is filmed (`video.material`), and so does the network's own grid of cells: the canvas is laid so that
it follows the body by whole pixels. What still trembles settles along time (`video.steady`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portrait_nst import imaging
from portrait_nst.errors import InputError
from portrait_nst.pipeline import background, face_guidance
from portrait_nst.pipeline.instant.learned import Orders, network_for
from portrait_nst.pipeline.instant.networks import described
from portrait_nst.pipeline.instant.painting import FIRMER
from portrait_nst.pipeline.instant.style_file import LearnedStyle
from portrait_nst.pipeline.likeness import meter_of
from portrait_nst.pipeline.style_crop import shown
from portrait_nst.pipeline.styles import Style, all_grey, load_blend
from portrait_nst.pipeline.stylizer import Stylizer
from portrait_nst.settings import Settings
from portrait_nst.types import FloatArray, Photo
from portrait_nst.video.painter import State
from portrait_nst.video.painters.region import Region, Trail, View
from portrait_nst.video.seen import SeenFrame


def instant_frames(style: Style, settings: Settings, stylizer: Stylizer) -> InstantFrames:
    """What paints the frames of a clip in `style` with quality instant, with networks that `stylizer` has or finds.

    The network is the one that was learned for the style (with the setting `learn`, now), or a learned file, or the universal
    start; what is to be said of it is in `notes`.

    Raises InputError, ModelError and MaskError as `Stylizer.plan` does.
    """
    if isinstance(style, Mapping):
        raise InputError("A clip is painted in one style or a blend of several; styles by label are for photos.")
    background.check(settings.background)
    if settings.threads is not None:
        import torch

        torch.set_num_threads(settings.threads)
    from portrait_nst.transfer import choose_device, precision_of

    device, encoder, painters = choose_device(settings.device), stylizer.network, stylizer.painters
    blends, (_, second) = [load_blend(style)], background.choose(settings.background)
    if second is not None:
        blends.append(((second, 1.0),))
    orders = Orders(settings.style_region, settings.learn, encoder, device, precision_of(settings, device), painters)
    regions, notes = [], []
    for behind, blend in enumerate(blends):
        network, note = network_for(blend, replace(orders, style_region="whole") if behind else orders)
        painter = painters.of(encoder, network, device, orders.precision)
        grey = all(not isinstance(picture, LearnedStyle) and shown(picture).grey for picture, _ in blend)
        regions.append(Region(painter, settings, grey, bool(behind)))
        notes += [note] if note else []
    return InstantFrames(regions, settings, notes)


class InstantFrames:
    """The `FramePainter` of quality instant.

    notes:    for the user, on the networks.
    networks: what a recipe says of them.
    """

    def __init__(self, regions: Sequence[Region], settings: Settings, notes: Sequence[str] = ()) -> None:
        """`regions` are the person and, where it has a style of its own, the background; `instant_frames` makes them."""
        self.notes = tuple(dict.fromkeys(notes))
        self.networks = [described(region.network, None) for region in regions]
        self._regions, self._settings = tuple(regions), settings
        self._trails, self._firmer, self._grey = [Trail() for _ in regions], 1.0, False

    def begin(self, samples: Sequence[SeenFrame]) -> None:
        """A new shot; see `FramePainter`. Its statistics are the mixture of those of the `samples`."""
        self._trails, self._firmer = [Trail() for _ in self._regions], 1.0
        self._grey = bool(samples) and all(self._all_grey(seen) for seen in samples)
        if self._settings.strength > 0:
            views = [View(seen, self._grey) for seen in samples]
            self._trails = [Trail(region.frozen(views)) for region in self._regions]
            self._firmer = self._firm_enough(views)

    def paint(self, seen: SeenFrame) -> FloatArray:
        """The next frame of the shot; see `FramePainter`. With a styled background all of it counts."""
        if self._settings.strength == 0:
            return imaging.to_float(seen.rgb)
        view, parts = View(seen, self._grey), []
        for number, region in enumerate(self._regions):
            alpha, trail = region.alpha(seen), self._trails[number]
            if not (alpha > 0).any():  # what comes back is painted as for the first time
                self._trails[number] = Trail(trail.frozen)
                continue
            self._trails[number] = trail = region.next(trail, view, self._firmer)
            assert trail.steady is not None
            parts.append((alpha, trail.steady.picture))
        if len(parts) == 1:
            return parts[0][1].copy()
        if not parts:
            return imaging.to_float(seen.rgb)
        total = np.sum([alpha for alpha, _ in parts], axis=0)[..., None]  # 1 everywhere
        return np.asarray(sum(alpha[..., None] * picture for alpha, picture in parts) / total, np.float32)

    def state(self) -> State:
        """What it remembers of the shot so far; see `FramePainter`."""
        found: dict[str, Any] = {"firmer": np.float64(self._firmer), "grey": np.bool_(self._grey)}
        for number, trail in enumerate(self._trails):
            found |= {f"{number}.{name}": value for name, value in trail.arrays().items()}
        return {name: np.array(value) for name, value in found.items()}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go on from what `state` returned."""
        self._firmer, self._grey = float(state["firmer"]), bool(state["grey"])
        for number in range(len(self._regions)):
            first = f"{number}."
            own = {name.removeprefix(first): np.array(value) for name, value in state.items() if name.startswith(first)}
            self._trails[number] = Trail.of(own)

    def _all_grey(self, seen: SeenFrame) -> bool:
        there = np.max([region.alpha(seen) for region in self._regions], axis=0)
        return all_grey(Photo(seen.rgb), there, (region.grey for region in self._regions), self._settings.colours)

    def _firm_enough(self, views: Sequence[View]) -> float:
        """How much more firmly than usual faces are held for the goal of likeness, in the sample with the largest face."""
        person, frozen = self._regions[0], self._trails[0].frozen
        views = [view for view in views if view.subject.painted_faces]
        if not self._settings.likeness or not views or frozen is None:
            return 1.0
        view = max(views, key=lambda view: view.subject.painted_faces[0].box[2])
        meter = meter_of(view.subject.photo, view.subject.painted_faces, str(person.painter.device))
        is_alike = face_guidance.is_alike(view.subject, meter, self._settings)
        assert is_alike is not None
        return next((firmer for firmer in FIRMER if is_alike(person.painted(view, frozen, firmer=firmer))), FIRMER[-1])
