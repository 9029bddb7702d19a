"""Where the rooms meet: a photo in, a `Result` or a `PopartResult` out."""

from portrait_nst.pipeline.inputs import Picture, load, load_style, matte
from portrait_nst.pipeline.painting import OnStep, paint_job, rerun, stylize
from portrait_nst.pipeline.pop_art import as_popart, popart
from portrait_nst.pipeline.reconstruction import reconstruct

__all__ = [
    "OnStep",
    "Picture",
    "as_popart",
    "load",
    "load_style",
    "matte",
    "paint_job",
    "popart",
    "reconstruct",
    "rerun",
    "stylize",
]
