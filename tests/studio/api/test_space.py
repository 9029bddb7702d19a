"""How full the studio is, and what may go; and what the same bytes are called."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from portrait_nst.studio.records import Job
from tests.studio.api import stand
from tests.studio.api.stand import Client
from tests.studio.api.test_photos import jpeg


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with stand.studio(tmp_path / "home") as client:
        yield client


def test_photos_that_nothing_needs_are_counted_and_removed(client: Client) -> None:
    colours = ("red", "green", "blue")
    needed, seen, idle = (client.post(f"/api/photos?name={one}.jpg", content=jpeg(one)).json["id"] for one in colours)
    client.keeping.put(Job("1" * 16, "stylize", {"photo": needed}, "done", 1.0, 1.0, ended=2.0))
    full = client.get(f"/api/space?keep={seen}").json
    assert full["photos"] == 1 and 0 < full["bytes"] < full["used"] < full["quota"]
    assert client.get("/api/space").json["photos"] == 2
    after = client.send(f"/api/space/tidy?keep={seen}", None).json
    assert (after["photos"], after["bytes"], after["used"]) == (0, 0, full["used"] - full["bytes"])
    assert [one["id"] for one in client.get("/api/photos").json] == [seen, needed]
    assert client.get(f"/api/photos/{idle}").status == 404


def test_the_name_that_was_brought_last_counts(client: Client) -> None:
    first = client.post("/api/photos?name=p03.jpg", content=jpeg()).json
    again = client.post("/api/photos?name=me.jpg", content=jpeg()).json
    assert again == first | {"name": "me.jpg"} == client.get(f"/api/photos/{first['id']}").json
