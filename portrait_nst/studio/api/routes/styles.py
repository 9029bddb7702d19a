"""Styles: those of the package by name, and pictures that were brought."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from portrait_nst.studio.api import thumbs, uploads, views
from portrait_nst.studio.api.access import TheStudio
from portrait_nst.studio.models import Id, StyleModel, ThingModel

router = APIRouter(prefix="/api", tags=["styles"])
NameOrId = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9_-]{1,100}$", description="A style's name, or the id of an upload.")
]


@router.get("/styles", summary="All styles: those of the package, then uploads, newest first")
def listed(studio: TheStudio) -> list[StyleModel]:
    """Names, what they look like, and whether a network has learned them, so that they paint at once."""
    return [*thumbs.named(), *(thumbs.uploaded(thing) for thing in studio.keeping.things("style", None))]


@router.post(
    "/styles",
    status_code=201,
    summary="Bring a picture as a style",
    openapi_extra=uploads.RAW,
    responses=uploads.REFUSALS,
)
async def bring(studio: TheStudio, request: Request, name: uploads.Name = "") -> ThingModel:
    """Keep the picture in the body, raw bytes as application/octet-stream; the same bytes are kept once."""
    return uploads.model(await uploads.bring(studio, request, "style", name))


@router.delete("/styles/{id}", status_code=204, summary="Remove a style that was brought")
def forget(studio: TheStudio, id: Id) -> None:
    """Refused while a job that is not finished needs it."""
    studio.keeping.forget(studio.keeping.thing(id, "style").id)


@router.get(
    "/styles/{id}/thumb", response_class=Response, responses=views.PICTURES, summary="A small picture of a style"
)
async def thumb(studio: TheStudio, request: Request, id: NameOrId) -> Response:
    """Of 256 pixels."""
    return await thumbs.thumb(studio, request, id)


@router.get("/styles/{id}/view", response_class=Response, responses=views.PICTURES, summary="A picture of a style")
async def view(studio: TheStudio, request: Request, id: NameOrId, longest: views.Longest = 1600) -> Response:
    """A JPEG, or a PNG where it is partly transparent; upright, in sRGB."""
    return await thumbs.thumb(studio, request, id, longest)
