"""The recipe that goes into every picture's metadata: what is needed to make it again, without the folders it lay in."""

from portrait_nst.recipe.job import Job, read_job
from portrait_nst.recipe.recipe import POPART, STYLIZE, Recipe, with_popart
from portrait_nst.recipe.search import Given

__all__ = ["POPART", "STYLIZE", "Given", "Job", "Recipe", "read_job", "with_popart"]
