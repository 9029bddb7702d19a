"""What a painting will look like, in a tenth of a second: painted small by a learned network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portrait_nst import named_styles
from portrait_nst.errors import InputError
from portrait_nst.settings import Settings, schema
from portrait_nst.studio.desk import subjects, warming
from portrait_nst.studio.desk.looks import Kept
from portrait_nst.studio.desk.pictures import encoded
from portrait_nst.types import Photo

if TYPE_CHECKING:
    from portrait_nst.pipeline.instant.plan import InstantPlan
    from portrait_nst.pipeline.subject import Subject
    from portrait_nst.result import Result
    from portrait_nst.studio.resolved import Resolved

SHOWN = (
    *("strength", "background", "style_region", "style_scale", "colours", "face_hold", "region", "person"),
    *("seed", "device", "precision"),
)
"""The settings that a preview has."""
_OTHER = (
    "quality",
    "learn",
    "size",
    "scales",
    "iterations",
    "max_memory",
    "threads",
    "segmenter",
    "likeness",
    "encoder",
    "weights",
)
"""Those that say how good, fast or alike the painting becomes, of which nobody expects anything of a preview."""
MOVEMENT = 4  # paintings that stand for a movement in a preview
STYLES = 24  # style pictures that are kept decoded

_styles: Kept[Photo] = Kept(STYLES)


def preview(recipe: Resolved, longest: int = 512) -> tuple[bytes, str, list[str]]:
    """The bytes of a picture of `recipe`, its longer side `longest` pixels at most, its media type, and remarks for the user.

    It is a JPEG, or a PNG where it is partly transparent. For a clip it is its middle frame.

    Raises InputError, MaskError, ModelError, ResourceError.
    """
    if recipe.kind == "popart" or (recipe.popart is not None and not (recipe.style or recipe.movement)):
        from portrait_nst.studio.desk import popart

        return popart.preview(recipe, longest)
    subject = subjects.small(recipe, longest)
    result, notes = painted(recipe, subject)
    if recipe.popart is not None:
        from portrait_nst.studio.desk import popart

        return (*encoded(popart.over(recipe, result, subject), result.alpha), notes)
    return (*encoded(result.rgb, result.alpha), notes)


def prepare(recipe: Resolved, longest: int = 512) -> None:
    """Do what every `preview` of this photo needs, and what torch plans for pictures of this shape."""
    painted(recipe, subjects.small(recipe, longest))


def painted(recipe: Resolved, subject: Subject) -> tuple[Result, list[str]]:
    """`subject` painted as `recipe` says by learned networks, and remarks for the user."""
    from portrait_nst.pipeline.instant.plan import InstantPlan

    stylizer = warming.stylizer(recipe.settings.device)
    plan = stylizer.plan(subject, _blend(recipe, subject), _instant(recipe.settings))
    assert isinstance(plan, InstantPlan)
    quick = replace(plan, meter=None)  # to compare faces would take longer than to paint
    return stylizer.paint(quick).result(), [*_unlearned(recipe, quick), *_left_out(recipe.settings)]


def _instant(settings: Settings) -> Settings:
    """The settings of the preview of a painting with `settings`."""
    return Settings(quality="instant", **{name: getattr(settings, name) for name in SHOWN})


def _blend(recipe: Resolved, subject: Subject) -> Any:
    if recipe.movement is not None:
        from portrait_nst.pipeline import movements

        wanted = recipe.movement
        most = min(wanted.paintings or MOVEMENT, MOVEMENT)
        if wanted.pick == "nearest":
            return movements.choose(wanted.library, wanted.name, subject.photo, pick="nearest", count=most)[0]
        paintings = movements.of_movement(wanted.library, wanted.name)[1]
        return [(_style(path), 1.0) for path in movements.spread_evenly(paintings, most)]
    if not recipe.style:
        raise InputError("No style was chosen: pick one, or bring a picture of a painting.")
    return [(_style(source.path), share) for source, share in recipe.style]


def _style(path: Path) -> Photo:
    from portrait_nst.pipeline.inputs import load_style

    return _styles.get(path, lambda: load_style(path))


def _unlearned(recipe: Resolved, plan: InstantPlan) -> list[str]:
    """Which styles have no network of their own, so that the preview shows them roughly."""
    if all(network.learned for network in plan.networks):
        return []
    if recipe.movement is not None:
        names = [recipe.movement.name]
    else:
        names = [named_styles.name_of(source.path) or source.name for source, _ in recipe.style]
    if all(network.learned for network, _ in zip(plan.networks, plan.regions)):
        names = ["the background's style"]
    what = "the mixture has" if len(names) > 1 else "it has"
    return [
        f"{' and '.join(names)}: shown roughly here, since {what} no learned network; the painting itself needs none"
    ]


def _left_out(settings: Settings) -> list[str]:
    """What was set and is not seen in the preview."""
    usual, fields = Settings(), schema(Settings)
    names = [
        fields[name].option.replace("-", " ")
        for name in fields
        if name not in SHOWN and name not in _OTHER and getattr(settings, name) != getattr(usual, name)
    ]
    return [f"not seen in the preview: {', '.join(names)}"] if names else []
