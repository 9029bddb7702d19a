"""How a route gets at the studio."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from fastapi.requests import HTTPConnection

from portrait_nst.studio.studio import Studio


def _of(connection: HTTPConnection) -> Studio:
    found: Studio = connection.app.state.studio
    return found


TheStudio = Annotated[Studio, Depends(_of)]
