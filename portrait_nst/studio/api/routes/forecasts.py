"""How long a recipe would take."""

from __future__ import annotations

from fastapi import APIRouter

from portrait_nst.studio.api.access import TheStudio
from portrait_nst.studio.api.routes.previews import wanted
from portrait_nst.studio.models import Forecast, Recipe

router = APIRouter(prefix="/api", tags=["previews"])


@router.post("/forecasts", summary="What a recipe would take")
def forecast(studio: TheStudio, recipe: Recipe) -> Forecast:
    """Seconds, from the painter's first look at the photo to the saved picture, and bytes of memory."""
    return Forecast.model_validate(studio.desk.call("forecasts.forecast", **wanted(studio, recipe)))
