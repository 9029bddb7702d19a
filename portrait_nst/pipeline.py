"""Where the rooms meet: a photo and a style in, a `Result` out."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from portrait_nst import imaging
from portrait_nst.errors import InputError, MaskError
from portrait_nst.recipe import make_recipe, read_job
from portrait_nst.settings import Settings
from portrait_nst.types import FloatArray, Matte, Photo, Result, Step, UInt8Array

Picture = str | Path | UInt8Array | Photo
OnStep = Callable[[Step], None]

LONGEST_STYLE = 2048
BLUR = 0.02


def load(picture: Picture) -> Photo:
    """A `Photo` from a path, from an array (H, W, 3) uint8 sRGB, or unchanged. Raises InputError."""
    if isinstance(picture, Photo):
        return picture
    if isinstance(picture, np.ndarray):
        if picture.ndim != 3 or picture.shape[2] not in (3, 4) or picture.dtype != np.uint8:
            raise InputError(
                f"A picture array must be (H, W, 3) or (H, W, 4) uint8, not {picture.shape} {picture.dtype}."
            )
        data = np.ascontiguousarray(picture)
        alpha = np.ascontiguousarray(data[..., 3]) if data.shape[2] == 4 else None
        return Photo(np.ascontiguousarray(data[..., :3]), alpha, sha256=hashlib.sha256(data.tobytes()).hexdigest())
    return imaging.load(picture)


def matte(
    photo: Picture, *, mask: str | Path | FloatArray | None = None, region: str = "person", person: str | int = "all"
) -> Matte:
    """The part of `photo` that is painted.

    mask:   a grey picture of any size, or (H, W) float in [0, 1], instead of segmentation.
    region: "person", or "all" for the whole picture.
    person: "all", "largest", or a number counted from the left from 1.

    Raises MaskError where there is nobody to be found or the mask is empty.
    """
    photo = load(photo)
    size = photo.rgb.shape[:2]
    if mask is not None:
        if isinstance(mask, np.ndarray):
            if mask.shape != size:
                raise MaskError(f"The mask array is {mask.shape}, the photo {size}; they must be the same.")
            found = Matte(np.clip(mask, 0, 1).astype(np.float32), source="array")
        else:
            found = Matte(imaging.load_mask(mask, (size[0], size[1])), source=f"mask {Path(mask).name}")
    elif region == "all":
        found = Matte(np.ones(size, np.float32), source="all")
    else:
        from portrait_nst import segmentation

        found = segmentation.person(photo, person=person)
    if photo.alpha is not None:
        found = Matte(found.alpha * (photo.alpha > 0), found.people, found.source)
    if not found.alpha.any():
        raise MaskError("The mask is empty: nothing in the photo would be painted. Give a mask with white in it.")
    return found


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
    backdrop, second_style = _backdrop(settings.background)

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
    rgb, alpha = _assemble(picture, painted, behind, region.alpha, backdrop, joint)
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


def _backdrop(background: str) -> tuple[str, Photo | None]:
    """What to do with the background: ("keep" | "blur" | "transparent" | "#rrggbb" | "style", its style picture)."""
    if background in ("keep", "blur", "transparent"):
        return background, None
    if background.startswith("#"):
        _hex(background)
        return background, None
    if not Path(background).is_file():
        raise InputError(
            f"background must be keep, blur, transparent, a colour like '#1a2b3c', or a style picture; "
            f"{background!r} is none of these."
        )
    return "style", load(background)


def _hex(colour: str) -> tuple[int, int, int]:
    digits = colour[1:]
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    try:
        if len(digits) != 6:
            raise ValueError
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    except ValueError:
        raise InputError(f"A colour is written '#rrggbb' with hexadecimal digits, not {colour!r}.") from None


def _assemble(
    picture: Photo, painted: UInt8Array, behind: UInt8Array, alpha: FloatArray, backdrop: str, joint: bool
) -> tuple[UInt8Array, UInt8Array | None]:
    """The finished picture: painting over background, at the photo's size."""
    if joint:
        return painted, picture.alpha
    if backdrop == "transparent":
        opacity = alpha if picture.alpha is None else alpha * (picture.alpha.astype(np.float32) / 255)
        return painted, np.round(opacity * 255).astype(np.uint8)
    if backdrop == "keep":
        return imaging.composite(picture.rgb, painted, alpha, behind), picture.alpha
    if backdrop == "blur":
        import cv2

        sigma = BLUR * float(np.hypot(picture.height, picture.width))
        behind = cv2.GaussianBlur(behind, (0, 0), sigma)
    else:
        behind = np.empty_like(picture.rgb)
        behind[:] = _hex(backdrop)
    return imaging.composite(behind, painted, alpha, behind), picture.alpha
