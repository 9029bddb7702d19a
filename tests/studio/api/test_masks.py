"""Masks over HTTP."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from tests.studio.api.stand import Client, left


def png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def shown(client: Client, photo: str, query: str) -> np.ndarray:
    answer = client.get(f"/api/photos/{photo}/matte?{query}")
    assert answer.status == 200, answer.body
    with Image.open(io.BytesIO(answer.body)) as image:
        return np.asarray(image)


def test_a_correction_and_its_correction(client: Client, astronaut: str) -> None:
    drawn = np.zeros((192, 192, 4), np.uint8)
    drawn[:20, :20] = 255
    first = client.post(f"/api/masks?photo={astronaut}&person=all&name=mask.png", png(drawn))
    assert first.status == 201 and first.json["of"] == astronaut and first.json["kind"] == "mask"
    assert (first.json["width"], first.json["height"]) == (192, 192)
    drawn[:10, :10, :3] = 0
    second = client.post(f"/api/masks?photo={astronaut}&base={first.json['id']}", png(drawn))
    found = shown(client, astronaut, "person=all")
    masks = [shown(client, astronaut, f"mask={one.json['id']}") for one in (first, second)]
    assert masks[0][:20, :20].min() == 255 and masks[1][:10, :10].max() == 0 and masks[1][12:20, 12:20].min() == 255
    for mask in masks:
        assert np.array_equal(mask[20:], found[20:])
    assert client.get(f"/api/masks/{first.json['id']}").json == first.json
    assert client.delete(f"/api/masks/{first.json['id']}").status == 204
    assert client.get(f"/api/masks/{first.json['id']}").status == 404


def test_what_is_refused_leaves_nothing(client: Client, astronaut: str) -> None:
    client.get(f"/api/photos/{astronaut}/matte")
    before = left(client.home)
    for body, status in (
        (b"nothing", 422),
        (b"", 422),
        (png(np.zeros((192, 192), np.uint8)), 422),
        (png(np.full((96, 192), 255, np.uint8)), 422),
    ):
        assert client.post(f"/api/masks?photo={astronaut}", body).status == status
    white = png(np.full((192, 192), 255, np.uint8))
    assert client.post(f"/api/masks?photo={'0' * 16}", white).status == 404
    assert client.post(f"/api/masks?photo={astronaut}&base={'0' * 16}", white).status == 404
    assert client.post("/api/masks", white).status == 422
    assert left(client.home) == before
