"""Style transfer: a photo and a style in, a `Result` out."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from portrait_nst import imaging
from portrait_nst.errors import MaskError
from portrait_nst.pipeline import backdrop
from portrait_nst.pipeline.inputs import Picture, load, matte
from portrait_nst.recipe import make_recipe, read_job
from portrait_nst.settings import Settings
from portrait_nst.types import FloatArray, Photo, Result, Step

OnStep = Callable[[Step], None]

LONGEST_STYLE = 2048


def stylize(
    photo: Picture,
    style: Picture,
    *,
    mask: str | Path | FloatArray | None = None,
    settings: Settings | None = None,
    on_step: OnStep | None = None,
    **changes: Any,
) -> Result:
    """Paint the person in `photo` in the manner of `style`, leaving the background's bytes as they are.

    photo, style: a path, an (H, W, 3) uint8 sRGB array, or a `Photo`.
    mask:     the region to paint, instead of the person that segmentation finds; see `matte`.
    settings: how to paint; keyword arguments, named as the fields of `Settings`, change single ones.
    on_step:  called with a `Step` after each iteration; a KeyboardInterrupt raised in it (or by Ctrl-C) ends the
              painting, and the picture so far is returned, with a note.

    Raises InputError, MaskError, ModelError or ResourceError; each message says what to do.
    """
    began = time.monotonic()
    settings = (settings or Settings()).replace(**changes)
    picture, painting = load(photo), load(style)
    region = matte(picture, mask=mask, region=settings.region, person=settings.person)
    notes: list[str] = []
    behind_all, second_style = backdrop.choose(settings.background)

    if settings.threads is not None:
        import torch

        torch.set_num_threads(settings.threads)
    from portrait_nst import encoders, transfer

    encoder = encoders.get(settings.encoder, settings.weights, pooling=settings.pooling)
    how = transfer.configure(settings, encoder, picture.height, picture.width)
    joint = second_style is not None
    if joint or not (region.alpha < 1).any():
        content, behind = picture.rgb, picture.rgb
    else:
        content, behind = imaging.estimate_foreground(picture.rgb, region.alpha)
    sources = [_source(painting, region.alpha, settings.style_region)]
    if second_style is not None:
        sources.append(_source(second_style, 1 - region.alpha, "whole"))

    losses: list[dict[str, float]] = []
    painter = transfer.Painter(encoder, imaging.to_float(content), sources, how, _hold(picture, settings))
    try:
        for step in painter.steps():
            losses.append(step.losses)
            if step.note:
                notes.append(step.note)
            if on_step is not None:
                on_step(step)
    except KeyboardInterrupt:
        if painter.frame is None:
            raise
        notes.append("interrupted: this is the picture so far")
    frame = painter.finish()
    painted = transfer.carry(content, frame)
    rgb, alpha = backdrop.assemble(picture, painted, behind, region.alpha, behind_all, joint)
    recipe = make_recipe(picture, painting, mask, region, settings, encoder.sha256, how.device, how.bf16, second_style)
    return Result(rgb, alpha, region, recipe, losses, time.monotonic() - began, tuple(dict.fromkeys(notes)))


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
    return stylize(job.photo, job.style, mask=job.mask, settings=job.settings, on_step=on_step)


def _source(style: Photo, region: FloatArray, style_region: str) -> Any:
    """The engine's view of a style picture and of the part of it that counts."""
    from portrait_nst.transfer import StyleSource

    size = style.rgb.shape[:2]
    factor = min(1.0, LONGEST_STYLE / max(size))
    small = max(1, round(size[0] * factor)), max(1, round(size[1] * factor))
    rgb = imaging.resize(style.rgb, small)
    mask: FloatArray | None = None
    if style_region == "person":
        mask = _sitter(Photo(rgb))
    elif style_region != "whole":
        mask = imaging.load_mask(style_region, small)
    elif style.alpha is not None:
        mask = imaging.resize_mask(style.alpha.astype(np.float32) / np.float32(255), small)
    return StyleSource(imaging.to_float(rgb), mask, region)


def _hold(picture: Photo, settings: Settings) -> FloatArray | None:
    """Where the photo is held more firmly: at its faces, eyes and mouths."""
    if not settings.face_hold:
        return None
    from portrait_nst import segmentation

    found = segmentation.faces(picture)
    return segmentation.face_map(picture.rgb.shape[:2], found) * settings.face_hold if found else None


def _sitter(style: Photo) -> FloatArray:
    from portrait_nst import segmentation

    try:
        return segmentation.person(style, painted=True).alpha
    except MaskError as error:
        raise MaskError(
            "No person was found in the style picture. Use --style-region whole, or give a mask for it with --style-region FILE."
        ) from error
