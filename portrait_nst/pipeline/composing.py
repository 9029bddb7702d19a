"""From a painting at the photo's size to the result: laid over the background, measured, with its recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from portrait_nst import imaging
from portrait_nst.pipeline import background, face_guidance
from portrait_nst.pipeline.instant.plan import InstantPlan
from portrait_nst.pipeline.paint_plan import PaintPlan
from portrait_nst.pipeline.run import Progress
from portrait_nst.recipe import Recipe
from portrait_nst.result import Result
from portrait_nst.types import UInt8Array


def composed(
    plan: PaintPlan | InstantPlan,
    painted: UInt8Array,
    progress: Progress,
    factor: float,
    networks: Sequence[Mapping[str, Any]] = (),
) -> Result:
    """The result of the picture `painted` (H, W, 3), at the photo's size, that `plan` came to.

    factor:   how much more firmly than usual the face was held at last, for the notes.
    networks: what the recipe says of learned networks.
    """
    subject = plan.subject
    kind, second_style = plan.background
    behind = subject.photo.rgb if plan.leaves_the_photo and kind == "keep" else plan.behind
    alpha = subject.matte.alpha
    rgb, opacity = background.assemble(subject.photo, painted, behind, alpha, kind)
    on_own = rgb if kind == "keep" else imaging.composite(subject.photo.rgb, painted, alpha)
    likeness = None if plan.meter is None else plan.meter.of(on_own)
    progress.notes += face_guidance.notes_on(plan.settings, likeness, factor)
    recipe = Recipe(
        photo=subject.photo,
        styles=[(region.label, region.blend) for region in plan.regions],
        matte=subject.matte,
        settings=plan.settings,
        weights_sha256=plan.weights_sha256,
        device=plan.device,
        bf16=plan.bf16,
        background=second_style,
        likeness=likeness,
        networks=networks,
    )
    native, remark = background.in_space_of(subject.photo, rgb, alpha, kind, unpainted=plan.leaves_the_photo)
    progress.notes += [remark] if remark else []
    gain_map, remarks = background.gain_map(subject.photo, alpha, kind, unpainted=plan.leaves_the_photo)
    progress.notes += remarks
    return progress.made(rgb, opacity, recipe, native, gain_map)
