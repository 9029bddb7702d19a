"""Every error as a `Problem`: one line for the user, never a trace, never a folder of this machine."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from portrait_nst.errors import PortraitError, ResourceError
from portrait_nst.studio.keeping.errors import Missing
from portrait_nst.studio.models import Problem
from portrait_nst.studio.plain import plain
from portrait_nst.studio.studio import Studio

OURS = "The studio made an error; the terminal says which."
NO_JSON = "This address takes an object in JSON: send it with Content-Type: application/json. /api/docs shows examples."
_WORDS = {
    404: "There is nothing at this address. /api/docs lists what there is.",
    405: "This address does not take {method}. /api/docs lists what it takes.",
}


def answer_errors(app: FastAPI) -> None:
    """Make `app` answer every error with a `Problem`."""
    app.add_exception_handler(PortraitError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def problem(status: int, error: str, field: str = "", headers: dict[str, str] | None = None) -> JSONResponse:
    """The answer for an error."""
    return JSONResponse(Problem(error=error, field=field).model_dump(), status, headers)


def status_of(error: PortraitError) -> int:
    """The HTTP status of an error: 404 for what is missing, 503 for what the machine lacks, 422 for all else, or its own."""
    own = getattr(error, "status", None)
    if isinstance(own, int):
        return own
    if isinstance(error, Missing):
        return 404
    return 503 if isinstance(error, ResourceError) else 422


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, PortraitError)
    status = status_of(error)
    later = {"Retry-After": "10"} if status == HTTPStatus.TOO_MANY_REQUESTS else None
    words = await run_in_threadpool(plain, str(error), partial(_name_of, request.app))
    return problem(status, words, str(getattr(error, "field", "") or ""), later)


def _name_of(app: FastAPI, id: str) -> str:
    """How the user's file of an upload is called; "" for what is not there."""
    studio: Studio = app.state.studio
    try:
        return studio.keeping.thing(id).name
    except PortraitError:
        return ""


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return problem(422, *readable(error.errors()))


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    words = (
        _WORDS.get(error.status_code, error.detail)
        if error.detail == HTTPStatus(error.status_code).phrase
        else error.detail
    )
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(_allowed(request))) or headers.get("Allow", "")
        words = words.format(method=request.method)
    return problem(error.status_code, words, headers=headers)


def _allowed(request: Request) -> set[str]:
    """What the address takes, by all of its routes."""
    found = [route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE]
    methods = set().union(*(getattr(route, "methods", None) or () for route in found))
    return methods | ({"HEAD"} if "GET" in methods else set())


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    return problem(500, OURS)  # Starlette raises the error again, so that uvicorn writes it to the terminal


def readable(errors: Any) -> tuple[str, str]:
    """The first of pydantic's errors in one sentence, and the name of the field that it is about."""
    first = errors[0]
    names = [str(part) for part in first["loc"] if part not in ("body", "query", "path", "header")]
    if first["type"] == "json_invalid":
        return "The request's body cannot be read as JSON. Send JSON, as Content-Type: application/json.", ""
    if not names and first["type"] in ("model_attributes_type", "missing", "dict_type"):
        return NO_JSON, ""
    field = ".".join(names)
    if first["type"] == "extra_forbidden":
        return f"There is no {field!r} here. /api/docs lists what this address takes.", field
    message = str(first["msg"]).removeprefix("Value error, ").rstrip(".")
    where = field or "The request"
    given = first.get("input")
    shown = f", not {given!r}" if isinstance(given, (str, int, float, bool)) and len(repr(given)) <= 80 else ""
    return f"{where}: {message[:1].lower()}{message[1:]}{shown}.", field
