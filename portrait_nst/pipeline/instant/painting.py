"""Carries out a plan of quality instant: each region by its network, then one picture with its recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from portrait_nst import imaging
from portrait_nst.pipeline import face_guidance, finishing
from portrait_nst.pipeline.composing import composed
from portrait_nst.pipeline.instant.canvas import painted_region
from portrait_nst.pipeline.instant.networks import described
from portrait_nst.pipeline.instant.painters import Painters
from portrait_nst.pipeline.instant.plan import InstantPlan
from portrait_nst.pipeline.instant.strength import local_strength
from portrait_nst.pipeline.painting import UNPAINTED
from portrait_nst.pipeline.run import Progress
from portrait_nst.result import Result
from portrait_nst.types import FloatArray, Forecast, UInt8Array

if TYPE_CHECKING:
    from portrait_nst.encoders import Encoder
    from portrait_nst.transfer import StyleOptimizer, TimeEstimate

FIRMER = (1.0, 1.4, 2.0, 2.8, 4.0, 8.0)  # factors on the hold of faces, tried in turn until the goal of likeness is met


class InstantPainting:
    """The `Work` of a run that paints with learned networks, in no steps."""

    def __init__(self, plan: InstantPlan, encoder: Encoder, painters: Painters) -> None:
        """`encoder` is the one that the plan was made with; `painters` keeps networks that are ready to paint."""
        self.plan, self.encoder, self.painters = plan, encoder, painters

    def begin(self) -> StyleOptimizer | None:
        """None: nothing is painted in steps."""
        if self.plan.settings.threads is not None:
            import torch

            torch.set_num_threads(self.plan.settings.threads)
        return None

    def foretell(self, optimizer: StyleOptimizer, spent: float) -> tuple[TimeEstimate | None, Forecast | None]:
        """Nothing, as there are no steps."""
        return None, None

    def finish(self, progress: Progress) -> Result:
        """The picture at the photo's size over its background, its likeness and its recipe."""
        plan = self.plan
        with finishing.undisturbed(progress.notes):
            if plan.leaves_the_photo:
                progress.notes.append(UNPAINTED)
                kept = plan.background[0] == "keep"
                painted, firmer = plan.subject.photo.rgb if kept else plan.content, 1.0
            else:
                painted, firmer = self._alike()
            networks = [described(network, region.label) for network, region in zip(plan.networks, plan.painted)]
            return composed(plan, painted, progress, firmer, networks)

    def _alike(self) -> tuple[UInt8Array, float]:
        """The painting (H, W, 3), and how much more firmly faces are held in it than usual, for the goal of likeness."""
        plan = self.plan
        is_alike = face_guidance.is_alike(plan.subject, plan.meter, plan.settings)
        if is_alike is None:
            return self._painted(1.0), 1.0
        for firmer in FIRMER:
            painted = self._painted(firmer)
            if is_alike(painted):
                break
        return painted, firmer

    def _painted(self, firmer: float) -> UInt8Array:
        """The painting (H, W, 3) at the photo's size, before it is laid over the background."""
        plan = self.plan
        local = local_strength(plan.subject, plan.settings, firmer)
        faces = plan.subject.face_map if plan.subject.faces else None
        parts: list[tuple[FloatArray, UInt8Array]] = []
        for network, region in zip(plan.networks, plan.painted):
            painter = self.painters.of(self.encoder, network, plan.device, plan.scales.precision)
            content = plan.content if region in plan.regions else plan.behind
            found = painted_region(
                painter, content, region.alpha, local, faces, plan.settings, plan.scales.sizes[-1], plan.stroke
            )
            parts.append((region.alpha, found))
        painted = together(parts, plan.content)
        # Rounding may have changed a channel of a grey painting by one level.
        return imaging.as_grey(painted) if plan.grey else painted


def together(parts: list[tuple[FloatArray, UInt8Array]], content: UInt8Array) -> UInt8Array:
    """Pictures (H, W, 3) of one size, each weighed by its region (H, W); `content` where there is none."""
    if len(parts) == 1:
        return parts[0][1]
    found = content.copy()
    for band in imaging.bands(*content.shape[:2]):
        total = np.asarray(np.sum([alpha[band] for alpha, _ in parts], axis=0, dtype=np.float32))[..., None]
        mixed = np.sum([alpha[band][..., None] * picture[band] for alpha, picture in parts], axis=0, dtype=np.float32)
        found[band] = np.where(total > 0, np.round(mixed / np.maximum(total, np.float32(1e-6))), content[band])
    return found
