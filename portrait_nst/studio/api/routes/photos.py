"""Photos that were brought."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from portrait_nst.studio.api import uploads, views
from portrait_nst.studio.api.access import TheStudio
from portrait_nst.studio.models import Id, ThingModel

router = APIRouter(prefix="/api", tags=["photos"])


@router.post("/photos", status_code=201, summary="Bring a photo", openapi_extra=uploads.RAW, responses=uploads.REFUSALS)
async def bring(studio: TheStudio, request: Request, name: uploads.Name = "") -> ThingModel:
    """Keep the photo in the body, raw bytes as application/octet-stream; the same bytes are kept once."""
    return uploads.model(await uploads.bring(studio, request, "photo", name))


@router.get("/photos", summary="The photos that were brought, newest first")
def listed(
    studio: TheStudio, limit: uploads.Limit = 200, before: Annotated[Id | None, Query()] = None
) -> list[ThingModel]:
    """At most `limit`; `before`: the id of the last one of the list before, to go on."""
    return [uploads.model(thing) for thing in studio.keeping.things("photo", limit, before)]


@router.get("/photos/{id}", summary="A photo")
def one(studio: TheStudio, id: Id) -> ThingModel:
    """What is known of it."""
    return uploads.model(studio.keeping.thing(id, "photo"))


@router.delete("/photos/{id}", status_code=204, summary="Remove a photo")
def forget(studio: TheStudio, id: Id) -> None:
    """Its file, views and masks go. Refused while a job that is not finished needs it."""
    studio.keeping.forget(studio.keeping.thing(id, "photo").id)


@router.get("/photos/{id}/view", response_class=Response, responses=views.PICTURES, summary="A picture of a photo")
async def view(studio: TheStudio, request: Request, id: Id, longest: views.Longest = 1600) -> Response:
    """A JPEG, or a PNG where it is partly transparent; upright, in sRGB."""
    return await views.view(studio, request, id, "photo", longest)
