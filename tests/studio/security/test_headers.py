"""What every answer says to the browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse, Response

from portrait_nst import studio
from portrait_nst.studio.options import Options
from portrait_nst.studio.security.headers import Headers, policy
from portrait_nst.studio.security.stack import guarded
from tests.studio.asgi import Answer, ask


def policy(path: str, media_type: str = "text/html") -> dict[str, str]:
    answer = ask(Headers(Response(b"", media_type=media_type)), path)
    rules = [rule.strip().partition(" ") for rule in answer.headers["content-security-policy"].split(";")]
    return {name: value for name, _, value in rules}


@pytest.mark.parametrize("path", ["/", "/static/js/main.js", "/api/docs", "/api/jobs", "/nowhere"])
def test_nothing_is_loaded_from_elsewhere_and_nobody_frames_it(path: str) -> None:
    rules = policy(path)
    assert (rules["default-src"], rules["frame-ancestors"], rules["base-uri"]) == ("'none'", "'none'", "'none'")
    for name, value in rules.items():
        assert set(value.split()) <= {"'none'", "'self'", "blob:", "data:", "'unsafe-inline'", "'script'", "default"}, (
            name
        )
    assert not {"'unsafe-inline'", "data:", "blob:"} & set(rules.get("script-src", "").split())


def test_the_page_turns_no_text_into_html_but_what_its_slider_is_made_of() -> None:
    assert policy("/")["require-trusted-types-for"] == "'script'" and policy("/")["trusted-types"] == "default"
    page = Path(studio.__file__).parent / "page"
    written = "".join(
        re.findall(
            r"'(<div.*|[^']*)'", (page / "js" / "trusted.js").read_text().split("const SLIDER =")[1].split(";\n")[0]
        )
    )
    slider = (page / "vendor" / "img-comparison-slider" / "index.js").read_text()
    assert re.findall(r"innerHTML='([^']*)'", slider) == [written]
    assert [
        path for path in (page / "js").rglob("*.js") if re.search(r"\.innerHTML|insertAdjacentHTML", path.read_text())
    ] == []


def test_what_was_made_runs_nothing_when_it_is_opened_as_a_page() -> None:
    rules = policy("/api/jobs/0123456789abcdef/result.svg", "image/svg+xml")
    assert "script-src" not in rules and rules["sandbox"] == "" and rules["default-src"] == "'none'"
    assert "sandbox" not in policy("/api/popart/0123456789abcdef.pdf", "application/pdf")  # viewers do not work in it


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cache-control", "no-store"),
        ("x-frame-options", "DENY"),
    ],
)
@pytest.mark.parametrize("host", ["127.0.0.1", "evil.example"])
def test_every_answer_has_the_header_also_a_refusal(name: str, value: str, host: str) -> None:
    answer = ask(guarded(PlainTextResponse("in"), Options()), "/api/jobs", headers={"host": host})
    assert answer.status == (200 if host == "127.0.0.1" else 403)
    assert answer.headers[name] == value


def test_only_the_page_itself_may_use_the_camera_and_nothing_the_microphone() -> None:
    allowed = ask(Headers(PlainTextResponse("")), "/").headers["permissions-policy"]
    assert "camera=(self)" in allowed and "microphone=()" in allowed and "geolocation=()" in allowed


def test_what_a_route_says_of_caching_stands_and_files_of_the_page_are_asked_for_again() -> None:
    cached = Response(b"", headers={"Cache-Control": "private, max-age=60"})
    assert ask(Headers(cached), "/api/styles/impasto/thumb").headers["cache-control"] == "private, max-age=60"
    assert ask(Headers(PlainTextResponse("")), "/static/js/main.js").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_no_other_page_is_ever_allowed_to_read(method: str) -> None:
    headers = {"origin": "http://evil.example", "access-control-request-method": "POST"}
    answers: list[Answer] = [
        ask(guarded(PlainTextResponse("in"), Options()), "/api/jobs", method, headers),
        ask(guarded(PlainTextResponse("in"), Options()), "/api/jobs", method, {"origin": "http://127.0.0.1:8765"}),
    ]
    assert not [name for answer in answers for name in answer.headers if name.startswith("access-control")]


def test_each_kind_has_the_policy_that_it_needs() -> None:
    strict = policy("/api/jobs", "application/json")
    assert strict == policy("/api/photos/1/view", "image/jpeg")
    assert "default-src 'none'" in strict and "sandbox" in strict and "unsafe-inline" not in strict
    drawing = policy("/api/jobs/1/result.svg", "image/svg+xml; charset=utf-8")
    assert "style-src 'unsafe-inline'" in drawing and "sandbox" in drawing
    assert "plugin-types" not in policy("/api/jobs/1/result.pdf", "application/pdf")
