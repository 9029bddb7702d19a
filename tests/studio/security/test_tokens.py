"""Who may, where others can reach the studio: those who bring its token."""

from __future__ import annotations

import hmac

import pytest
from starlette.responses import PlainTextResponse

from portrait_nst.errors import InputError
from portrait_nst.studio.options import Options
from portrait_nst.studio.security import tokens
from portrait_nst.studio.security.tokens import COOKIE as NAME
from portrait_nst.studio.security.tokens import Tokens, kept
from portrait_nst.studio.security.tries import CLIENTS, FREE, LONGEST, Tries
from portrait_nst.studio.server import check
from tests.studio.asgi import Answer, ask

TOKEN = "a-token-that-nobody-finds"
COOKIE = f"{NAME}_8765"
APP = Tokens(PlainTextResponse("in"), TOKEN)


def asked(path: str = "/api/jobs", method: str = "GET", **headers: str) -> Answer:
    return ask(APP, path, method, {name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "studio.example"])
def test_another_host_than_this_machine_demands_a_token_and_makes_one_up(host: str) -> None:
    with pytest.raises(InputError, match=r"--token [\w-]{20,}") as first:
        check(Options(host=host))
    with pytest.raises(InputError) as second:
        check(Options(host=host))
    assert str(first.value) != str(second.value)
    check(Options(host=host, token=TOKEN))


@pytest.mark.parametrize("token", ["short", "with a blank in it", "with\na line in it ...", "ümlaut-ümlaut-ümlaut"])
def test_a_token_that_is_found_by_trying_is_refused(token: str) -> None:
    with pytest.raises(InputError, match="16 letters"):
        check(Options(token=token))


def test_without_the_token_nothing_is_answered() -> None:
    for path in ("/", "/api/jobs", "/api/docs", "/static/js/main.js", "/api/events"):
        assert asked(path).status == 401
    assert asked(authorization="Bearer wrong").status == 401
    assert asked(authorization=f"Basic {TOKEN}").status == 401
    assert asked(cookie=f"{COOKIE}={TOKEN}").status == 401
    assert asked(f"/api/jobs?token={TOKEN}").status == 401
    assert asked(f"/?token={TOKEN}", "POST").status == 401


def test_with_the_token_as_a_bearer_it_is_answered() -> None:
    assert asked(authorization=f"Bearer {TOKEN}").body == b"in"
    assert asked(authorization=f"bearer  {TOKEN}").status == 200


def test_the_address_with_the_token_sets_a_cookie_and_leads_to_the_page() -> None:
    answer = asked(f"/?token={TOKEN}")
    cookie = answer.headers["set-cookie"]
    assert (answer.status, answer.headers["location"]) == (303, "/")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert TOKEN not in cookie
    assert asked("/", cookie=cookie.split(";")[0]).body == b"in"
    assert asked(cookie=f"other=1; {cookie.split(';')[0]}").status == 200


def test_after_a_link_on_another_page_the_cookie_is_set_without_a_redirect() -> None:
    answer = asked(f"/?token={TOKEN}", sec_fetch_site="cross-site")
    assert answer.status == 200 and COOKIE in answer.headers["set-cookie"] and b"refresh" in answer.body


def test_a_wrong_token_in_the_address_is_asked_for_again_without_telling_it() -> None:
    answer = asked("/?token=<script>alert(1)</script>", cookie=f"{COOKIE}={kept(TOKEN)}")
    assert answer.status == 401 and b"alert" not in answer.body and b'name="token"' in answer.body


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer wrong"}, {"cookie": "=;;"}])
def test_a_websocket_wants_the_token_too(headers: dict[str, str]) -> None:
    refused = ask(APP, "/api/live", headers=headers, type="websocket")
    assert refused.messages == [{"type": "websocket.close", "code": 1008}]
    seen = []

    async def inner(scope: object, receive: object, send: object) -> None:
        seen.append(scope)

    ask(Tokens(inner, TOKEN), "/api/live", headers={"cookie": f"{COOKIE}={kept(TOKEN)}"}, type="websocket")
    assert len(seen) == 1


