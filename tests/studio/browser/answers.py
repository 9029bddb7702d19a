"""A stand-in for the routes of jobs, batches and clips, in the browser: every state of a job at once, without painting anything.

`StandIn(page)` answers what the page asks; `jobs` are what it has, and `asked` what it was asked to do.
"""

from __future__ import annotations

import io
import itertools
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlparse

from PIL import Image

from tests.studio.browser.conftest import Page

_numbers = itertools.count(1)


def _id() -> str:
    return f"{next(_numbers):016x}"


def _picture(colour: str, size: tuple[int, int] = (120, 150)) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", size, colour).save(data, "PNG")
    return data.getvalue()


class StandIn:
    """Answers for the API where jobs are concerned. `page` opens it with `go`."""

    def __init__(self, page: Page, url: str) -> None:
        """Take over the routes of `page`."""
        self.page, self.url = page, url
        self.jobs: dict[str, dict[str, Any]] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.asked: list[tuple[str, str, Any]] = []
        self.refused: set[str] = set()
        self.photos: dict[str, dict[str, Any]] = {}
        page.route(re.compile(r".*/api/(jobs|batches|events|photos|clips|forecasts|styles)\b.*"), self._route)

    def go(self, place: str) -> Page:
        """Open the page anew at `place`, such as "#history"."""
        fresh = self.page.url == "about:blank"
        self.page.goto(f"{self.url}/{place}")
        if not fresh:
            self.page.reload()
        return self.page

    def thing(self, kind: str, name: str) -> dict[str, Any]:
        """An upload of the kind "photo" or "clip"."""
        seconds = 12.4 if kind == "clip" else 0.0
        made: dict[str, Any] = {
            "id": _id(),
            "kind": kind,
            "name": name,
            "width": 120,
            "height": 150,
            "made": 1.0,
            "seconds": seconds,
        }
        self.photos[made["id"]] = {**made, "of": "", "notes": []}
        return self.photos[made["id"]]

    def job(self, title: str, state: str = "done", kind: str = "stylize", **more: Any) -> dict[str, Any]:
        """A job in a state; the ones that are made later are newer."""
        number = len(self.jobs)
        request = {"kind": kind, "photo": self.thing("photo", f"{title}.jpg")["id"], "settings": {}, "style": []}
        if kind == "stylize":
            request |= {"style": [{"style": "impasto", "share": 1.0}], "settings": {"strength": 0.7}}
        files = {"stylize": ["png", "jpg"], "popart": ["png", "svg", "pdf", "sheet.pdf"], "video": ["mp4"]}[kind]
        result = {"width": 120, "height": 150, "seconds": 12.0, "files": files, "interrupted": False, "notes": []}
        likeness = {"value": 0.91, "words": "Clearly the same person."} if kind == "stylize" else None
        made = {
            **{"id": _id(), "kind": kind, "state": state, "title": title, "request": request | more.pop("request", {})},
            **{"batch": "", "place": None, "starts_in": None, "made": 1.7e9 + 60 * number, "began": 0.0, "ended": 0.0},
            **{"progress": None, "forecast": None, "error": "", "starred": False},
            "result": (result | {"likeness": likeness}) if state == "done" else None,
        }
        self.jobs[made["id"]] = made | more
        return self.jobs[made["id"]]

    def _route(self, route: Any) -> None:
        request = route.request
        found = urlparse(request.url)
        parts = found.path.strip("/").split("/")[1:]
        body = (
            request.post_data_json if request.post_data and "json" in request.headers.get("content-type", "") else None
        )
        if request.method != "GET":
            self.asked.append((request.method, found.path, body))
        answer = getattr(self, f"_{parts[0]}")(request.method, parts[1:], parse_qs(found.query), body)
        if isinstance(answer, bytes):
            route.fulfill(body=answer, content_type="image/png")
        elif isinstance(answer, str):
            route.fulfill(body=answer, content_type="text/event-stream")
        elif answer is None:
            route.fulfill(status=404, json={"error": "It is not here any more.", "field": ""})
        else:
            status = 422 if "error" in answer and "field" in answer else 200
            route.fulfill(status=status, body=json.dumps(answer), content_type="application/json")

    def _events(self, *_: Any) -> str:
        return ": still here\n\n"

    def _styles(self, method: str, parts: list[str], *_: Any) -> Any:
        if parts:
            return _picture("orange")
        impasto = {
            "id": "impasto",
            "name": "impasto",
            "title": "Impasto",
            "description": "",
            "uploaded": False,
            "learned": True,
        }
        return [impasto]

    def _forecasts(self, *_: Any) -> Any:
        return {"seconds": 30.0, "memory": 1e9, "longest": 0.0}

    def _photos(
        self, method: str, parts: list[str], query: dict[str, list[str]], body: Any, kind: str = "photo"
    ) -> Any:
        if method == "POST":
            name = query["name"][0]
            if name in self.refused:
                return {"error": f"{name} is no picture that can be read; bring a JPEG or a PNG.", "field": ""}
            return self.thing(kind, name)
        if not parts:
            return []
        if parts[1:] == ["view"]:
            return _picture("steelblue")
        if parts[1:] == ["people"]:
            return {"people": [], "notes": []}
        return self.photos.get(parts[0])

    def _clips(self, method: str, parts: list[str], query: dict[str, list[str]], body: Any) -> Any:
        return self._photos(method, parts, query, body, "clip")

    def _jobs(self, method: str, parts: list[str], query: dict[str, list[str]], body: Any) -> Any:
        if method == "POST" and not parts:
            made = self.job(body.get("title", ""), "waiting", body["kind"])
            made["request"] = body
            return made
        if not parts:
            return self._listed(query)
        if parts[0] not in self.jobs:
            return None
        job = self.jobs[parts[0]]
        if method == "DELETE":
            return self.jobs.pop(parts[0])
        if method == "PATCH":
            job.update(body)
        elif parts[1:] == ["cancel"]:
            job.update(state="cancelled")
        elif parts[1:] == ["recipe"]:
            return {"recipe_version": 1, **job["request"]}
        elif parts[1:]:
            return _picture("tomato")
        return job

    def _listed(self, query: dict[str, list[str]]) -> list[dict[str, Any]]:
        found = sorted(self.jobs.values(), key=lambda job: -job["made"])
        if "before" in query:
            found = found[[job["id"] for job in found].index(query["before"][0]) + 1 :]
        if "batch" in query:
            found = [job for job in found if job["batch"] == query["batch"][0]]
        return found[: int(query.get("limit", ["200"])[0])]

    def _batches(self, method: str, parts: list[str], query: dict[str, list[str]], body: Any) -> Any:
        if method == "POST" and not parts:
            id = _id()
            for photo in body["photos"]:
                made = self.job(self.photos[photo]["name"], "waiting", body["kind"], batch=id)
                made["request"] = {key: value for key, value in body.items() if key != "photos"} | {"photo": photo}
            self.batches[id] = {"id": id, "title": "My batch", "made": 1.7e9}
            return self._batch(id)
        if not parts:
            return [self._batch(id) for id in reversed(self.batches)]
        if parts[1:] == ["cancel"]:
            for job in self.jobs.values():
                if job["batch"] == parts[0] and job["state"] in ("waiting", "running"):
                    job["state"] = "cancelled"
        return self._batch(parts[0])

    def _batch(self, id: str) -> dict[str, Any]:
        jobs = [job for job in self.jobs.values() if job["batch"] == id]
        counts = {state: sum(job["state"] == state for job in jobs) for state in {job["state"] for job in jobs}}
        return {**self.batches[id], "counts": counts, "jobs": [job["id"] for job in jobs]}

    def tell(self, *jobs: dict[str, Any]) -> None:
        """What an event of the server does: the page hears of these jobs."""
        self.page.evaluate(
            """async (jobs) => {
              const { studio } = await import("/static/js/store.js");
              const known = new Map(studio.get("jobs"));
              for (const job of jobs) known.set(job.id, job);
              studio.set({ jobs: known });
            }""",
            list(jobs),
        )

    def forget(self, id: str) -> bool:
        """Whether the page asked to delete the job."""
        return ("DELETE", f"/api/jobs/{id}", None) in self.asked


Make = Callable[..., StandIn]
