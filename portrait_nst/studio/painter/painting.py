"""A photo painted: its steps told, shown as they will lie over the photo, stopped when that is asked."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from portrait_nst import imaging, pipeline
from portrait_nst.errors import InputError
from portrait_nst.pipeline import background
from portrait_nst.settings import Settings
from portrait_nst.studio.painter import likeness, outputs, sources
from portrait_nst.studio.painter.messages import Order
from portrait_nst.studio.painter.telling import Telling
from portrait_nst.types import Photo, Step, UInt8Array

if TYPE_CHECKING:
    from portrait_nst.pipeline.instant.plan import InstantPlan
    from portrait_nst.pipeline.paint_plan import PaintPlan
    from portrait_nst.pipeline.run import Run
    from portrait_nst.result import Result

LONGEST, QUALITY = 640, 85  # of a preview
Blend = list[tuple[Photo, float]]
StylizerFor = Callable[[Settings], pipeline.Stylizer]
"""What gives a Stylizer for settings; it keeps what paintings share."""


def paint(order: Order, stylizer_for: StylizerFor, telling: Telling) -> dict[str, Any]:
    """Paint the photo of `order` and write its files; the facts of the result. Raises PortraitErrors, CancelledError."""
    began = time.monotonic()
    asked, settings = order.resolved, order.resolved.settings
    telling.step("Looking at the photo")
    photo = sources.picture(asked.photo)
    sources.check_room(order.folder, photo.width * photo.height)
    mask = None if asked.mask is None else sources.matte(asked.mask, photo.size)
    chosen = {} if mask is not None else {"region": settings.region, "person": settings.person}
    subject = pipeline.prepare(photo, mask=mask, **chosen)  # type: ignore[arg-type]
    telling.step("Looking at the style", 0.01)
    blend, notes = _blend(order, photo)
    if settings.learn:
        notes += learn(blend, settings, telling)
    stylizer = stylizer_for(settings)
    plan = stylizer.plan(subject, blend, settings)
    result = run_of(stylizer.paint(plan, since=began), plan, telling)
    telling.step("Saving", 0.98)
    result = _as_popart(result, photo, order)
    recipe = sources.renamed(result.recipe, dict(asked.named))
    result = _with(result, recipe=recipe)
    forms = outputs.save_picture(result.save, order.folder, transparent=result.alpha is not None, exif=photo.exif)
    outputs.save_thumb(result.rgb, result.alpha, order.folder)
    outputs.save_recipe(recipe, order.folder)
    return {
        "width": photo.width,
        "height": photo.height,
        "seconds": round(time.monotonic() - began, 2),
        "files": forms,
        "likeness": likeness.told(result.likeness, len(subject.painted_faces)),
        "interrupted": result.status == "interrupted",
        "notes": list(dict.fromkeys((*notes, *result.notes))),
    }


def run_of(run: Run, plan: PaintPlan | InstantPlan, telling: Telling) -> Result:
    """The result of a run, whose steps are told and shown."""
    after = 0.0  # seconds from the last step to the end, as the forecast has them
    telling.step("Painting", 0.02)
    shown = Shown(plan)
    for step in run:
        if step.forecast is not None:
            telling.foretell(step.forecast.seconds, step.forecast.memory, step.forecast.longest)
            after = max(0.0, step.forecast.seconds - step.seconds - step.seconds_left)
        left = step.seconds_left + after
        phase = f"Painting, size {step.scale + 1} of {step.scales}" if step.scales > 1 else "Painting"
        telling.step(phase, step.seconds / max(step.seconds + left, 1e-6), left, step.note)
        if telling.stop.is_set():
            run.stop()
        else:
            _preview(telling, shown, step)
    telling.step("Finishing", 0.9)
    return run.result()


def _preview(telling: Telling, shown: Shown, step: Step) -> None:
    telling.preview(lambda: outputs.jpeg(shown.over(step.image()), QUALITY))


class Shown:
    """The painting in the making as the result will be: over its background, small."""

    def __init__(self, plan: PaintPlan | InstantPlan) -> None:
        photo = plan.subject.photo
        self._size = imaging.size_within(photo.size, LONGEST)
        self._alpha = imaging.resize_mask(plan.subject.matte.alpha, self._size)
        own = None if photo.alpha is None else imaging.resize(photo.alpha, self._size)
        self._photo = Photo(imaging.resize(photo.rgb, self._size), own)
        self._behind = imaging.resize(plan.behind, self._size)
        self._kind = plan.background[0]

    def over(self, painted: UInt8Array) -> UInt8Array:
        """(h, w, 3) uint8 of the painting so far (any size, of the whole frame)."""
        painted = imaging.resize(painted, self._size)
        rgb, alpha = background.assemble(self._photo, painted, self._behind, self._alpha, self._kind)
        return outputs.small(np.ascontiguousarray(rgb), alpha, LONGEST)


def learn(blend: Blend, settings: Settings, telling: Telling) -> list[str]:
    """Learn the network of a painting, unless that is known; three minutes. Remarks for the user.

    Stopped, it keeps what is learned so far. Raises InputError for a painting of one colour, ResourceError.
    """
    from portrait_nst.instant.learning.learning import LearnStep
    from portrait_nst.pipeline import learning
    from portrait_nst.transfer import choose_device

    def told(step: LearnStep) -> None:
        total = max(step.seconds + step.seconds_left, 1e-6)
        telling.step("Learning the painting", 0.9 * step.seconds / total, step.seconds_left)
        if telling.stop.is_set():
            telling.stop.clear()
            raise KeyboardInterrupt

    learning.check_kept()
    device = choose_device(settings.device)
    made = learning.learn(
        list(blend), style_region=settings.style_region, device=device, threads=settings.threads, on_step=told
    )
    short = ["the painting was not learned to the end, since that was stopped"] if made.outcome == "interrupted" else []
    return [*made.notes, *short]


def _blend(order: Order, photo: Photo) -> tuple[Blend, list[str]]:
    movement = order.resolved.movement
    if movement is None:
        return [(sources.picture(source), share) for source, share in order.resolved.style], []
    from portrait_nst.pipeline import movements
    from portrait_nst.resources import kept_folder

    return movements.choose(
        movement.library,
        movement.name,
        photo,
        pick=movement.pick,
        count=movement.paintings,
        cache=kept_folder("movements"),
    )


def _as_popart(result: Result, photo: Photo, order: Order) -> Result:
    """`result` turned into segments, where that is asked for."""
    settings = order.resolved.popart
    if settings is None:
        return result
    if (colours := palette_text(order)) is not None:
        settings = settings.replace(palette=colours)
    return pipeline.as_popart(result, photo, settings)


def palette_text(order: Order) -> str | None:
    """The colours of the picture that the palette is taken from, as `PopartSettings.palette` has them; None without one."""
    source, settings = order.resolved.palette, order.resolved.popart
    if source is None or settings is None:
        return None
    from portrait_nst import pop_art
    from portrait_nst.pipeline.style_crop import shown

    found = pop_art.from_picture(shown(sources.picture(source)).rgb, settings.tones, source.name)
    if settings.mode == "grid":
        raise InputError("A grid shows several palettes; name them, instead of taking one from a picture.")
    return f"{','.join(found.ramp)}/{found.ground}"


def _with(result: Result, **changes: Any) -> Result:
    from dataclasses import replace

    return replace(result, **changes)
