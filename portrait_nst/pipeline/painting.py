"""Style transfer: a photo and a style in, a `Result` out."""

from __future__ import annotations

import contextlib
import gc
import importlib
import sys
import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from portrait_nst import imaging, planning
from portrait_nst.errors import InputError
from portrait_nst.pipeline import background, face_guidance, finishing, styles
from portrait_nst.pipeline.flat_styles import NOTE, flats, recoloured
from portrait_nst.pipeline.inputs import Picture, load, matte
from portrait_nst.pipeline.pop_art import as_popart
from portrait_nst.pipeline.style_crop import shown
from portrait_nst.pipeline.styles import Style
from portrait_nst.presets import settings_of
from portrait_nst.recipe import Job, make_recipe, read_job
from portrait_nst.settings import INITS, Settings
from portrait_nst.types import Face, FloatArray, Forecast, Photo, Result, Step, UInt8Array

if TYPE_CHECKING:
    from portrait_nst.encoders import Encoder
    from portrait_nst.transfer import StyleOptimizer, TargetStore, TimeEstimate

OnStep = Callable[[Step], None]


def stylize(
    photo: Picture,
    style: Style | None = None,
    *,
    mask: str | Path | FloatArray | None = None,
    labels: str | Path | None = None,
    region_styles: Mapping[str, Style] | None = None,
    preset: str | None = None,
    settings: Settings | None = None,
    on_step: OnStep | None = None,
    store: TargetStore | None = None,
    network: Encoder | None = None,
    memory: float | None = None,
    **changes: Any,
) -> Result:
    """Paint the person in `photo` in the manner of `style`, leaving the background's bytes as they are.

    photo:    a path, an (H, W, 3) uint8 sRGB array, or a `Photo`.
    style:    the same, or a name out of `portrait_nst.styles()`; or a list of such or of (picture, weight) for a blend.
    mask:     the region to paint, instead of the person that segmentation finds; see `matte`.
    labels, region_styles: a label map of the photo and the style of each label ("0" to "255" or "#rrggbb"), instead of
              `style` and `mask`; what has no style keeps its bytes.
    preset:   one of `portrait_nst.presets.PRESETS`, to start from its settings instead of the defaults.
    settings: how to paint; keyword arguments, named as the fields of `Settings`, change single ones.
    on_step:  called with a `Step` after each iteration; a KeyboardInterrupt raised in it (or by Ctrl-C) ends the
              painting, and the picture so far is returned, with a note. The first tells what all will take.
    store:    where style targets are kept from one call to the next.
    network:  the encoder that `settings` name, where it is loaded already.
    memory:   bytes that this process may take, where `settings` allow for more, or say nothing; None for what is free.

    Raises InputError, MaskError, ModelError or ResourceError; each message says what to do.
    """
    began = time.monotonic()
    settings = settings_of(preset, **changes) if settings is None else settings.replace(**changes)
    picture = load(photo)
    if (style is None) == (not region_styles) or bool(region_styles) != (labels is not None):
        raise InputError("Give either a style, or a label map (labels) with a style for each label (region_styles).")
    importing = _import_torch_meanwhile()
    notes: list[str] = []
    behind_all, second_style = background.choose(settings.background)
    start = _start(settings.init)
    if settings.style_region not in ("whole", "person") and not Path(settings.style_region).is_file():
        raise InputError(
            f"style-region must be whole, person, or a mask for the style picture; {settings.style_region!r} is none of these."
        )
    if style is not None:
        region = matte(picture, mask=mask, region=settings.region, person=settings.person)
        regions = [styles.Painted(region.alpha, styles.load_blend(style))]
    else:
        regions = styles.by_label(picture, labels or "", region_styles or {})
        region = styles.union(regions)

    importing.join()
    if settings.threads is not None:
        import torch

        torch.set_num_threads(settings.threads)
    from portrait_nst import encoders, segmentation, transfer

    faces = segmentation.faces(picture)
    painted_faces = face_guidance.painted(faces, region.alpha)
    plan = plan_painting(settings, picture, region.alpha, painted_faces, memory)
    settings = plan.settings
    notes += plan.notes
    encoder = network or encoders.get(settings.encoder, settings.weights, pooling=settings.pooling)
    config = transfer.build_config(settings, encoder, picture.height, picture.width, plan)
    joint = second_style is not None
    if joint or not (region.alpha < 1).any():
        content, behind = picture.rgb, picture.rgb
    else:
        content, behind = imaging.estimate_foreground(picture.rgb, region.alpha)
    sources = [styles.source(entry, settings.style_region, picture, settings, encoder) for entry in regions]
    if second_style is not None:
        rest = styles.Painted(1 - region.alpha, ((second_style, 1.0),))
        sources.append(styles.source(rest, "whole", picture, settings, encoder))
    grey = styles.all_grey(picture, np.ones_like(region.alpha) if joint else region.alpha, sources, settings.colours)
    if grey:
        config, content = replace(config, grey=True), imaging.as_grey(content)
        behind = np.where((region.alpha > 0)[..., None], imaging.as_grey(behind), behind)

    meter = face_guidance.meter(picture, region.alpha, painted_faces, settings, encoder, config)
    sitters = (Photo(shown(entry, settings.style_region).rgb) for part in regions for entry, _ in part.blend)
    wanted, told = face_guidance.portrait(picture, content, painted_faces, settings, config, sitters, meter)
    notes += told
    hold = face_guidance.hold(picture, region.alpha, faces, settings)
    unpainted = settings.painterly and settings.strength == 0
    flat = flats(sources) if settings.painterly and not unpainted else []
    losses: list[dict[str, float]] = []
    firmness = 1.0
    if unpainted:
        painted = picture.rgb if behind_all == "keep" else content
        behind = picture.rgb if behind_all == "keep" else behind
        notes.append("strength 0: the photo itself")
    elif len(flat) == len(sources):
        painted = content
    else:
        faced = np.minimum(segmentation.face_map(picture.rgb.shape[:2], faces), 1) if faces else None
        painter = transfer.StyleOptimizer(
            encoder, content, sources, config, hold, initial_image=start, store=store, portrait=wanted, faces=faced
        )
        expected = None if on_step is None else transfer.estimate_time(painter)  # nobody would hear of it
        ahead = None
        if expected is not None:
            after = planning.seconds_after(picture.rgb.shape[:2])
            after += finishing.STEPS * expected.step[-1] if plan.brushwork else 0.0
            sure = time.monotonic() - began + expected.seconds + after
            more = painter.content_weights.most_extra_steps
            taken = plan.peak if config.device == "cpu" else None
            ahead = Forecast(sure, taken, sure + more * expected.step[-1])
        losses, said = follow(painter, on_step, expected, ahead, notes)
        notes += said
        with finishing.undisturbed(notes):
            shares = finishing.share(content.shape[:2], config.sizes[-1], faces, settings)
            whole_size = shares is None and config.sizes[-1] == content.shape[:2]
            raw: UInt8Array | FloatArray = painter.image() if whole_size else painter.finish()
            firmness = painter.content_weights.at_faces
            del painter  # which holds several times what the picture takes
            alike = face_guidance.alike(picture, region.alpha, meter, settings)
            painted = finishing.finished(raw, content, sources, config, shares, faces, alike)
            del raw, shares
    with finishing.undisturbed(notes):
        if flat:
            painted = recoloured(painted, content, flat)
            notes.append(NOTE)
        if settings.colours == "luminance" and not unpainted:
            painted = imaging.to_uint8(
                transfer.colour.with_chroma_of(imaging.to_float(painted), imaging.to_float(content))
            )
        if grey and not unpainted:
            painted = imaging.as_grey(painted)  # which rounding may have left a level beside it
        rgb, alpha = background.assemble(picture, painted, behind, region.alpha, behind_all, joint)
        on_own = rgb if behind_all == "keep" else imaging.composite(picture.rgb, painted, region.alpha)
        likeness = None if meter is None else meter.of(on_own)
        notes += face_guidance.notes(settings, likeness, firmness)
        made_of = [(entry.label, entry.blend) for entry in regions]
        machine = (encoder.sha256, config.device, config.bf16)
        recipe = make_recipe(picture, made_of, mask, region, settings, *machine, second_style, labels)
        recipe["likeness"] = None if likeness is None else likeness.as_dict()
        spent = time.monotonic() - began
        return Result(rgb, alpha, region, recipe, losses, spent, tuple(dict.fromkeys(notes)), likeness)


