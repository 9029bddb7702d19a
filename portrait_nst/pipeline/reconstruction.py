"""What single layers know: a picture made from noise that has the content, or the style, that an encoder sees in another.

Gatys et al. 2015, figure 1; content reconstruction is that of Mahendran & Vedaldi 2015 with the losses of this project.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from portrait_nst import imaging
from portrait_nst.pipeline.inputs import Picture, load, load_style
from portrait_nst.pipeline.painting import OnStep, follow
from portrait_nst.pipeline.style_crop import shown
from portrait_nst.pipeline.styles import Painted, source
from portrait_nst.presets import settings_of
from portrait_nst.recipe import make_recipe
from portrait_nst.settings import Settings
from portrait_nst.types import Matte, Result

ITERATIONS = 200


def reconstruct(
    what: str, picture: Picture, *, settings: Settings | None = None, on_step: OnStep | None = None, **changes: Any
) -> Result:
    """Make, from noise, a picture with the content or the style of `picture`.

    what: "content": the features of ``content_layers`` come back, where they were; "style": the statistics of
          ``style_layers``, wherever they fall. Both layers' lists are empty for the encoder's own.
    picture: of a style, as text, also the name of one in the package.
    settings, changes: as for `stylize`; what has no meaning here (masks, background, faces) is left alone. By default one
          scale, from noise, `ITERATIONS` steps.

    Raises InputError, ModelError or ResourceError.
    """
    if what not in ("content", "style"):
        raise ValueError(f"what must be 'content' or 'style', not {what!r}")
    began = time.monotonic()
    settings = settings_of(None, **changes) if settings is None else settings.replace(**changes)
    settings = _from_noise(settings)
    if settings.threads is not None:
        import torch

        torch.set_num_threads(settings.threads)
    from dataclasses import replace

    from portrait_nst import encoders, transfer

    photo = load_style(picture) if what == "style" else load(picture)
    encoder = encoders.get(settings.encoder, settings.weights, pooling=settings.pooling)
    config = transfer.build_config(settings, encoder, photo.height, photo.width)
    only = {"style_layers": ()} if what == "content" else {"content_layers": ()}
    seen = shown(photo)
    config = replace(config, weights=replace(config.weights, **only), grey=config.grey or seen.grey)  # type: ignore[arg-type]
    whole = Matte(np.ones(photo.rgb.shape[:2], np.float32), None, "all")
    styles = [source(Painted(whole.alpha, ((photo, 1.0),)), "whole", photo, settings, encoder)]
    painter = transfer.StyleOptimizer(encoder, imaging.to_float(seen.rgb), styles, config)
    losses, notes = follow(painter, on_step)
    rgb = imaging.to_uint8(painter.finish())
    rgb = imaging.as_grey(rgb) if config.grey else rgb
    recipe = make_recipe(
        photo, [(None, ((photo, 1.0),))], None, whole, settings, encoder.sha256, config.device, config.bf16
    )
    recipe["command"] = f"reconstruct {what}"
    return Result(rgb, None, whole, recipe, losses, time.monotonic() - began, tuple(dict.fromkeys(notes)))


def _from_noise(settings: Settings) -> Settings:
    """`settings` with what differs from painting; what was chosen on purpose (not the default) stays."""
    defaults = Settings()
    wanted = {
        "init": "random",
        "scales": (1.0,),
        "iterations": ITERATIONS,
        "content_weight": 1.0,
        "tv_weight": 0.002,
        "recolour": 0.0,
        "method": "gram",
        "face_hold": 0.0,
    }
    unset = {name: value for name, value in wanted.items() if getattr(settings, name) == getattr(defaults, name)}
    return settings.replace(**unset, region="all")