def test_tokens_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def compare(given: bytes, right: bytes) -> bool:
        compared.append((given, right))
        return False

    monkeypatch.setattr(hmac, "compare_digest", compare)
    assert asked(authorization=f"Bearer {TOKEN}").status == asked(f"/?token={TOKEN}").status == 401
    assert asked(cookie=f"{COOKIE}={kept(TOKEN)}").status == 401
    assert compared == [(TOKEN.encode(), TOKEN.encode())] * 2 + [(kept(TOKEN).encode(), kept(TOKEN).encode())]
    assert not tokens.same("ü", "x")


def test_without_a_token_on_this_machine_everybody_may() -> None:
    assert ask(Tokens(PlainTextResponse("in"), ""), "/api/jobs").status == 200


def form(token: str, app: Tokens | None = None, **headers: str) -> Answer:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask(app or Tokens(PlainTextResponse("in"), TOKEN), "/", "POST", given, f"token={token}".encode())


def test_the_form_posts_so_that_no_address_holds_the_token() -> None:
    page = asked("/")
    assert b'method="post"' in page.body and b'action="/"' in page.body
    answer = form(TOKEN)
    assert (answer.status, answer.headers["location"]) == (303, "/") and COOKIE in answer.headers["set-cookie"]
    assert form("wrong").status == 401 and b"not the studio's token" in form("wrong").body
    assert form("x" * 5000).status == form("").status == 401
    assert "set-cookie" not in form("wrong").headers


def test_the_cookie_is_of_this_port_for_a_month_and_secure_by_https() -> None:
    cookie = form(TOKEN).headers["set-cookie"]
    assert cookie.startswith(f"{NAME}_8765=") and "Max-Age=2592000" in cookie and "Secure" not in cookie
    assert "Secure" not in form(TOKEN, x_forwarded_proto="https").headers["set-cookie"]
    proxied = Tokens(PlainTextResponse("in"), TOKEN, proxied=True)
    assert "; Secure" in form(TOKEN, proxied, x_forwarded_proto="https").headers["set-cookie"]
    assert "Secure" not in form(TOKEN, proxied).headers["set-cookie"]
    assert asked(cookie=f"{NAME}_9999={kept(TOKEN)}").status == 401


def test_wrong_tokens_cost_more_and_more_time() -> None:
    now = [0.0]
    app = Tokens(PlainTextResponse("in"), TOKEN, tries=Tries(lambda: now[0]))
    bearer = {"authorization": "Bearer wrong"}
    for _ in range(FREE):
        assert ask(app, "/api/jobs", headers=bearer).status == 401
    waits = []
    for _ in range(9):
        refused = ask(app, "/api/jobs", headers=bearer)
        assert refused.status == 429 and "wrong tokens" in refused.json["error"]
        assert ask(app, "/api/jobs", headers={"authorization": f"Bearer {TOKEN}"}).status == 429, "not even looked at"
        assert form(TOKEN, app).status == ask(app, f"/?token={TOKEN}").status == 429
        assert ask(app, "/api/jobs", headers={"cookie": f"{COOKIE}={kept(TOKEN)}"}).status == 200, "who is known stays"
        assert ask(app, "/api/jobs", headers=bearer, client=("10.0.0.9", 1)).status == 401, "others are not hindered"
        waits.append(int(refused.headers["retry-after"]))
        now[0] += waits[-1]
        assert ask(app, "/api/jobs", headers=bearer).status == 401
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60] and max(waits) == LONGEST
    now[0] += LONGEST
    assert form(TOKEN, app).status == 303
    assert ask(app, "/api/jobs", headers=bearer).status == 401, "begins anew"


def test_no_token_at_all_and_an_old_cookie_are_no_tries() -> None:
    app = Tokens(PlainTextResponse("in"), TOKEN)
    for _ in range(FREE + 5):
        assert ask(app, "/api/jobs").status == ask(app, "/x", headers={"cookie": f"{COOKIE}=old"}).status == 401
    assert ask(app, "/api/jobs", headers={"authorization": f"Bearer {TOKEN}"}).status == 200


def test_the_memory_of_wrong_tokens_is_bounded() -> None:
    tries = Tries()
    for number in range(CLIENTS + 50):
        tries.tell(str(number), False)
    assert len(tries._wrong) == CLIENTS


def test_a_refusal_says_how_and_a_browser_is_led_to_the_form() -> None:
    refused = asked()
    assert "Authorization: Bearer TOKEN" in refused.json["error"]
    led = asked("/api/docs", accept="text/html,application/xhtml+xml")
    assert (led.status, led.headers["location"]) == (303, "/")
