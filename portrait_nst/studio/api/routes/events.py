"""What changes, as server-sent events: `job` with a JobModel, `gone` with an id."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from portrait_nst.studio.api.access import TheStudio
from portrait_nst.studio.events import Listener
from portrait_nst.studio.models import Problem

HEARTBEAT = 15.0  # seconds after which a comment says that the connection is alive
router = APIRouter(prefix="/api", tags=["events"])


@router.get(
    "/events",
    summary="What changes, as it changes",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "The events, for ever."},
        429: {"model": Problem, "description": "Too many listen already."},
    },
)
async def events(studio: TheStudio) -> StreamingResponse:
    """Listen to all jobs: `job` (a JobModel) whenever one changes, `gone` ({"id"}) when one was removed.

    A slow reader gets the newest state of each job. A comment comes every 15 seconds. After a reconnection fetch the jobs anew.
    """
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_lines(studio.events.listen()), media_type="text/event-stream", headers=headers)


async def _lines(listener: Listener) -> AsyncIterator[str]:
    try:
        yield "retry: 1000\n: hello\n\n"
        while True:
            try:
                first = await asyncio.wait_for(anext(listener), HEARTBEAT)
            except TimeoutError:
                yield ": here\n\n"
            except StopAsyncIteration:
                return
            else:
                yield "".join(f"event: {event}\ndata: {data}\n\n" for event, data in (first, *listener.rest()))
    finally:
        listener.close()
