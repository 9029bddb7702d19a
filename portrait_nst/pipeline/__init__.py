"""Where the rooms meet: a photo in, a `Result` or a `PopartResult` out."""

from portrait_nst.pipeline.api import paint_job, rerun, stylize
from portrait_nst.pipeline.inputs import Mask, Picture, load, load_style, matte
from portrait_nst.pipeline.plan import PaintPlan
from portrait_nst.pipeline.pop_art import as_popart, popart
from portrait_nst.pipeline.reconstruction import reconstruct
from portrait_nst.pipeline.run import OnStep, Run
from portrait_nst.pipeline.styles import Style
from portrait_nst.pipeline.stylizer import Stylizer
from portrait_nst.pipeline.subject import Subject, prepare

__all__ = [
    "Mask",
    "OnStep",
    "PaintPlan",
    "Picture",
    "Run",
    "Style",
    "Stylizer",
    "Subject",
    "as_popart",
    "load",
    "load_style",
    "matte",
    "paint_job",
    "popart",
    "prepare",
    "reconstruct",
    "rerun",
    "stylize",
]
