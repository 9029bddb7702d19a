"""How often a client may ask, and how much is answered at once."""

from __future__ import annotations

import asyncio

from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from portrait_nst.studio.security import rates
from portrait_nst.studio.security.rates import Rates, client_of
from tests.studio.asgi import Answer, ask, asked, scope_of


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_who_asks_too_often_is_told_when_to_ask_again() -> None:
    clock = Clock()
    app = Rates(PlainTextResponse("in"), per_second=2, burst=5, clock=clock)
    assert [ask(app, "/api/jobs").status for _ in range(6)] == [200] * 5 + [429]
    refused = ask(app, "/api/jobs")
    assert refused.headers["retry-after"] == "1" and refused.json["error"].startswith("Too many requests")
    assert ask(app, "/api/jobs", client=("10.0.0.9", 1)).status == 200
    clock.now = 1.0
    assert [ask(app, "/api/jobs").status for _ in range(3)] == [200, 200, 429]


def test_clients_are_forgotten_when_there_are_many() -> None:
    app = Rates(PlainTextResponse("in"), burst=1)
    for i in range(rates.CLIENTS + 10):
        app._wait(f"client {i}")
    assert len(app._buckets) == rates.CLIENTS


def test_of_ipv6_the_network_counts() -> None:
    def of(host: str) -> str:
        return client_of({"client": (host, 1)})

    assert of("2001:db8::1") == of("2001:db8::ffff:1") != of("2001:db8:0:1::1")
    assert of("::ffff:10.0.0.1") == of("10.0.0.1") == "10.0.0.1"
    assert client_of({"client": None}) == ""


async def _together(count: int, path: str, at_once: int, clients: int = 1) -> list[Answer]:
    go = asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await go.wait()
        await PlainTextResponse("in")(scope, receive, send)

    app = Rates(slow, at_once=at_once, slow=at_once, listeners=3)
    asking = [
        asyncio.create_task(asked(app, scope_of(path, client=(f"10.0.0.{i % clients}", 1)))) for i in range(count)
    ]
    await asyncio.sleep(0.01)
    go.set()
    first = await asyncio.gather(*asking)
    assert (await asked(app, scope_of(path))).status == 200  # all places are free again
    return first


def test_at_most_so_many_are_in_the_making_and_one_client_has_not_all() -> None:
    statuses = [answer.status for answer in asyncio.run(_together(12, "/api/previews", 8))]
    assert statuses == [200] * 6 + [429] * 6
    statuses = [answer.status for answer in asyncio.run(_together(12, "/api/previews", 8, clients=4))]
    assert statuses == [200] * 8 + [429] * 4


def test_event_streams_have_places_of_their_own() -> None:
    answers = asyncio.run(_together(4, "/api/events", 100, clients=4))
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["retry-after"] == "1"


def test_those_who_wait_for_the_desk_take_no_place_of_others() -> None:
    async def crowded() -> list[int]:
        go = asyncio.Event()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if rates.pace_of(scope) == "slow":
                await go.wait()
            await PlainTextResponse("in")(scope, receive, send)

        limited = Rates(app, at_once=4, slow=4)
        waiting = [asyncio.create_task(asked(limited, scope_of("/api/previews", "POST"))) for _ in range(8)]
        await asyncio.sleep(0.01)
        quick = [(await asked(limited, scope_of(path))).status for path in ("/", "/api/jobs", "/api/photos")]
        go.set()
        return quick + sorted(answer.status for answer in await asyncio.gather(*waiting))

    assert asyncio.run(crowded()) == [200] * 3 + [200] * 3 + [429] * 5


def test_which_requests_wait_for_the_desk() -> None:
    id = "0123456789abcdef"
    slow = [("POST", "/api/photos"), ("POST", "/api/previews"), ("GET", f"/api/photos/{id}/people")]
    slow += [("GET", f"/api/photos/{id}/view"), ("GET", f"/api/popart/{id}{id}.png"), ("POST", "/api/forecasts")]
    quick = [
        ("GET", "/api/photos"),
        ("GET", f"/api/photos/{id}"),
        ("POST", "/api/jobs"),
        ("GET", "/static/js/preview.js"),
    ]
    quick += [("GET", f"/api/jobs/{id}/preview"), ("GET", "/api/about"), ("GET", "/api/styles/impasto/thumb")]
    assert {rates.pace_of(scope_of(path, method)) for method, path in slow} == {"slow"}
    assert {rates.pace_of(scope_of(path, method)) for method, path in quick} == {"quick"}


def test_the_files_of_a_page_count_a_tenth() -> None:
    app = Rates(PlainTextResponse("in"), burst=10, per_second=1, clock=Clock())
    assert [ask(app, "/static/js/main.js").status for _ in range(90)] == [200] * 90
    assert [ask(app, "/api/jobs").status for _ in range(2)] == [200, 429]


def test_fifty_clients_of_one_address_work() -> None:
    answers = asyncio.run(_together(50, "/api/jobs", rates.AT_ONCE))
    assert {answer.status for answer in answers} == {200}
