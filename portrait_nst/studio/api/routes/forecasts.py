"""How long a recipe would take."""

from __future__ import annotations

from fastapi import APIRouter

from portrait_nst.studio.api.access import TheStudio
from portrait_nst.studio.api.asked import wanted
from portrait_nst.studio.api.getting_ready import PAUSE
from portrait_nst.studio.models import Forecast, Recipe

router = APIRouter(prefix="/api", tags=["previews"])


@router.post("/forecasts", summary="What a recipe would take")
def forecast(studio: TheStudio, recipe: Recipe) -> Forecast:
    """Seconds, from the painter's first look at the photo to the saved picture, and bytes of memory.

    They are corrected by what jobs of the same kind and quality took lately on this machine.
    """
    resolved = wanted(studio, recipe)
    found = studio.desk.later("forecasts.forecast", measure=False, recipe=resolved)
    if found is None:  # the speed of this machine is not known yet: nobody shall wait while it is measured
        found = studio.desk.later("forecasts.forecast", idle=PAUSE, recipe=resolved)
    request = recipe.model_dump(mode="json", include=set(Recipe.model_fields))
    return studio.queue.paces.foretell(request, Forecast.model_validate(found))
