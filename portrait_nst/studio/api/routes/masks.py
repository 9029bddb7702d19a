"""Masks that were drawn or brought."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request

from portrait_nst.studio.api import uploads
from portrait_nst.studio.api.access import TheStudio
from portrait_nst.studio.api.routes.people import MaybeId, Who
from portrait_nst.studio.api.threads import aside
from portrait_nst.studio.models import ID, Id, ThingModel
from portrait_nst.studio.records import Thing
from portrait_nst.studio.resolved import matte_name
from portrait_nst.studio.studio import Studio

router = APIRouter(prefix="/api", tags=["masks"])


@router.post(
    "/masks",
    status_code=201,
    summary="Bring a mask, or a correction",
    openapi_extra=uploads.RAW,
    responses=uploads.REFUSALS,
)
async def bring(
    studio: TheStudio,
    request: Request,
    photo: Annotated[str, Query(pattern=ID)],
    person: Who = "all",
    base: MaybeId = "",
    name: uploads.Name = "",
) -> ThingModel:
    """Keep a mask for `photo`: white is painted.

    A grey picture that is partly transparent corrects the matte found of `person`, or the mask `base`: its value counts where it
    is opaque, and nothing changes where it is transparent. Any other picture of the photo's proportions is a whole mask.
    """
    studio.keeping.thing(photo, "photo")
    async with uploads.received(request, studio.keeping, studio.options.upload, name, "picture") as upload:
        thing = await aside(_made, studio, photo, person, base, upload)
    return uploads.model(thing)


@router.get("/masks/{id}", summary="A mask")
def one(studio: TheStudio, id: Id) -> ThingModel:
    """What is known of it; `of` is its photo. `/api/photos/{id}/matte?mask=` shows it."""
    return uploads.model(studio.keeping.thing(id, "mask"))


@router.delete("/masks/{id}", status_code=204, summary="Remove a mask")
def forget(studio: TheStudio, id: Id) -> None:
    """Refused while a job that is not finished needs it."""
    studio.keeping.forget(studio.keeping.thing(id, "mask").id)


def _made(studio: Studio, photo: str, person: str, base: str, upload: uploads.Upload) -> Thing:
    keeping = studio.keeping
    before: Path | None = keeping.file(keeping.thing(base, "mask").id) if base else None
    out = keeping.incoming()
    try:
        size = studio.desk.call(
            "masks.make",
            path=keeping.file(photo),
            kept=keeping.aside(photo, matte_name(person)),
            brought=upload.path,
            name=upload.name,
            out=out,
            pixels=studio.options.pixels,
            person=person,
            base=before,
        )
        thing = keeping.add("mask", out, upload.name, width=size["width"], height=size["height"], of=photo)
    finally:
        out.unlink(missing_ok=True)
    keeping.tidy()
    return thing
