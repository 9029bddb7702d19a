"""Every operation that succeeds answers as the description says: with a desk that answers and a queue at work."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from PIL import Image

from portrait_nst.studio.api.app import make_app
from portrait_nst.studio.models import Recipe
from portrait_nst.studio.options import Options
from portrait_nst.studio.security.stack import guarded
from portrait_nst.studio.studio import Studio
from tests.studio.api.test_openapi import operations
from tests.studio.painter.standins import bring, finished, opened, request, running


def _picture(kind: str) -> bytes:
    data = io.BytesIO()
    Image.new("L" if kind == "PNG" else "RGB", (64, 64), 200).save(data, kind)
    return data.getvalue()


PNG, JPEG = _picture("PNG"), _picture("JPEG")
CLIP = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(64)
COMPOSITION = "0123456789abcdef" * 2
MADE = {"width": 64, "height": 64, "colours": ["#102040", "#fffff0"], "ground": "#00a6d6", "segments": 12}
SETTINGS = {"settings": {"strength": 0.5}}


class Desk:
    """Answers as the desk does, without looking at anything."""

    def call(self, function: str, /, **values: Any) -> Any:
        for name in ("out", "shown"):
            if (path := values.get(name)) is not None:
                Path(path).write_bytes(PNG if function == "masks.make" else JPEG)
        file = {"png": PNG, "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}
        person = {"number": 1, "box": (0.3, 0.2, 0.2, 0.2), "outline": [[(0.1, 0.1), (0.9, 0.1), (0.5, 0.9)]]}
        answers = {
            "people.people": {"people": [person], "notes": ["A remark."]},
            "mattes.matte": PNG,
            "previews.preview": (JPEG, "image/jpeg", ["A remark."]),
            "forecasts.forecast": {"seconds": 3.0, "memory": 1e9, "longest": 5.0},
            "popart.compose": {**MADE, "id": COMPOSITION[16:], "decided": {"attempt": 1, "tame": 0.5}, "notes": []},
            "popart.file": file.get(values.get("form", ""), b"%PDF-1.4"),
        }
        return answers.get(function, {"width": 64, "height": 64, "seconds": 1.0, "notes": ["A remark."]})

    def latest(self, client: str, function: str, /, **values: Any) -> Any:
        return self.call(function, **values)

    later = call


class Given:
    """A studio in which there is something of every kind, and what is to be sent to each of its operations."""

    def __init__(self, api: Any, keeping: Any, queue: Any) -> None:
        self.api, self.keeping, self.queue, self.numbers = api, keeping, queue, itertools.count()
        self.photo, self.clip, self.style = (self.new(kind) for kind in ("photo", "clip", "style"))
        self.done = queue.submit(request(self.photo)).id
        finished(keeping, queue, self.done)
        keeping.aside(self.done, "recipe.json").write_text('{"recipe_version": 1}')
        composed = keeping.aside(self.photo, f"popart-{COMPOSITION[16:]}.json")
        composed.write_text(Recipe(kind="popart", photo=self.photo, popart={}).model_dump_json())

    def new(self, kind: str, name: str = "me.png", of: str = "") -> str:
        data = (CLIP if kind == "clip" else PNG) + next(self.numbers).to_bytes(2)  # each is another file
        return bring(self.keeping, name, kind, of=of, data=data)

    def job(self) -> str:
        """One that is in work; no other is."""
        self.rest()
        id: str = self.queue.submit(request(self.new("photo", "slow.png"))).id
        running(self.keeping, self.queue, id)
        return id

    def rest(self) -> None:
        for job in self.keeping.jobs(states=("waiting", "running")):
            self.queue.cancel(job.id)

    def batch(self) -> str:
        self.rest()
        found: str = self.send("POST /api/batches").json()["id"]
        return found

    def values(self, operation: str) -> dict[str, Any]:
        """The arguments of a case that is answered with success."""
        method, path = operation.split()
        recipe = {"photo": self.photo, "style": [{"style": "impasto", "share": 1.0}], **SETTINGS}
        bodies = {
            "/api/photos": PNG, "/api/styles": PNG, "/api/clips": CLIP, "/api/masks": PNG,
            "/api/previews": {**recipe, "client": "page"}, "/api/forecasts": recipe, "/api/jobs": recipe,
            "/api/popart": {"kind": "popart", "photo": self.photo, "popart": {"palette": "ocean"}},
            "/api/batches": {**recipe, "photos": [self.photo, self.new("photo", "you.png")]},
            "/api/jobs/{id}": {"title": "Grace", "starred": True},
        }  # fmt: skip
        found: dict[str, Any] = {"headers": {"Host": "localhost"}}
        if path in bodies and method in ("POST", "PATCH"):
            raw = isinstance(bodies[path], bytes)
            found |= {"body": bodies[path], "media_type": "application/octet-stream" if raw else "application/json"}
            found["query"] = ({"name": "a.png"} if raw else {}) | (
                {"photo": self.photo} if path == "/api/masks" else {}
            )
        if "{id}" in path:
            found["path_parameters"] = {"id": self._id(method, path)} | ({"form": "png"} if "{form}" in path else {})
        return found

    def _id(self, method: str, path: str) -> str:
        kind = path.split("/")[2]
        if kind == "popart":
            return self.photo + COMPOSITION[16:]
        if kind == "batches":
            batch = self.batch()
            if path.endswith(".zip"):
                for job in self.keeping.jobs(batch=batch):
                    finished(self.keeping, self.queue, job.id)
            return batch
        if kind == "jobs":
            return self.job() if path.endswith(("/stop", "/cancel", "/preview")) or method == "DELETE" else self.done
        if kind == "masks" or method == "DELETE":
            return self.new(kind.removesuffix("s"), of=self.photo if kind == "masks" else "")
        return {"photos": self.photo, "clips": self.clip, "styles": self.style}[kind]

    def send(self, operation: str) -> Any:
        """Send it; the answer, which fits the description."""
        method, path = operation.split()
        return self.api[path][method].Case(**self.values(operation)).call_and_validate(headers={"Host": "localhost"})


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Given]:
    options = Options(folder=tmp_path_factory.mktemp("studio"))
    with opened(options.home) as (keeping, queue):
        desk: Any = Desk()
        app = guarded(make_app(Studio(options, keeping, desk, queue, queue.events)), options)
        api = schemathesis.openapi.from_asgi("/api/openapi.json", app, headers={"Host": "localhost"})
        yield Given(api, keeping, queue)


@pytest.mark.parametrize("operation", operations())
def test_success_is_answered_as_described(operation: str, given: Given) -> None:
    answer = given.send(operation)
    assert 200 <= answer.status_code < 300, (answer.status_code, answer.text)
