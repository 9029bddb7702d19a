"""Uploads: raw bytes that are counted and looked at while they come, and of which nothing stays unless all of it is taken."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, BinaryIO

from anyio import to_thread
from fastapi import Query, Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from portrait_nst.errors import InputError, PortraitError
from portrait_nst.studio.api import getting_ready, views
from portrait_nst.studio.api.threads import aside
from portrait_nst.studio.keeping import folders
from portrait_nst.studio.keeping.keeping import Keeping
from portrait_nst.studio.keeping.names import shown
from portrait_nst.studio.models import Problem, ThingModel
from portrait_nst.studio.plain import plainly
from portrait_nst.studio.records import Thing, ThingKind
from portrait_nst.studio.security.kinds import HEAD, Group, check, check_start
from portrait_nst.studio.studio import Studio

_PIECE = 1 << 20  # bytes that are gathered before they are written
LONGEST_NAME = 1000  # characters that are looked at
RAW: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
"""What OpenAPI says of a route's body."""
Name = Annotated[str, Query(max_length=LONGEST_NAME, description="As the file is called; for show only.")]
Limit = Annotated[int, Query(ge=1, le=1000)]
REFUSALS: dict[int | str, dict[str, Any]] = {
    413: {"model": Problem, "description": "It has more bytes than are taken."},
    422: {"model": Problem, "description": "It is not of a kind that is taken, damaged, or too large in pixels."},
    503: {"model": Problem, "description": "There is no room for it, on the disk or within the quota."},
}


class TooLarge(InputError):
    """A body of more bytes than are taken."""

    status = 413


@dataclass(frozen=True)
class Upload:
    """A file that was brought, in `incoming`; name: of the user's file, as it may be shown."""

    path: Path
    name: str
    sha256: str


@asynccontextmanager
async def received(request: Request, keeping: Keeping, limit: int, name: str, group: Group) -> AsyncIterator[Upload]:
    """The body of `request` as a file, of at most `limit` bytes and a kind that is taken; it is gone at the end, if not moved.

    Raises TooLarge, InputError also where the client went away, ResourceError where there is no room.
    """
    name = shown(name[:LONGEST_NAME])
    path = keeping.incoming()
    try:
        try:
            stated = _stated_length(request)
            if stated > limit:
                raise _too_large(name, limit)
            await aside(keeping.make_room, max(stated, 0))
            with await to_thread.run_sync(partial(_opened, path, keeping)) as file:
                sha256 = await _written(request, file, limit, name, group, keeping)
        except PortraitError:
            await _drained(request, limit)
            raise
        await aside(check, path, name, group)
        yield Upload(path, name, sha256)
    finally:
        folders.remove(path)


async def _written(request: Request, file: BinaryIO, limit: int, name: str, group: Group, keeping: Keeping) -> str:
    """Write the body to `file`, its beginning looked at first; its sha256."""
    digest, piece, size = hashlib.sha256(), bytearray(), 0

    def write(data: bytes) -> None:
        digest.update(data)
        with folders.disk_errors(keeping.home):
            file.write(data)

    begun = False
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise _too_large(name, limit)
            piece += chunk
            if not begun and len(piece) >= HEAD:
                check_start(bytes(piece[:HEAD]), name, group)
                begun = True
            if len(piece) >= _PIECE:
                await to_thread.run_sync(write, bytes(piece))
                piece.clear()
    except ClientDisconnect:
        raise InputError(f"The upload of {name} was cut off after {size / 1e6:.1f} MB; bring it again.") from None
    if not begun:
        check_start(bytes(piece[:HEAD]), name, group)
    await to_thread.run_sync(write, bytes(piece))
    with folders.disk_errors(keeping.home):
        file.flush()
    return digest.hexdigest()


async def _drained(request: Request, limit: int) -> None:
    """Read what else is sent, `limit` bytes at most: a browser that is refused while it sends would never see the answer."""
    left = limit
    with suppress(ClientDisconnect, HTTPException, RuntimeError):  # it went away, is too slow, or all is read
        async for chunk in request.stream():
            left -= len(chunk)
            if left < 0:
                return


async def bring(studio: Studio, request: Request, kind: ThingKind, name: str) -> Thing:
    """Keep what is brought as a photo, style or clip, once the desk has decoded it; what is there already is found again."""
    clip = kind == "clip"
    limit = studio.options.clip if clip else studio.options.upload
    async with received(request, studio.keeping, limit, name, "clip" if clip else "picture") as upload:
        thing = await aside(_kept, studio, kind, upload)
    if kind == "photo":
        getting_ready.warm(studio)
    return thing


def _kept(studio: Studio, kind: ThingKind, upload: Upload) -> Thing:
    keeping = studio.keeping
    if (found := keeping.same(kind, upload.sha256)) is not None:
        return keeping.named(found, upload.name)
    values: dict[str, Any] = {"path": upload.path, "name": upload.name, "pixels": studio.options.pixels}
    shown = keeping.incoming() if kind == "photo" else None
    try:
        if shown is not None:
            values |= {"shown": shown, "longest": views.LONGEST}
        seen = studio.desk.call("examine.examine_clip" if kind == "clip" else "examine.examine", **values)
        thing = keeping.add(
            kind,
            upload.path,
            upload.name,
            width=int(seen["width"]),
            height=int(seen["height"]),
            seconds=float(seen.get("seconds", 0.0)),
            notes=plainly(seen.get("notes", ())),
            sha256=upload.sha256,
        )
        if shown is not None:
            with suppress(OSError, PortraitError):  # it is made again when it is asked for
                shown.replace(keeping.aside(thing.id, views.kept_name(views.LONGEST)))
    finally:
        if shown is not None:
            folders.remove(shown)
    keeping.tidy()
    return thing


def model(thing: Thing) -> ThingModel:
    """What the API says of a thing."""
    return ThingModel(
        id=thing.id,
        kind=thing.kind,
        name=thing.name,
        width=thing.width,
        height=thing.height,
        made=thing.made,
        seconds=thing.seconds,
        of=thing.of,
        notes=list(thing.notes),
    )


def _opened(path: Path, keeping: Keeping) -> BinaryIO:
    with folders.disk_errors(keeping.home):
        return path.open("xb")


def _stated_length(request: Request) -> int:
    """Bytes of the body, as the client says; -1 where it does not."""
    stated = request.headers.get("content-length", "")
    return int(stated) if stated.isascii() and stated.isdecimal() else -1


def _too_large(name: str, limit: int) -> TooLarge:
    return TooLarge(f"{name} has more than {limit / 1e6:,.0f} MB, which are taken at most; bring a smaller copy.")
