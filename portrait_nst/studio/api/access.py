"""How a route gets at the studio."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from fastapi.requests import HTTPConnection

from portrait_nst.studio.studio import Studio


async def _of(connection: HTTPConnection) -> Studio:
    # async, so that no request waits for a thread for it
    found: Studio = connection.app.state.studio
    return found


TheStudio = Annotated[Studio, Depends(_of)]
