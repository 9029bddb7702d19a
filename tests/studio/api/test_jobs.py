"""Jobs over HTTP: submitted, listed, changed, ended, and their files fetched; and the events that tell of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from portrait_nst.studio.api.app import make_app
from portrait_nst.studio.api.routes import events as event_routes
from portrait_nst.studio.keeping.keeping import Keeping
from portrait_nst.studio.options import Options
from portrait_nst.studio.painter.queue import Queue
from portrait_nst.studio.security.stack import guarded
from portrait_nst.studio.studio import Studio
from tests.studio.asgi import Answer, ask, asked, scope_of
from tests.studio.painter.standins import bring, finished, opened, running

NOBODY = "0" * 16


class Page:
    """A page of a studio whose painter is the stand-in."""

    def __init__(self, keeping: Keeping, queue: Queue) -> None:
        self.keeping, self.queue = keeping, queue
        desk: Any = None
        options = Options(page=False)
        self.app = guarded(make_app(Studio(options, keeping, desk, queue, queue.events)), options, None)

    def ask(self, method: str, path: str, json_body: Any = None) -> Answer:
        body = b"" if json_body is None else json.dumps(json_body).encode()
        headers = (
            {"content-type": "application/json", "content-length": str(len(body))} if json_body is not None else {}
        )
        plain, _, query = path.partition("?")
        return ask(self.app, unquote(plain), method, headers, body, query_string=query.encode())

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def submit(self, photo: str, **values: Any) -> dict[str, Any]:
        answer = self.ask("POST", "/api/jobs", {"photo": photo, "style": [{"style": "impasto"}], **values})
        assert answer.status == 201, answer.body
        found: dict[str, Any] = answer.json
        return found

    def done(self, id: str) -> dict[str, Any]:
        finished(self.keeping, self.queue, id)
        found: dict[str, Any] = self.get(f"/api/jobs/{id}").json
        return found


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with opened(tmp_path) as (keeping, queue):
        yield Page(keeping, queue)


def test_a_job_is_submitted_made_and_its_files_are_fetched(page: Page) -> None:
    job = page.submit(bring(page.keeping, "me.jpg"), settings={"seed": 7})
    assert job["state"] in ("waiting", "running") and job["title"] == "me in impasto"
    assert job["request"]["settings"] == {"seed": 7}
    job = page.done(job["id"])
    assert job["state"] == "done" and job["result"]["files"] == ["png"] and job["place"] is None
    url = f"/api/jobs/{job['id']}"
    picture = page.get(f"{url}/result.png")
    assert (picture.body, picture.headers["content-type"]) == (b"me.jpg 7", "image/png")
    assert picture.headers["content-disposition"].startswith('inline; filename="me in impasto.png"')
    assert page.get(f"{url}/result.png?download=1").headers["content-disposition"].startswith("attachment;")
    assert page.get(f"{url}/thumb").headers["content-type"] == "image/jpeg"
    assert page.get(f"{url}/recipe").json == {}
    for missing in ("result.jpg", "preview/x", "result.exe"):
        assert page.get(f"{url}/{missing}").status in (404, 422)
    assert page.get(f"{url}/result.jpg").json == {"error": "This job has no result as jpg; there is png.", "field": ""}


def test_what_cannot_be_made_is_refused_before_it_waits(page: Page) -> None:
    photo = bring(page.keeping, "me.jpg")
    for values, status, field in (
        ({"photo": NOBODY}, 404, "photo"),
        ({"style": [{"style": NOBODY}]}, 404, "style"),
        ({"mask": NOBODY}, 404, "mask"),
        ({"settings": {"init": NOBODY}}, 404, "init"),
        ({"title": "a", "style": [{"style": "oil", "share": 1e-300}]}, 422, "style.0.share"),
        ({"settings": {"strength": 9}}, 422, "strength"),
        ({"settings": {"weights": "/etc/passwd"}}, 422, "weights"),
        ({"photo": "../../etc"}, 422, "photo"),
        ({"title": "x" * 201}, 422, "title"),
        ({"sytle": 1}, 422, "sytle"),
    ):
        answer = page.ask("POST", "/api/jobs", {"photo": photo, "style": [{"style": "oil"}], **values})
        assert (answer.status, answer.json["field"]) == (status, field), answer.body
    assert page.get("/api/jobs").json == []


def test_jobs_are_listed_newest_first_by_state_star_and_page(page: Page) -> None:
    photo = bring(page.keeping, "me.jpg")
    ids = [page.submit(photo, title=f"number {n}")["id"] for n in range(4)]
    for id in ids:
        page.done(id)
    page.ask("PATCH", f"/api/jobs/{ids[1]}", {"starred": True})

    def listed(query: str = "") -> list[str]:
        return [job["id"] for job in page.get(f"/api/jobs{query}").json]

    assert listed() == ids[::-1]
    assert listed("?limit=2") == ids[:1:-1]
    assert listed(f"?limit=2&before={ids[2]}") == [ids[1], ids[0]]
    assert listed("?starred=true") == [ids[1]]
    assert listed("?state=waiting&state=running") == []
    assert listed("?state=done&state=failed") == ids[::-1]
    assert page.get(f"/api/jobs?before={NOBODY}").status == 404
    assert page.get("/api/jobs?limit=0").status == 422


def test_title_and_star_are_changed_and_nothing_else(page: Page) -> None:
    id = page.submit(bring(page.keeping, "me.jpg"))["id"]
    page.done(id)
    url = f"/api/jobs/{id}"
    changed = page.ask("PATCH", url, {"title": "Ada", "starred": True}).json
    assert (changed["title"], changed["starred"]) == ("Ada", True)
    assert page.ask("PATCH", url, {"starred": False}).json["title"] == "Ada"
    assert page.ask("PATCH", url, {}).json["title"] == "Ada"
    assert page.ask("PATCH", url, {"state": "waiting"}).status == 422
    assert page.ask("PATCH", f"/api/jobs/{NOBODY}", {"title": "x"}).status == 404


def test_jobs_are_stopped_cancelled_and_removed(page: Page) -> None:
    slow = bring(page.keeping, "slow.jpg")
    first, second, third = (page.submit(slow)["id"] for _ in range(3))
    running(page.keeping, page.queue, first)
    preview = page.get(f"/api/jobs/{first}/preview")
    assert (preview.body, preview.headers["cache-control"]) == (b"JPEG", "no-store")
    assert page.ask("POST", f"/api/jobs/{second}/stop").status == 422
    assert page.ask("POST", f"/api/jobs/{second}/cancel").json["state"] == "cancelled"
    assert page.ask("POST", f"/api/jobs/{first}/stop").status == 200
    assert page.done(first)["result"]["interrupted"]
    running(page.keeping, page.queue, third)
    for id in (first, second, third):
        assert page.ask("DELETE", f"/api/jobs/{id}").status == 204
        assert page.get(f"/api/jobs/{id}").status == 404
    assert page.ask("DELETE", f"/api/jobs/{first}").status == 404
    assert list((page.keeping.home / "jobs").iterdir()) == []


HOSTILE = "<script>alert(1)</script>\"'\r\nX-Bad: 1\\../ü.svg"


def test_a_hostile_title_ends_up_in_no_header_and_in_no_svg(page: Page) -> None:
    id = page.submit(bring(page.keeping, HOSTILE), title=HOSTILE)["id"]
    page.done(id)
    page.keeping.aside(id, "result.svg").write_text("<svg/>")
    page.keeping.change(id, result={**page.keeping.job(id).result, "files": ["svg", "png"]})
    answer = page.get(f"/api/jobs/{id}/result.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    policy = answer.headers["content-security-policy"]
    assert "sandbox" in policy and "default-src 'none'" in policy and "script-src" not in policy
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith("attachment;") and not set("\r\n<>") & set(disposition)
    assert "x-bad" not in answer.headers and disposition.count('"') == 2
    assert "%C3%BC.svg" in disposition  # RFC 5987
    job = page.get(f"/api/jobs/{id}")
    assert job.headers["content-type"] == "application/json" and job.json["title"] == " ".join(HOSTILE.split())
    changed = page.ask("PATCH", f"/api/jobs/{id}", {"title": "a\u202egnp.exe\x1b[31m\x00 \U0001f468\u200d\U0001f469"})
    assert changed.json["title"] == "agnp.exe[31m \U0001f468\u200d\U0001f469", "nothing steers, and emoji stay whole"


def test_events_tell_of_a_job_over_http_and_end_with_the_server(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_routes, "HEARTBEAT", 0.05)
    photo = bring(page.keeping, "me.jpg")

    async def listens() -> Answer:
        reading = asyncio.create_task(asked(page.app, scope_of("/api/events")))
        while not page.queue.events.listeners:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)  # heartbeats
        id = (await asyncio.to_thread(page.submit, photo))["id"]
        await asyncio.to_thread(finished, page.keeping, page.queue, id)
        await asyncio.sleep(0.1)
        page.queue.events.close()
        return await asyncio.wait_for(reading, 10)

    answer = asyncio.run(listens())
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/event-stream")
    text = answer.body.decode()
    assert ": here\n\n" in text
    found = [block.split("\n") for block in text.split("\n\n") if block.startswith("event")]
    states = [json.loads(data.removeprefix("data: "))["state"] for event, data in found if event == "event: job"]
    assert states[-1] == "done" and len(found) == len(states) >= 2
    assert page.queue.events.listeners == 0
