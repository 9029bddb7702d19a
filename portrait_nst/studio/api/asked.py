"""A recipe that was asked for, as the desk takes it."""

from __future__ import annotations

from typing import Any

from portrait_nst.studio.api.models import Recipe
from portrait_nst.studio.painter.resolve import resolve
from portrait_nst.studio.studio import Studio


def wanted(studio: Studio, recipe: Recipe) -> dict[str, Any]:
    """What the desk needs to know of a recipe. Raises InputError and Missing."""
    resolved = resolve(recipe, studio.keeping, studio.options)
    kept = studio.keeping.aside(recipe.photo, matte_name(resolved.settings.person))
    return {"recipe": resolved, "kept": kept}


def matte_name(person: str | int) -> str:
    """The file beside a photo in which the found matte of `person` is kept."""
    return f"matte-{person}.png"