def follow(
    painter: StyleOptimizer,
    on_step: OnStep | None,
    expected: TimeEstimate | None = None,
    ahead: Forecast | None = None,
    before: Sequence[str] = (),
) -> tuple[list[dict[str, float]], list[str]]:
    """Advance `painter` to its end, or to a KeyboardInterrupt once there is a picture: (losses of each step, notes).

    `expected` is what it will take, by which steps know what is left; the first one tells what lies `ahead`, and what was
    noted `before`.
    """
    losses: list[dict[str, float]] = []
    notes: list[str] = []
    try:
        for step in painter.steps(expected):
            losses.append(step.losses)
            if step.note:
                notes.append(step.note)
            if on_step is not None:
                if len(losses) == 1:
                    step = replace(step, forecast=ahead, note="; ".join(filter(None, [*before, step.note])))
                on_step(step)
    except KeyboardInterrupt:
        if painter.frame is None:
            raise
        notes.append("interrupted: this is the picture so far")
    return losses, notes


def rerun(
    output: str | Path,
    *,
    photo: str | Path | None = None,
    style: str | Path | None = None,
    on_step: OnStep | None = None,
) -> Result:
    """Make `output` again from the recipe in its metadata.

    `photo` and `style` say where those files are now, if they moved. Raises InputError where an input is gone or changed.
    """
    job = read_job(output, photo=photo, style=style)
    return paint_job(job, on_step=on_step)


