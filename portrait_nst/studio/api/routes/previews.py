"""Small pictures of what a recipe would make, at once."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Response

from portrait_nst.studio.api import getting_ready
from portrait_nst.studio.api.access import TheStudio
from portrait_nst.studio.api.asked import wanted
from portrait_nst.studio.models import PreviewRequest
from portrait_nst.studio.plain import plainly

router = APIRouter(prefix="/api", tags=["previews"])
PICTURE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"image/jpeg": {}, "image/png": {}},
        "description": "The picture; a PNG where it is partly transparent. `X-Notes`: remarks, a percent-encoded JSON list.",
        "headers": {"X-Notes": {"schema": {"type": "string"}}},
    }
}


@router.post(
    "/previews", response_class=Response, responses=PICTURE, summary="What it will look like, painted small at once"
)
def preview(studio: TheStudio, request: PreviewRequest) -> Response:
    """Painted by a learned network, in a tenth of a second once the studio is warm. What it cannot show, `X-Notes` lists.

    With `client`, a later request takes the place of one that still waits, which is then answered with 429; without, it stands
    back for those.
    """
    recipe = wanted(studio, request)
    if request.client:
        data, media, notes = studio.desk.latest(
            request.client, "previews.preview", longest=request.longest, recipe=recipe
        )
    else:
        data, media, notes = studio.desk.later("previews.preview", longest=request.longest, recipe=recipe)
    getting_ready.rest(studio)
    headers = {"X-Notes": quote(json.dumps(plainly(notes, recipe.name_of))), "Cache-Control": "no-store"}
    return Response(data, media_type=media, headers=headers)
