"""How much may be brought, and how slowly."""

from __future__ import annotations

import asyncio

import pytest
from fastapi import FastAPI, Request
from starlette.types import ASGIApp

from portrait_nst.studio.api.errors import answer_errors
from portrait_nst.studio.options import MEGABYTE, Options
from portrait_nst.studio.security import bodies
from portrait_nst.studio.security.bodies import Bodies, limits
from tests.studio.asgi import Answer, ask, asked, scope_of

read: list[int] = []


def app(silence: float = 30.0) -> ASGIApp:
    inner = FastAPI()
    answer_errors(inner)
    read.clear()

    async def take(request: Request) -> dict[str, int]:
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            read.append(len(chunk))
        return {"size": size}

    for path in ("/api/photos", "/api/jobs"):
        inner.add_api_route(path, take, methods=["POST"])
    return Bodies(inner, limits(Options(upload=5 * MEGABYTE)), silence)


def test_a_stated_length_is_refused_before_a_byte_is_read() -> None:
    answer = ask(app(), "/api/photos", "POST", {"content-length": str(5 * MEGABYTE + 1)}, [b"x"])
    assert (answer.status, read) == (413, [])
    assert "at most 5 MB" in answer.json["error"]


def test_an_unstated_length_is_counted_while_it_comes() -> None:
    answer = ask(app(), "/api/photos", "POST", {"transfer-encoding": "chunked"}, [b"x" * MEGABYTE] * 50)
    assert answer.status == 413 and "at most 5 MB" in answer.json["error"]
    assert sum(read) == 5 * MEGABYTE


def test_a_length_that_lies_is_counted_too() -> None:
    assert ask(app(), "/api/photos", "POST", {"content-length": "10"}, [b"x" * MEGABYTE] * 6).status == 413


def test_what_fits_is_taken() -> None:
    assert ask(app(), "/api/photos", "POST", {}, [b"x" * MEGABYTE] * 5).json == {"size": 5 * MEGABYTE}


def test_json_may_have_a_megabyte() -> None:
    assert ask(app(), "/api/jobs", "POST", {}, b" " * MEGABYTE).status == 200
    assert ask(app(), "/api/jobs", "POST", {}, b" " * (MEGABYTE + 1)).status == 413
    assert ask(app(), "/api/photos", "DELETE", {"content-length": str(MEGABYTE + 1)}).status == 413


def test_pictures_and_films_have_limits_of_their_own() -> None:
    found = limits(Options(upload=3, clip=7))
    assert (found["/api/photos"], found["/api/styles"], found["/api/masks"], found["/api/clips"]) == (3, 3, 3, 7)


@pytest.mark.parametrize("length", ["-1", "1e3", "abc", "٣"])
def test_a_length_that_is_no_number_is_refused(length: str) -> None:
    scope = scope_of("/api/photos", "POST")
    scope["headers"].append((b"content-length", length.encode("utf-8")))
    assert asyncio.run(asked(app(), scope, [b"x"])).status == 400


def hanging(silence: float) -> Answer:
    return asyncio.run(asked(app(silence), scope_of("/api/photos", "POST"), [b"x"] * 2, hangs=True))


def test_an_upload_that_stands_still_is_ended() -> None:
    answer = hanging(0.05)
    assert answer.status == 408 and answer.headers["connection"] == "close" and "stood still" in answer.json["error"]


def test_an_upload_that_drips_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "GRACE", 0.05)
    dripping = asked(app(), scope_of("/api/photos", "POST"), [b"x"] * 50, pause=0.01)
    answer = asyncio.run(dripping)
    assert answer.status == 408 and len(read) < 40


def test_a_length_beside_another_framing_is_refused_and_the_connection_closed() -> None:
    from starlette.responses import PlainTextResponse

    from portrait_nst.studio.security.bodies import Bodies
    from tests.studio.asgi import ask

    headers = {"content-length": "5", "transfer-encoding": "chunked"}
    answer = ask(Bodies(PlainTextResponse("in"), {}), "/api/jobs", "POST", headers)
    assert answer.status == 400 and answer.headers["connection"] == "close" and "not both" in answer.json["error"]