def paint_job(job: Job, photo: Photo | None = None, on_step: OnStep | None = None) -> Result:
    """The picture of a recipe's `job`; `photo` is its photo where that is loaded already."""
    inputs: dict[str, Any] = {"mask": job.mask, "labels": job.labels, "region_styles": job.region_styles}
    picture = photo or load(job.photo)
    result = stylize(picture, job.style, **inputs, settings=job.settings, on_step=on_step)
    return result if job.popart is None else as_popart(result, picture, job.popart)


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


def _import_torch_meanwhile() -> threading.Thread:
    """A thread that imports torch, which takes as long as to find the person. To be joined before torch is used."""

    def load() -> None:
        # Whatever it is comes up again, and is told, where torch is used; or this program ends for another reason meanwhile.
        collects = gc.isenabled() and "torch" not in sys.modules
        if collects:
            gc.disable()  # an import makes much and drops little: a sixth of its time goes into looking for that
        try:
            with contextlib.suppress(Exception):
                importlib.import_module("torch")
        finally:
            if collects:
                gc.enable()

    # Torch keeps its import silent by changing the warnings' filters, which is undone by others who do so meanwhile.
    warnings.filterwarnings("ignore", "Warning only once for all operators")
    # A daemon, or an interrupt in the first second would wait at exit for an import that waits for the interrupted one.
    thread = threading.Thread(target=load, name="import torch", daemon=True)
    thread.start()
    return thread


def _start(init: str) -> FloatArray | None:
    """The picture that `init` names, or None where it is one of the engine's ways to begin."""
    if init in INITS:
        return None
    if not Path(init).is_file():
        raise InputError(f"init must be {', '.join(INITS)} or a picture to start from; {init!r} is none of these.")
    return imaging.to_float(load(init).rgb)
