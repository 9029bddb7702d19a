"""Batches over HTTP: the same recipe for many photos."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.studio.api.test_jobs import NOBODY, Page
from tests.studio.painter.standins import bring, finished, opened, running

STYLE = [{"style": "impasto"}]


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with opened(tmp_path) as (keeping, queue):
        yield Page(keeping, queue)


def test_a_batch_is_a_job_for_each_photo_and_its_results_are_one_zip(page: Page) -> None:
    photos = [bring(page.keeping, name, data=bytes([n])) for n, name in enumerate(("a.jpg", "../a.jpg", "ü.jpg"))]
    answer = page.ask("POST", "/api/batches", {"photo": photos[0], "photos": [*photos, photos[0]], "style": STYLE})
    assert answer.status == 201
    batch = answer.json
    assert batch["title"] == "a in impasto and 2 more" and len(batch["jobs"]) == 3
    for id in batch["jobs"]:
        finished(page.keeping, page.queue, id)
    url = f"/api/batches/{batch['id']}"
    assert page.get(url).json["counts"] == {"done": 3}
    assert [job["id"] for job in page.get(f"/api/jobs?batch={batch['id']}").json] == batch["jobs"][::-1]
    assert [each["id"] for each in page.get("/api/batches").json] == [batch["id"]]
    packed = page.get(f"{url}.zip")
    assert packed.headers["content-type"] == "application/zip"
    assert packed.headers["content-disposition"].startswith("attachment;")
    with zipfile.ZipFile(io.BytesIO(packed.body)) as archive:
        assert archive.namelist() == ["a in impasto.png", "a in impasto (2).png", "ü in impasto.png"]
        assert archive.read("a in impasto.png") == b"a.jpg 0"


def test_a_batch_is_cancelled_as_a_whole(page: Page) -> None:
    photos = [bring(page.keeping, f"slow {n}.jpg") for n in range(4)]
    values = {"photo": photos[0], "photos": photos, "style": STYLE, "title": "family"}
    batch = page.ask("POST", "/api/batches", values).json
    assert batch["title"] == "family"
    assert page.get(f"/api/batches/{batch['id']}.zip").status == 404
    running(page.keeping, page.queue, batch["jobs"][0])
    page.ask("POST", f"/api/batches/{batch['id']}/cancel")
    finished(page.keeping, page.queue, batch["jobs"][0])
    assert page.get(f"/api/batches/{batch['id']}").json["counts"] == {"cancelled": 4}


def test_all_of_a_batch_waits_or_nothing(page: Page) -> None:
    photo = bring(page.keeping, "me.jpg")
    mask = bring(page.keeping, "mask.png", "mask", of=photo)
    other = bring(page.keeping, "you.jpg")
    for values, status in (
        ({"photos": [photo, NOBODY]}, 404),
        ({"photos": []}, 422),
        ({"photos": [other]}, 422),
        ({"photos": [photo, other], "mask": mask}, 422),
        ({"photos": [photo], "settings": {"strength": 2}}, 422),
    ):
        answer = page.ask("POST", "/api/batches", {"photo": photo, "style": STYLE, **values})
        assert answer.status == status, answer.body
    assert page.get("/api/jobs").json == [] and page.get("/api/batches").json == []
    assert page.get(f"/api/batches/{NOBODY}").status == page.get(f"/api/batches/{NOBODY}.zip").status == 404


def test_the_photo_of_a_batch_may_be_left_out_and_each_is_painted_once(page: Page) -> None:
    photos = [bring(page.keeping, f"slow {n}.jpg", data=bytes([n])) for n in range(2)]
    answer = page.ask("POST", "/api/batches", {"photos": [*photos, photos[0]], "style": STYLE})
    assert answer.status == 201 and len(answer.json["jobs"]) == 2
    page.ask("POST", f"/api/batches/{answer.json['id']}/cancel")
    for id in answer.json["jobs"]:
        finished(page.keeping, page.queue, id)
