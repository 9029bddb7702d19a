"""People and mattes over HTTP."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from tests.studio.api.stand import Client


def test_people_are_found_once(client: Client, astronaut: str) -> None:
    first = client.get(f"/api/photos/{astronaut}/people")
    assert first.status == 200 and [one["number"] for one in first.json["people"]] == [1]
    client.desk.called.clear()
    assert client.get(f"/api/photos/{astronaut}/people").json == first.json
    assert client.desk.called == [], "the second time it is read from the disk"
    assert "previews.prepare" in client.desk.ahead, "the first preview is prepared"
    left, top, width, height = first.json["people"][0]["box"]
    assert 0 < left < left + width < 1 and 0 < top < top + height < 1
    client.keeping.aside(astronaut, "people.json").write_bytes(b"{damaged")
    assert client.get(f"/api/photos/{astronaut}/people").json == first.json


def test_nobody_is_no_error(client: Client, sky: str) -> None:
    answer = client.get(f"/api/photos/{sky}/people")
    assert answer.status == 200 and answer.json["people"] == [] and "Nobody" in answer.json["notes"][0]
    refused = client.get(f"/api/photos/{sky}/matte")
    assert refused.status == 422 and "Nobody was found" in refused.json["error"]


def test_a_matte(client: Client, astronaut: str) -> None:
    answer = client.get(f"/api/photos/{astronaut}/matte?person=all&mask=&longest=96")
    assert answer.status == 200 and answer.headers["content-type"] == "image/png"
    with Image.open(io.BytesIO(answer.body)) as image:
        assert image.size == (96, 96) and image.mode == "L"
        assert 0.1 < np.asarray(image).mean() / 255 < 0.9
    assert client.get(f"/api/photos/{astronaut}/matte?person=2").status == 422


@pytest.mark.parametrize("query", ["person=0", "person=../x", "person=", "mask=../../x", "longest=9", "longest=99999"])
def test_what_is_no_matte(client: Client, astronaut: str, query: str) -> None:
    assert client.get(f"/api/photos/{astronaut}/matte?{query}").status == 422


def test_a_mask_of_another_photo(client: Client, astronaut: str, sky: str) -> None:
    file = io.BytesIO()
    Image.new("L", (96, 64), 255).save(file, "PNG")
    mask = client.post(f"/api/masks?photo={sky}", file.getvalue()).json["id"]
    assert client.get(f"/api/photos/{sky}/matte?mask={mask}").status == 200
    refused = client.get(f"/api/photos/{astronaut}/matte?mask={mask}")
    assert refused.status == 422 and "another photo" in refused.json["error"]
    assert client.get(f"/api/photos/{'0' * 16}/people").status == 404
    assert client.get(f"/api/photos/{sky}/matte?mask={'0' * 16}").status == 404
