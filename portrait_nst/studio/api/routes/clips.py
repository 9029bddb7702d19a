"""Clips that were brought."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from portrait_nst.studio.api import uploads, views
from portrait_nst.studio.api.access import TheStudio
from portrait_nst.studio.models import Id, ThingModel

router = APIRouter(prefix="/api", tags=["clips"])


@router.post("/clips", status_code=201, summary="Bring a clip", openapi_extra=uploads.RAW, responses=uploads.REFUSALS)
async def bring(studio: TheStudio, request: Request, name: uploads.Name = "") -> ThingModel:
    """Keep the clip in the body, raw bytes as application/octet-stream; the same bytes are kept once."""
    return uploads.model(await uploads.bring(studio, request, "clip", name))


@router.get("/clips", summary="The clips that were brought, newest first")
def listed(
    studio: TheStudio, limit: uploads.Limit = 200, before: Annotated[Id | None, Query()] = None
) -> list[ThingModel]:
    """At most `limit`; `before`: the id of the last one of the list before, to go on."""
    return [uploads.model(thing) for thing in studio.keeping.things("clip", limit, before)]


@router.get("/clips/{id}", summary="A clip")
def one(studio: TheStudio, id: Id) -> ThingModel:
    """What is known of it."""
    return uploads.model(studio.keeping.thing(id, "clip"))


@router.delete("/clips/{id}", status_code=204, summary="Remove a clip")
def forget(studio: TheStudio, id: Id) -> None:
    """Its file, views and masks go. Refused while a job that is not finished needs it."""
    studio.keeping.forget(studio.keeping.thing(id, "clip").id)


@router.get("/clips/{id}/view", response_class=Response, responses=views.PICTURES, summary="A picture of a clip")
async def view(studio: TheStudio, request: Request, id: Id, longest: views.Longest = 1600) -> Response:
    """A JPEG of the frame in its middle."""
    return await views.view(studio, request, id, "clip", longest)
