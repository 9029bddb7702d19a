"""How full the studio is, and what may go."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from portrait_nst.studio.api.access import TheStudio
from portrait_nst.studio.keeping import folders
from portrait_nst.studio.keeping.keeping import InUse, Missing
from portrait_nst.studio.models import Id, Model
from portrait_nst.studio.records import Thing
from portrait_nst.studio.studio import Studio

router = APIRouter(prefix="/api", tags=["about"])
Keep = Annotated[list[Id], Query(max_length=100, description="Photos that somebody looks at, which count as needed.")]


class Space(Model):
    """Bytes that are used, of the quota; photos: how many no job needs, not even a finished one; bytes: of them."""

    used: int
    quota: int
    photos: int
    bytes: int


@router.get("/space", summary="How full the studio is")
def space(studio: TheStudio, keep: Keep = []) -> Space:  # noqa: B006 - FastAPI copies it
    """What is used, and what of it no picture of the history needs."""
    return _space(studio, keep)


@router.post("/space/tidy", summary="Remove the photos that nothing needs")
def tidy(studio: TheStudio, keep: Keep = []) -> Space:  # noqa: B006 - FastAPI copies it
    """Remove all photos that no job needs, with their masks; how full the studio is then."""
    for photo in _unneeded(studio, keep):
        try:
            studio.keeping.forget(photo.id)
        except (InUse, Missing):  # a job came meanwhile, or somebody else removed it
            continue
        studio.keeping.on_gone(photo.id)
    return _space(studio, keep)


def _unneeded(studio: Studio, keep: list[str]) -> list[Thing]:
    return [photo for photo in studio.keeping.unneeded("photo") if photo.id not in keep]


def _space(studio: Studio, keep: list[str]) -> Space:
    photos = _unneeded(studio, keep)
    taken = sum(folders.size(studio.keeping.home / folders.THINGS / photo.id) for photo in photos)
    return Space(used=studio.keeping.used(), quota=studio.keeping.quota, photos=len(photos), bytes=taken)
