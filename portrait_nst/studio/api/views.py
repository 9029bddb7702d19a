"""Views of things: pictures that we encoded ourselves, kept as files beside them and in the browser."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from fastapi import Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from portrait_nst.studio.api.files import FOR_GOOD, described
from portrait_nst.studio.api.threads import aside
from portrait_nst.studio.keeping.errors import Missing
from portrait_nst.studio.records import Thing, ThingKind
from portrait_nst.studio.studio import Studio

STEP = 64  # pixels; the sizes that are kept are multiples of it, so that they are few
LONGEST = 1600  # as the page shows photos
Longest = Annotated[int, Query(ge=STEP, le=4096, description="Pixels of the longer side at most.")]
PICTURES = described("image/jpeg", "image/png", words="The picture, upright, in sRGB.") | {
    304: {"description": "The picture that the browser has is the right one."}
}
THUMB = 256
# Kept, but asked for each time: a photo that was removed is shown no more.
ASKED_FOR = {"Cache-Control": "private, no-cache"}
_PNG = b"\x89PNG"


async def view(studio: Studio, request: Request, id: str, kind: ThingKind, longest: int) -> Response:
    """A picture of the thing `id`, its longer side `longest` pixels at most; of a clip its middle frame. Raises Missing."""
    longest -= longest % STEP
    thing, data = await run_in_threadpool(_kept, studio, id, kind, longest)
    tag = f"{thing.id}-{longest}"
    if is_known(request, tag):
        return known(tag, ASKED_FOR)
    if data is None:  # only then it waits for the desk, behind uploads
        data = await aside(_bytes, studio, thing, longest)
    return answer(data, tag, ASKED_FOR)


def _kept(studio: Studio, id: str, kind: ThingKind, longest: int) -> tuple[Thing, bytes | None]:
    thing = studio.keeping.thing(id, kind)
    kept = studio.keeping.aside(thing.id, kept_name(longest))
    return thing, read(kept) if kept.is_file() else None


def _bytes(studio: Studio, thing: Thing, longest: int) -> bytes:
    kept = studio.keeping.aside(thing.id, kept_name(longest))
    if not kept.is_file():
        function = "examine.view_clip" if thing.kind == "clip" else "examine.view"
        path = studio.keeping.file(thing.id)
        studio.desk.call(function, path=path, longest=longest, out=kept, name=thing.name)
    return read(kept)


def kept_name(longest: int) -> str:
    """The file beside a thing in which its view is kept."""
    return f"view-{longest}"


def read(path: Path) -> bytes:
    """The bytes of a view. Raises Missing where its thing was removed meanwhile."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise Missing("This was removed meanwhile; bring it again.") from None


def is_known(request: Request, tag: str) -> bool:
    """Whether the browser says that it has the picture `tag`."""
    given = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    return f'"{tag}"' in given


def known(tag: str, keep: Mapping[str, str] = FOR_GOOD) -> Response:
    """The answer to a browser that has the picture. keep: the header that says how long."""
    return Response(status_code=304, headers=_headers(tag, keep))


def answer(data: bytes, tag: str, keep: Mapping[str, str] = FOR_GOOD) -> Response:
    """The answer with a picture, which browsers may keep, as a rule for good."""
    media = "image/png" if data.startswith(_PNG) else "image/jpeg"
    return Response(data, media_type=media, headers=_headers(tag, keep))


def _headers(tag: str, keep: Mapping[str, str]) -> dict[str, str]:
    return {"ETag": f'"{tag}"', "X-Content-Type-Options": "nosniff", **keep}
