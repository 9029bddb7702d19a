"""Carries out a planned painting: from the engine's canvas to the finished picture with its recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portrait_nst import imaging, planning
from portrait_nst.pipeline import face_guidance, finishing
from portrait_nst.pipeline.composing import composed
from portrait_nst.pipeline.flat_styles import NOTE, recoloured
from portrait_nst.pipeline.paint_plan import PaintPlan
from portrait_nst.pipeline.run import Progress
from portrait_nst.result import Result
from portrait_nst.types import FloatArray, Forecast, UInt8Array

if TYPE_CHECKING:
    from portrait_nst.encoders import Encoder
    from portrait_nst.transfer import StyleOptimizer, TargetStore, TimeEstimate

UNPAINTED = "strength 0: the photo itself"


class Painting:
    """The `Work` of a run that paints a plan."""

    def __init__(self, plan: PaintPlan, encoder: Encoder, store: TargetStore) -> None:
        """`encoder` is the one that the plan was made with; `store` keeps style targets."""
        self.plan, self.encoder, self.store = plan, encoder, store

    def begin(self) -> StyleOptimizer | None:
        """The optimiser; None if nothing is painted with strokes."""
        import torch

        from portrait_nst import transfer

        plan = self.plan
        if plan.settings.threads is not None:
            torch.set_num_threads(plan.settings.threads)
        if plan.leaves_the_photo or len(plan.flat) == len(plan.sources):
            return None
        return transfer.StyleOptimizer(
            self.encoder,
            plan.content,
            plan.sources,
            plan.config,
            face_guidance.content_weight_map(plan.subject, plan.settings),
            initial_image=plan.start,
            store=self.store,
            portrait=plan.faces,
            faces=plan.subject.in_faces if plan.subject.faces else None,
        )

    def foretell(self, optimizer: StyleOptimizer, spent: float) -> tuple[TimeEstimate | None, Forecast | None]:
        """The estimate for the steps, and the forecast for the whole call after `spent` seconds."""
        from portrait_nst import transfer

        plan = self.plan
        estimate = transfer.estimate_time(optimizer)
        if estimate is None:
            return None, None
        after = planning.seconds_after(plan.subject.size)
        if plan.scales.brushwork:
            after += finishing.STEPS * estimate.step[-1]
        sure = spent + estimate.seconds + after
        more = optimizer.content_weights.most_extra_steps
        return estimate, Forecast(sure, plan.memory, sure + more * estimate.step[-1])

    def finish(self, progress: Progress) -> Result:
        """The picture at the photo's size over its background, its likeness and its recipe."""
        factor = 1.0 if progress.optimizer is None else progress.optimizer.content_weights.at_faces
        with finishing.undisturbed(progress.notes):
            return composed(self.plan, self._painted(progress), progress, factor)

    def _painted(self, progress: Progress) -> UInt8Array:
        """The painting (H, W, 3) at the photo's size, before it is laid over the background."""
        plan = self.plan
        if plan.leaves_the_photo:
            progress.notes.append(UNPAINTED)
            return plan.subject.photo.rgb if plan.background[0] == "keep" else plan.content
        painted = plan.content if progress.optimizer is None else self._in_detail(progress)
        if flat := plan.flat:
            painted = recoloured(painted, plan.content, flat)
            progress.notes.append(NOTE)
        if plan.settings.colours == "luminance":
            from portrait_nst import transfer

            in_colour = transfer.colour.with_chroma_of(imaging.to_float(painted), imaging.to_float(plan.content))
            painted = imaging.to_uint8(in_colour)
        # Rounding may have changed a channel of a grey painting by one level.
        return imaging.as_grey(painted) if plan.grey else painted

    def _in_detail(self, progress: Progress) -> UInt8Array:
        """The engine's painting at the photo's size, with the photo's fine structure and the style's brush work."""
        plan, subject = self.plan, self.plan.subject
        assert progress.optimizer is not None
        finest = plan.config.sizes[-1]
        shares = finishing.style_share(subject, finest, plan.settings)
        done = shares is None and finest == subject.size
        canvas: UInt8Array | FloatArray = progress.optimizer.image() if done else progress.optimizer.finish()
        progress.optimizer = None  # frees several times the memory of the picture
        is_alike = face_guidance.is_alike(subject, plan.meter, plan.settings)
        faces = None if is_alike is None else subject.in_faces
        draw = finishing.draughtsman(subject, plan.content, plan.settings)
        return finishing.finished(canvas, plan.content, plan.sources, plan.config, shares, faces, is_alike, draw)
