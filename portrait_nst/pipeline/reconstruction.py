"""Shows what single layers represent: a picture is made from noise with the content, or the style, of another picture.

This is figure 1 of Gatys et al. 2015; content reconstruction is that of Mahendran & Vedaldi 2015, with the losses of this
project.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from portrait_nst import imaging
from portrait_nst.pipeline.inputs import Picture, load, load_style
from portrait_nst.pipeline.run import OnStep, Progress, Run
from portrait_nst.pipeline.style_crop import shown
from portrait_nst.pipeline.styles import StyledRegion, source
from portrait_nst.pipeline.stylizer import Stylizer
from portrait_nst.presets import settings_of
from portrait_nst.recipe import Recipe
from portrait_nst.result import Result
from portrait_nst.settings import Settings
from portrait_nst.types import Forecast, Matte, Photo

if TYPE_CHECKING:
    from portrait_nst.encoders import Encoder
    from portrait_nst.transfer import EngineConfig, StyleOptimizer, TimeEstimate

ITERATIONS = 200


def reconstruct(
    what: str, picture: Picture, *, settings: Settings | None = None, on_step: OnStep | None = None, **changes: Any
) -> Result:
    """Make, from noise, a picture with the content or the style of `picture`.

    what: "content": the features of `content_layers` come back where they were; "style": the statistics of `style_layers`,
          wherever they fall. An empty list of layers stands for the encoder's own.
    picture: in any form that `load` takes; for a style, text may also be the name of a style in the package.
    settings, changes: as for `stylize`; settings without a meaning here (masks, background, faces) are ignored. By default there
          is one scale, which is made from noise in `ITERATIONS` steps.

    Raises InputError, ModelError or ResourceError.
    """
    if what not in ("content", "style"):
        raise ValueError(f"what must be 'content' or 'style', not {what!r}")
    settings = settings_of(None, **changes) if settings is None else settings.replace(**changes)
    settings = _from_noise(settings)
    photo = load_style(picture) if what == "style" else load(picture)
    return Run(_Reconstruction(what, photo, settings)).result(on_step)


class _Reconstruction:
    """The `Work` of a run that reconstructs a picture."""

    def __init__(self, what: str, photo: Photo, settings: Settings) -> None:
        self.what, self.photo, self.settings = what, photo, settings
        self.encoder: Encoder = Stylizer.of(settings).network
        self.config: EngineConfig

    def begin(self) -> StyleOptimizer:
        """The optimiser of the single loss."""
        import torch

        from portrait_nst import transfer

        photo, settings, seen = self.photo, self.settings, shown(self.photo)
        if settings.threads is not None:
            torch.set_num_threads(settings.threads)
        config = transfer.build_config(settings, self.encoder, photo.height, photo.width)
        left = (
            replace(config.weights, style_layers=())
            if self.what == "content"
            else replace(config.weights, content_layers=())
        )
        self.config = replace(config, weights=left, grey=config.grey or seen.grey)
        whole = StyledRegion(np.ones(photo.size, np.float32), ((photo, 1.0),))
        styles = [source(whole, "whole", photo, settings, self.encoder)]
        return transfer.StyleOptimizer(self.encoder, imaging.to_float(seen.rgb), styles, self.config)

    def foretell(self, optimizer: StyleOptimizer, spent: float) -> tuple[TimeEstimate | None, Forecast | None]:
        """No estimate: the time of a reconstruction is not measured beforehand."""
        return None, None

    def finish(self, progress: Progress) -> Result:
        """The picture at the size of its last scale."""
        assert progress.optimizer is not None
        rgb = imaging.to_uint8(progress.optimizer.finish())
        progress.optimizer = None
        recipe = Recipe(
            photo=self.photo,
            styles=[(None, ((self.photo, 1.0),))],
            matte=Matte(np.ones(self.photo.size, np.float32), None, "all"),
            settings=self.settings,
            weights_sha256=self.encoder.sha256,
            device=self.config.device,
            bf16=self.config.bf16,
            command=f"reconstruct {self.what}",
        )
        return progress.made(imaging.as_grey(rgb) if self.config.grey else rgb, None, recipe)


def _from_noise(settings: Settings) -> Settings:
    """`settings` with the defaults of reconstructions in place of those of paintings; other values are not changed."""
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
