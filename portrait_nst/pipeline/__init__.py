"""Where the rooms meet: a photo in, a `Result` or a `PopartResult` out."""

from portrait_nst.pipeline.inputs import Picture, load, load_style, matte
from portrait_nst.pipeline.painting import OnStep, paint_job, rerun, stylize
from portrait_nst.pipeline.reconstruction import reconstruct
from portrait_nst.pipeline.segments import as_popart, popart

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
