"""The application: routes and the page. What stands before them is `security.stack`."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from starlette.staticfiles import StaticFiles

from portrait_nst import __version__
from portrait_nst.studio.api import getting_ready
from portrait_nst.studio.api.errors import answer_errors
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
    ):
        app.include_router(routes.router)
    app.mount("/api/docs/files", StaticFiles(directory=docs.FILES), name="docs")
    if studio.options.page:
        app.mount("/static", StaticFiles(directory=PAGE), name="static")

        @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
        def page() -> FileResponse:
            getting_ready.expect(studio)
            return FileResponse(PAGE / "index.html")

    return app
