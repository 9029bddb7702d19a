"""Host, Origin and Sec-Fetch-Site: who may address the studio, from which page."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.responses import PlainTextResponse

from portrait_nst.errors import InputError
from portrait_nst.studio.options import Options
from portrait_nst.studio.security.hosts import Hosts, is_same, may_be_named
from portrait_nst.studio.server import check
from tests.studio.asgi import Answer, ask

HOME = Options()
OPEN = Options(host="0.0.0.0", token="t" * 20, names=("studio.example",))


def asked(path: str = "/api/jobs", method: str = "GET", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask(Hosts(PlainTextResponse("in"), HOME), path, method, named)


def test_by_default_only_this_machine_reaches_it() -> None:
    assert Options().host == "127.0.0.1" and Options().is_loopback
    check(Options())


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost", "LOCALHOST:1", "localhost.:8765", "[::1]:8765"])
def test_this_machines_own_names_are_answered(host: str) -> None:
    assert asked(host=host).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8765",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "127.0.0.1@evil.example",
        "10.0.0.7",
        "",
        "127.0.0.1, evil.example",
        "127.0.0.1:8765:1",
        "[::1",
        "2130706433",
    ],
)
def test_a_rebound_name_is_refused(host: str) -> None:
    answer = asked(host=host)
    assert answer.status == 403 and "--allow-host" in answer.json["error"]


@pytest.mark.parametrize(
    ("host", "may"),
    [
        ("192.168.1.5:8765", True),
        ("[fe80::1]:8765", True),
        ("studio.example", True),
        ("Studio.Example:8765", True),
        ("localhost:8765", True),
        ("evil.example", False),
        ("studio.example.evil", False),
        ("1.2.3", False),
    ],
)
def test_open_to_others_it_answers_addresses_in_numbers_and_the_allowed_names(host: str, may: bool) -> None:
    assert may_be_named(host, OPEN) is may


def test_a_name_that_was_allowed_for_a_proxy_demands_a_token() -> None:
    behind = Options(names=("studio.example",), token="t" * 20)
    assert may_be_named("studio.example", behind) and may_be_named("localhost:8765", behind)
    assert not may_be_named("192.168.1.5", behind)
    check(behind)
    with pytest.raises(InputError, match=r"--allow-host studio\.example lets others reach"):
        check(Options(names=("studio.example",)))


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "http://localhost:3000",
        "http://localhost:8765",
        "https://127.0.0.1:1",
        "file://",
        "[",
        "",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_request_from_another_page_is_refused(origin: str, method: str) -> None:
    assert asked(method=method, origin=origin).status == 403


def test_its_own_page_is_answered() -> None:
    assert asked(method="POST", origin="http://127.0.0.1:8765", sec_fetch_site="same-origin").status == 200
    assert is_same("https://studio.example", "studio.example")


@pytest.mark.parametrize("site", ["cross-site", "same-site", "whatever"])
def test_a_request_that_the_browser_calls_cross_site_is_refused(site: str) -> None:
    assert asked(sec_fetch_site=site).status == 403
    assert asked(sec_fetch_site=site, sec_fetch_mode="no-cors", sec_fetch_dest="image").status == 403


def test_a_link_elsewhere_may_lead_to_the_page_and_to_nothing_else() -> None:
    link = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
    assert asked("/", **link).status == 200
    assert asked("/api/docs", **link).status == 200
    assert asked("/api/jobs", **link).status == 403
    assert asked("/", "POST", **link).status == 403
    assert asked("/", "GET", **{**link, "sec_fetch_dest": "iframe"}).status == 403


@pytest.mark.parametrize("extensions", [{}, {"websocket.http.response": {}}])
def test_a_websocket_from_another_page_is_refused(extensions: dict[str, Any]) -> None:
    app, headers = Hosts(PlainTextResponse("in"), HOME), {"origin": "http://evil.example"}
    answer = ask(app, "/api/live", headers=headers, type="websocket", extensions=extensions)
    first = answer.messages[0]
    assert first.get("status") == 403 if extensions else (first["type"], first["code"]) == ("websocket.close", 1008)
