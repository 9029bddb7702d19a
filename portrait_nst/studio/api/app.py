"""The application: routes and the page. What stands before them is `security.stack`."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI, Request, Response

from portrait_nst import __version__
from portrait_nst.studio.api import getting_ready
from portrait_nst.studio.api.errors import answer_errors
from portrait_nst.studio.api.files import Kept
from portrait_nst.studio.api.heads import Heads
from portrait_nst.studio.api.openapi import ERRORS, described, operation_id
from portrait_nst.studio.api.routes import (
    about,
    batches,
    clips,
    docs,
    events,
    forecasts,
    jobs,
    live,
    masks,
    people,
    photos,
    popart,
    previews,
    space,
    styles,
)
from portrait_nst.studio.studio import Studio

PAGE = Path(__file__).resolve().parent.parent / "page"


def make_app(studio: Studio) -> FastAPI:
    """The application of `studio`."""
    app = FastAPI(
        title="portrait_nst studio",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses=ERRORS,
        separate_input_output_schemas=False,
        generate_unique_id_function=operation_id,
    )
    app.state.studio = studio
    app.openapi = lambda: described(app)  # type: ignore[method-assign]
    app.add_middleware(Heads)
    answer_errors(app)
    for routes in (
        about,
        photos,
        people,
        masks,
        clips,
        styles,
        previews,
        forecasts,
        popart,
        jobs,
        batches,
        events,
        live,
        docs,
        space,
    ):
        app.include_router(routes.router)
    app.mount("/api/docs/files", Kept(docs.FILES), name="docs")
    if studio.options.page:
        files = Kept(PAGE)
        app.mount("/static", files, name="static")

        @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
        async def page(request: Request) -> Response:
            getting_ready.expect(studio)
            return await files.get_response("index.html", request.scope)

    return app
