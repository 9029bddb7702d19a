"""A painter that does what a test says: it answers for styles, previews, forecasts and jobs; the rest is the server's."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from PIL import Image

from portrait_nst.named_styles import descriptions
from tests.studio.browser.conftest import Page

SECONDS = {"instant": 2, "draft": 14, "standard": 41, "fine": 190}
PRESET = "kadam-vgg19"


def jpeg(colour: str, size: tuple[int, int] = (341, 400)) -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


class Painter:
    """What the page asked for, and what it is told.

    previews, submitted: the bodies of its requests. jobs: those that there are, oldest first. notes: of each preview.
    problem: what answers the next job, a `Problem`'s JSON, or None.
    """

    def __init__(self, page: Page) -> None:
        self.previews: list[dict[str, Any]] = []
        self.submitted: list[dict[str, Any]] = []
        self.jobs: dict[str, dict[str, Any]] = {}
        self.notes: list[str] = []
        self.problem: dict[str, str] | None = None
        self.own: dict[str, dict[str, Any]] = {}
        for pattern, answer in (
            (r"/api/events$", self._events),
            (r"/api/previews$", self._preview),
            (r"/api/forecasts$", self._forecast),
            (r"/api/jobs(\?.*)?$", self._jobs),
            (r"/api/jobs/[0-9a-f]{16}$", self._job),
            (r"/api/jobs/[0-9a-f]{16}/(stop|cancel)$", self._end),
            (r"/api/jobs/[0-9a-f]{16}/(preview|thumb|result).*$", self._picture),
            (r"/api/styles(\?.*)?$", self._styles),
            (r"/api/styles/\w+$", self._style),
            (r"/api/styles/\w+/thumb$", self._thumb),
        ):
            page.route(re.compile(pattern), answer)

    def change(self, id: str, **values: Any) -> None:
        """Tell the page that a job is otherwise now."""
        self.jobs[id] |= values

    def running(self, id: str, share: float = 0.4) -> None:
        progress = {"share": share, "seconds_left": 24.0, "preview": 3, "phase": "", "note": ""}
        self.change(id, state="running", place=0, starts_in=None, progress=progress)

    def done(self, id: str, **facts: Any) -> None:
        words = "Friends will know who it is."
        result = {
            "width": 341,
            "height": 400,
            "seconds": 38.0,
            "files": ["png", "jpg"],
            "interrupted": False,
            "notes": [],
        }
        result |= {"likeness": {"value": 0.71, "words": words}} | facts
        self.change(id, state="done", place=None, progress=None, result=result)

    @property
    def last(self) -> str:
        """The id of the newest job."""
        return list(self.jobs)[-1]

    def _events(self, route: Any) -> None:
        # The answer ends at once, and the browser asks again: each time it is told everything.
        lines = [f"event: job\ndata: {json.dumps(job)}\n\n" for job in self.jobs.values()]
        route.fulfill(content_type="text/event-stream", body="retry: 150\n\n" + "".join(lines))

    def _preview(self, route: Any) -> None:
        self.previews.append(json.loads(route.request.post_data))
        headers = {"Content-Type": "image/jpeg", "X-Notes": quote(json.dumps(self.notes))}
        route.fulfill(headers=headers, body=jpeg("teal"))

    def _forecast(self, route: Any) -> None:
        quality = json.loads(route.request.post_data)["settings"].get("quality", "standard")
        route.fulfill(json={"seconds": SECONDS[quality], "memory": 1e9, "longest": 0})

    def _jobs(self, route: Any) -> None:
        if route.request.method == "GET":
            route.fulfill(json=list(reversed(self.jobs.values())))
            return
        if self.problem:
            route.fulfill(status=422, json=self.problem)
            return
        body = json.loads(route.request.post_data)
        self.submitted.append(body)
        route.fulfill(status=201, json=self.add(body))

    def add(self, body: dict[str, Any], **values: Any) -> dict[str, Any]:
        """A job that waits behind the others."""
        unfinished = sum(job["state"] in ("waiting", "running") for job in self.jobs.values())
        id = f"{len(self.jobs) + 1:016x}"
        made: dict[str, Any] = {
            "id": id,
            "kind": "stylize",
            "state": "waiting",
            "title": "",
            "request": body,
            "batch": "",
            "place": max(1, unfinished),
            "starts_in": None,
            "made": float(len(self.jobs)),
            "began": 0.0,
            "ended": 0.0,
            "progress": None,
            "forecast": {"seconds": 41.0},
            "error": "",
            "result": None,
            "starred": False,
        }
        self.jobs[id] = made | values
        return self.jobs[id]

    def _job(self, route: Any) -> None:
        id = route.request.url[-16:]
        if route.request.method == "PATCH":
            self.change(id, **json.loads(route.request.post_data))
        route.fulfill(json=self.jobs[id])

    def _end(self, route: Any) -> None:
        *_, id, word = route.request.url.split("/")
        if word == "stop":
            self.done(id, interrupted=True)
        else:
            self.change(id, state="cancelled", place=None, progress=None)
        route.fulfill(json=self.jobs[id])

    def _picture(self, route: Any) -> None:
        route.fulfill(content_type="image/jpeg", body=jpeg("indigo"))

    def _styles(self, route: Any) -> None:
        if route.request.method == "POST":
            id = f"{len(self.own) + 0xA0:016x}"
            self.own[id] = {
                "id": id,
                "name": "waves.png",
                "title": "waves",
                "description": "",
                "uploaded": True,
                "learned": False,
            }
            route.fulfill(status=201, json={"id": id, "kind": "style", "name": "waves.png"})
            return
        named = [
            {
                "id": name,
                "name": name,
                "title": name.replace("_", " ").capitalize(),
                "description": words,
                "uploaded": False,
                "learned": True,
            }
            for name, words in descriptions().items()
        ]
        route.fulfill(json=[*named, *self.own.values()])

    def _style(self, route: Any) -> None:
        self.own.pop(route.request.url[-16:], None)
        route.fulfill(status=204)

    def _thumb(self, route: Any) -> None:
        route.fulfill(content_type="image/jpeg", body=jpeg("peru", (256, 256)))


def painted_by(open_page: Callable[..., Page], size: str = "desktop") -> tuple[Page, Painter]:
    """The studio's first view and who paints for it."""
    page = open_page(size, None)
    painter = Painter(page)
    page.goto("/")
    return page, painter
