"""The plan for painting a photo with the memory of this machine."""

from __future__ import annotations

from collections.abc import Sequence

from portrait_nst import planning
from portrait_nst.settings import Settings
from portrait_nst.types import Face, FloatArray, Photo


def plan_painting(
    settings: Settings, picture: Photo, alpha: FloatArray, faces: Sequence[Face], given: float | None = None
) -> planning.Plan:
    """The plan for painting `picture` with the memory of this machine.

    alpha: (H, W), the matte of what is painted; faces: those of the photo that are painted.
    given: bytes that the process may take, where `settings` allow for more or say nothing; None for what is free.

    Raises ResourceError where memory is too little.
    """
    from portrait_nst.transfer import choose_device, precision_of

    device = choose_device(settings.device)
    budget = planning.allowed(settings, given)
    if device != "cpu" and settings.max_memory is None:
        budget = None  # its own memory is what counts there
    elif budget is None:
        budget = planning.memory_left() * planning.SPARE
    plain = settings.background in ("keep", "blur", "transparent") or settings.background.startswith("#")
    return planning.make_plan(
        settings,
        (picture.height, picture.width),
        extent=planning.Extent.of(alpha) if plain else planning.WHOLE_PHOTO,
        faces=[face.box[2] for face in faces],
        precision=precision_of(settings, device),
        budget=budget,
        name=str(picture.path or "The photo"),
    )
