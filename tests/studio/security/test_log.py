"""The log of requests, and answers to errors: neither tells what it should not."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from pydantic import BaseModel, Field
from starlette.responses import PlainTextResponse

from portrait_nst.errors import InputError, MaskError, ModelError, PortraitError, ResourceError
from portrait_nst.studio.api.errors import OURS, answer_errors
from portrait_nst.studio.keeping.errors import Missing
from portrait_nst.studio.options import Options
from portrait_nst.studio.security.stack import guarded
from tests.studio.asgi import ask

JSON = {"content-type": "application/json"}


def test_the_log_has_no_tokens_and_no_names() -> None:
    lines: list[str] = []
    app = guarded(PlainTextResponse("in"), Options(token="t" * 20), lines.append)
    ask(app, f"/?token={'t' * 20}")
    ask(app, "/api/photos?name=secret.jpg", "POST", {"authorization": f"Bearer {'t' * 20}"})
    ask(app, "/api/\x1b[31m\nfake line")
    assert [line.split(" ")[:3] for line in lines[:2]] == [["GET", "/", "303"], ["POST", "/api/photos", "200"]]
    assert not any("ttt" in line or "secret" in line or "\x1b" in line or "\n" in line for line in lines)


class Wish(BaseModel):
    strength: float = Field(ge=0, le=1)


def app_that_raises(error: Exception) -> FastAPI:
    app = FastAPI()
    answer_errors(app)

    @app.get("/")
    def fail() -> None:
        raise error

    @app.post("/")
    def take(wish: Wish) -> None: ...

    return app


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputError("no"), 422),
        (MaskError("no"), 422),
        (ModelError("no"), 422),
        (PortraitError("no"), 422),
        (Missing("no"), 404),
        (ResourceError("no"), 503),
    ],
)
def test_errors_of_users_are_problems_of_one_line(error: PortraitError, status: int) -> None:
    error.field = "strength"  # type: ignore[attr-defined]
    answer = ask(app_that_raises(error), "/")
    assert (answer.status, answer.json) == (status, {"error": "no", "field": "strength"})


def test_folders_of_this_machine_are_not_told() -> None:
    answer = ask(app_that_raises(InputError("/srv/studio/things/a/file cannot be read")), "/")
    assert answer.json["error"] == "file cannot be read"


def test_an_error_of_ours_is_answered_without_a_trace_and_told_to_the_server() -> None:
    statuses = []

    async def outer(scope: object, receive: object, send: object) -> None:
        async def seen(message: dict[str, object]) -> None:
            statuses.append(message.get("status") or message.get("body"))
            await send(message)  # type: ignore[operator]

        with pytest.raises(ZeroDivisionError):  # uvicorn writes it to the terminal
            await app_that_raises(ZeroDivisionError("secret"))(scope, receive, seen)  # type: ignore[arg-type]

    answer = ask(outer, "/")
    assert (answer.status, answer.json["error"]) == (500, OURS)
    assert b"secret" not in answer.body and b"Traceback" not in answer.body and b".py" not in answer.body


@pytest.mark.parametrize(
    ("body", "error", "field"),
    [
        (b'{"strength": 3}', "strength: input should be less than or equal to 1, not 3.", "strength"),
        (b"{}", "strength: field required.", "strength"),
        (b"{", "The request's body cannot be read as JSON. Send JSON, as Content-Type: application/json.", ""),
        (b"[1]", "This address takes an object in JSON: send it with Content-Type: application/json.", ""),
        (b"", "This address takes an object in JSON", ""),
    ],
)
def test_what_is_not_valid_is_told_in_one_line_with_its_field(body: bytes, error: str, field: str) -> None:
    answer = ask(app_that_raises(InputError("")), "/", "POST", JSON, body)
    assert answer.status == 422 and answer.json["field"] == field
    assert answer.json["error"].startswith(error) and "\n" not in answer.json["error"]


def test_unknown_addresses_and_methods_are_problems() -> None:
    app = app_that_raises(InputError(""))
    assert ask(app, "/nowhere").json["error"].startswith("There is nothing at this address")
    answer = ask(app, "/", "PUT")
    assert answer.status == 405 and "PUT" in answer.json["error"]
    assert set(answer.headers["allow"].replace(" ", "").split(",")) & {"GET", "POST"}


def test_a_body_of_another_content_type_is_told_in_our_words() -> None:
    answer = ask(app_that_raises(InputError("")), "/", "POST", {"content-type": "text/plain"}, b'{"strength": 1}')
    assert answer.status == 422 and "Content-Type: application/json" in answer.json["error"]
