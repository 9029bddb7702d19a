"""Who is in a photo, and what of it would be painted."""

from __future__ import annotations

import contextlib
import json
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Query, Response

from portrait_nst.errors import InputError
from portrait_nst.studio.api import getting_ready
from portrait_nst.studio.api.access import TheStudio
from portrait_nst.studio.api.files import FOR_GOOD, described
from portrait_nst.studio.models import Id, People
from portrait_nst.studio.records import ThingKind
from portrait_nst.studio.resolved import matte_name
from portrait_nst.studio.studio import Studio

router = APIRouter(prefix="/api", tags=["photos"])
WHO = r"^(all|largest|[1-9][0-9]{0,2})$"
Who = Annotated[
    str, Query(pattern=WHO, description="all, largest, or a number from the left, as the setting `person`.")
]
MaybeId = Annotated[str, Query(pattern=r"^([0-9a-f]{16})?$")]
PNG = described("image/png", words="Grey, 8 bits: white is painted.")


@router.get("/photos/{id}/people", summary="Who is in a photo")
def of_photo(studio: TheStudio, id: Id, background: BackgroundTasks) -> People:
    """The people, numbered from the left, with faces and outlines. That nobody is found is an answer too: a note says why."""
    return _people(studio, id, "photo", background)


@router.get("/clips/{id}/people", summary="Who is in a clip")
def of_clip(studio: TheStudio, id: Id, background: BackgroundTasks) -> People:
    """As for a photo, in the frame in its middle."""
    return _people(studio, id, "clip", background)


@router.get("/photos/{id}/matte", response_class=Response, responses=PNG, summary="What of a photo would be painted")
def matte(
    studio: TheStudio,
    id: Id,
    person: Who = "all",
    mask: MaybeId = "",
    longest: Annotated[int, Query(ge=64, le=4096)] = 1600,
) -> Response:
    """The matte of all people or one, or a mask of this photo."""
    keeping = studio.keeping
    thing = keeping.thing(id, "photo")
    if mask and keeping.thing(mask, "mask").of not in ("", id):
        raise InputError("This mask belongs to another photo; draw one for this photo, or leave it out.")
    data = studio.desk.call(
        "mattes.matte",
        path=keeping.file(thing.id),
        kept=keeping.aside(thing.id, matte_name(person)),
        person=person,
        mask=keeping.file(mask) if mask else None,
        longest=longest,
    )
    return Response(data, media_type="image/png", headers=FOR_GOOD)


def _people(studio: Studio, id: str, kind: ThingKind, background: BackgroundTasks) -> People:
    keeping = studio.keeping
    thing = keeping.thing(id, kind)
    kept = keeping.aside(thing.id, "people.json")
    if kind == "photo":
        background.add_task(getting_ready.prepare, studio, thing.id)
    with contextlib.suppress(OSError, ValueError):  # not looked for yet, or damaged
        return People.model_validate(json.loads(kept.read_bytes()))
    found = studio.desk.later(
        "people.people", path=keeping.file(thing.id), out=kept, name=thing.name, clip=kind == "clip"
    )
    return People.model_validate(found)
