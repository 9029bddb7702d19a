"""The API's description: what FastAPI finds in the routes, and the settings with their ranges, which routes take as they are."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.settings import Settings
from portrait_nst.studio.api.setting_models import model_of
from portrait_nst.studio.models import Problem
from portrait_nst.studio.painter.words import REFUSED

RECIPES = ("Recipe", "JobRequest", "BatchRequest", "PreviewRequest")
_REF = "#/components/schemas/"
DESCRIPTION = """Portraits in any style, painted by this machine. Names are those of `portrait_nst.stylize` and `popart`.

Bring a photo (`POST /api/photos`, its bytes as they are), post a job with its id, listen to `/api/events`, and fetch the result.
Every error is a `Problem`: one line that says what was wrong, what was expected, and what to do. A studio that others can reach
wants its token, as `Authorization: Bearer TOKEN`."""
TAGS = [
    {"name": "about", "description": "The studio itself, and everything that a recipe may say."},
    {"name": "photos", "description": "Photos that were brought, and who is in them."},
    {"name": "clips", "description": "Films that were brought."},
    {"name": "styles", "description": "Paintings: those of the package, and those that were brought."},
    {"name": "masks", "description": "What of a photo is painted, drawn or brought instead of found."},
    {"name": "previews", "description": "What a recipe will look like, and take, before it is painted."},
    {"name": "popart", "description": "Pop art of a photo, composed at once, and its files."},
    {"name": "jobs", "description": "What is painted, was painted, or waits for it."},
    {"name": "batches", "description": "The same recipe for many photos."},
    {"name": "events", "description": "What changes, as it changes."},
]
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": words}
    for status, words in {
        400: "The request is not HTTP, or not JSON.",
        401: "The studio wants its token.",
        403: "The request comes from another page, or names another host.",
        404: "There is nothing of this id.",
        405: "The address does not take this method; `Allow` says which.",
        408: "The upload stood still.",
        413: "The upload is too large.",
        415: "The body is not of the type that the address takes.",
        422: "Something in the request cannot be used; `field` says which part, where it is known.",
        429: "Too many requests; `Retry-After` says when to try again.",
        500: "The studio made an error, which its terminal tells.",
        503: "The machine lacks memory, room on the disk, or a device.",
    }.items()
}
EXAMPLES: dict[str, dict[str, Any]] = {
    "JobRequest": {
        "photo": "0123456789abcdef",
        "style": [{"style": "impasto"}],
        "settings": {"quality": "draft", "strength": 0.6},
        "title": "Ada in impasto",
    },
    "PreviewRequest": {"photo": "0123456789abcdef", "style": [{"style": "woodcut"}], "longest": 512, "client": "docs"},
    "Recipe": {"kind": "popart", "photo": "0123456789abcdef", "popart": {"tones": 5, "palette": "electric"}},
    "BatchRequest": {
        "photos": ["0123456789abcdef", "fedcba9876543210"],
        "style": [{"style": "mosaic"}],
    },
}


def described(app: FastAPI) -> dict[str, Any]:
    """The description of `app`, made once."""
    if app.openapi_schema is None:
        app.openapi_schema = completed(
            get_openapi(
                title=app.title,
                version=app.version,
                description=DESCRIPTION,
                routes=app.routes,
                tags=TAGS,
                openapi_version="3.1.0",
            )
        )
    return app.openapi_schema


def completed(found: dict[str, Any]) -> dict[str, Any]:
    """`found` with the settings of recipes as models, and with examples; `found` itself is changed."""
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    models = {
        "settings": model_of(Settings, "PaintingSettings", REFUSED),
        "popart": model_of(PopartSettings, "PopartSettings"),
    }
    for model in models.values():
        schemas[model.__name__] = {
            **model.model_json_schema(ref_template=_REF + "{model}"),
            "description": "All may be left out. Values that do not go together are refused with 422.",
        }
    for name in RECIPES:
        if name not in schemas:
            continue
        properties = schemas[name]["properties"]
        properties["settings"] = {"$ref": f"{_REF}{models['settings'].__name__}", "default": {}}
        properties["popart"] = {
            "anyOf": [{"$ref": f"{_REF}{models['popart'].__name__}"}, {"type": "null"}],
            "default": None,
        }
        if name == "BatchRequest":  # the first of the photos stands for it
            schemas[name]["required"] = [each for each in schemas[name]["required"] if each != "photo"]
        if name in EXAMPLES:
            schemas[name]["examples"] = [EXAMPLES[name]]
    found["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "Where the studio was started with a token."}
    }
    found["security"] = [{}, {"token": []}]
    return found


def operation_id(route: APIRoute) -> str:
    """The name of a route in generated clients: its tag and its function."""
    return f"{route.tags[0]}_{route.name}" if route.tags else route.name
