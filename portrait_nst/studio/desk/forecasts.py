"""How long a painting will take, and how much memory, before it is asked for.

As the pipeline does it before its first step, but without what only a painting needs: no colours are separated, no style is read.
An evaluation of the objective is measured once for each kind of painting; all else is known in proportion to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from portrait_nst import planning
from portrait_nst.pipeline.finishing import STEPS
from portrait_nst.planning.memory import popart_bytes
from portrait_nst.settings import Settings, given_files
from portrait_nst.studio.desk import process, speeds, subjects, warming
from portrait_nst.studio.desk.looks import look
from portrait_nst.types import Face, FloatArray, Photo

if TYPE_CHECKING:
    from portrait_nst.planning import Plan
    from portrait_nst.studio.resolved import Resolved
    from portrait_nst.transfer.config import EngineConfig
    from portrait_nst.transfer.timing import EvaluationCost

# Seconds, and for each megapixel: decoding, people, matte, colours behind the edge.
BEFORE, BEFORE_PER_PHOTO = 0.5, 0.12
INSTANT = 0.4  # seconds of painting by a network, at the usual size
LEARNING = 180.0  # seconds in which a painting is learned
STYLE = 0.15  # seconds to read a style picture
ROUNDS = 0.5  # what a goal of likeness may add to the steps of the finest scale, in shares of them
OF_FRAME = {"instant": (0.18, 0.25), "popart": (0.9, 0.2)}  # seconds of a clip's frame, and for each of its megapixels
OF_CLIP, RATE = 3.5, 30.0  # seconds to begin and end a clip; frames a second that a clip is supposed to have
LIGHTER = 0.35  # what a frame of a clip takes of a picture by itself: paint is carried along

SMALL = 512  # pixels of the pictures that say which part of a photo is painted; those of the page's previews


def forecast(recipe: Resolved, measure: bool = True) -> dict[str, float | None] | None:
    """What painting `recipe` will take, as `models.Forecast` has it.

    measure: whether the speed of this machine may be measured, which takes a second; None where it would have to be and may not.

    Raises InputError, MaskError, and ResourceError where memory is too short.
    """
    try:
        return _forecast(recipe, measure)
    except _Unmeasured:
        return None


def _forecast(recipe: Resolved, measure: bool) -> dict[str, float | None]:
    if recipe.kind == "video":
        return _of_clip(recipe, measure)
    photo = look(recipe.photo.path, recipe.photo.name).photo
    before = BEFORE + BEFORE_PER_PHOTO * photo.height * photo.width / 1e6
    if recipe.kind == "popart":
        seconds = before + planning.popart_seconds(photo.size)
        return _said(seconds, popart_bytes(photo.size), seconds)
    # What previews are painted of says as well which part of the photo is painted.
    small = subjects.small(recipe, SMALL)
    scale = photo.height / small.photo.height, photo.width / small.photo.width
    faces = [face.scaled(*scale) for face in small.painted_faces]
    painting, most, memory = _of_painting(recipe, photo, small.matte.alpha, faces, measure)
    rest = before + planning.seconds_after(photo.size)
    rest += planning.popart_seconds(photo.size) if recipe.popart is not None else 0.0
    return _said(rest + painting, memory, rest + most)


def _of_painting(
    recipe: Resolved, photo: Photo, alpha: FloatArray, faces: Sequence[Face], measure: bool
) -> tuple[float, float, float | None]:
    """The seconds of painting alone, those with all that a goal of likeness may add, and bytes; alpha: of any size."""
    from portrait_nst.pipeline.paint_plan import plan_painting

    settings = recipe.settings
    plan = plan_painting(settings, photo, alpha, faces)
    if settings.instant:
        seconds = INSTANT + (LEARNING if settings.learn else 0.0)
        return seconds, seconds, plan.peak
    from portrait_nst import transfer
    from portrait_nst.transfer.timing import time_estimate

    network = warming.stylizer(settings.device).network
    config = transfer.build_config(plan.settings, network, photo.height, photo.width, plan)
    pictures = _pictures(recipe)
    cost = _cost(plan, config, recipe, measure)
    estimate = time_estimate(cost, config, [scale.canvas for scale in plan.scales], pictures)
    finest = estimate.step[-1]
    seconds = STYLE * pictures + estimate.seconds + (STEPS * finest if plan.brushwork else 0.0)
    more = ROUNDS * estimate.steps[-1] * finest if settings.likeness and faces else 0.0
    return seconds, seconds + more, plan.peak if config.device == "cpu" else None


def _cost(plan: Plan, config: EngineConfig, recipe: Resolved, measure: bool) -> EvaluationCost:
    """What an evaluation costs, measured at the first painting of this kind."""
    from portrait_nst.transfer import timing

    settings = recipe.settings
    threads = settings.threads or process.cores()  # the painter's, which are more than the desk's
    regions = 1 + ("background" in given_files(settings))
    losses = (config.nearest is not None, settings.style_loss, settings.values, settings.levels, settings.canvas)
    key = (settings.device, settings.encoder, settings.optimizer, config.bf16, threads, regions, *losses)
    if (cost := speeds.known(key)) is not None:
        return timing.EvaluationCost(*cost)
    if not measure:
        raise _Unmeasured
    network = warming.stylizer(settings.device).network
    if settings.encoder != Settings.encoder:
        from portrait_nst.pipeline import Stylizer

        network = Stylizer.of(settings).network
    canvases = [scale.canvas for scale in plan.scales][:2]
    with _threads(threads):
        cost = speeds.measured(key, lambda: timing.measured(network, config, regions, canvases, anew=True))
    return timing.USUAL if cost is None else timing.EvaluationCost(*cost)


@contextmanager
def _threads(number: int) -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class _Unmeasured(Exception):
    """The speed of this machine is not known, and may not be measured now."""


def _pictures(recipe: Resolved) -> int:
    """How many style pictures are read."""
    if recipe.movement is not None:
        from portrait_nst.pipeline.movements import PICKS

        count = recipe.movement.paintings or PICKS[recipe.movement.pick]
    else:
        count = max(1, len(recipe.style))
    return count + ("background" in given_files(recipe.settings))


def _of_clip(recipe: Resolved, measure: bool) -> dict[str, float | None]:
    from portrait_nst import clips

    info = clips.probe(recipe.photo.path)
    lasts = float(info.seconds or 0.0)
    end = lasts if recipe.end is None else min(recipe.end, lasts)
    frames = max(1.0, (end - (recipe.start or 0.0)) * min(float(info.rate) or RATE, 120.0))
    pixels = info.size[0] * info.size[1] / 1e6
    kind = "popart" if recipe.popart is not None else recipe.settings.quality
    if kind in OF_FRAME:
        fixed, each = OF_FRAME[kind]
        frame, memory = fixed + each * pixels, popart_bytes(info.size) if kind == "popart" else None
    else:
        photo = Photo(np.zeros((*info.size, 3), np.uint8))
        frame, _, memory = _of_painting(recipe, photo, np.ones(info.size, np.float32), (), measure)
        frame *= LIGHTER
    seconds = OF_CLIP + frames * frame
    return _said(seconds, memory, seconds)


def _said(seconds: float, memory: float | None, longest: float) -> dict[str, float | None]:
    return {"seconds": round(seconds, 1), "memory": memory, "longest": round(max(seconds, longest), 1)}
