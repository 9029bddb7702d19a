"""A recipe that was asked for, as the desk takes it."""

from __future__ import annotations

from portrait_nst.studio.models import Recipe
from portrait_nst.studio.painter.resolve import resolve
from portrait_nst.studio.resolved import Resolved
from portrait_nst.studio.studio import Studio


def wanted(studio: Studio, recipe: Recipe) -> Resolved:
    """What the desk needs to know of a recipe. Raises InputError and Missing."""
    return resolve(recipe, studio.keeping, studio.options)
