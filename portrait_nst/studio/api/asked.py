"""A recipe that was asked for, as the desk takes it."""

from __future__ import annotations

from typing import Any

from portrait_nst.studio.models import Recipe
from portrait_nst.studio.painter.resolve import resolve
from portrait_nst.studio.studio import Studio


def wanted(studio: Studio, recipe: Recipe) -> dict[str, Any]:
    """What the desk needs to know of a recipe. Raises InputError and Missing."""
    resolved = resolve(recipe, studio.keeping, studio.options)
    return {"recipe": resolved, "kept": resolved.found}
