"""A studio with a small photo in it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.studio.api.stand import Client, studio


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with studio(tmp_path_factory.mktemp("studio"), threads=1) as made:
        yield made


@pytest.fixture(scope="module")
def astronaut(client: Client, samples: Path) -> str:
    """The id of a photo, 192 px high."""
    with Image.open(samples / "astronaut.jpg") as image:
        return brought(client, image.convert("RGB").resize((192, 192), Image.Resampling.LANCZOS))


@pytest.fixture(scope="module")
def sky(client: Client) -> str:
    """The id of a photo without anybody in it."""
    return brought(client, Image.linear_gradient("L").convert("RGB").resize((96, 64)))


def brought(client: Client, image: Image.Image, name: str = "<script>alert(1)</script>.png") -> str:
    file = io.BytesIO()
    image.save(file, "PNG")
    answer = client.post(f"/api/photos?name={name}", file.getvalue())
    assert answer.status == 201, answer.body
    return str(answer.json["id"])
