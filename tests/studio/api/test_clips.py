"""Clips: brought and seen, and what is none is refused."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.studio.api import stand
from tests.studio.api.stand import Client, left


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with stand.studio(tmp_path / "home") as client:
        yield client


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A second of 64 x 48, from dark to light."""
    import av

    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for level in range(10):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 25 * level, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path.read_bytes()


def test_a_clip_is_brought_seen_and_removed(client: Client, clip: bytes) -> None:
    thing = client.post("/api/clips?name=me.mp4", content=clip).json
    assert (thing["kind"], thing["width"], thing["height"]) == ("clip", 64, 48)
    assert thing["seconds"] == pytest.approx(1.0, abs=0.2)
    assert client.get("/api/clips").json == [thing]
    assert client.get("/api/photos").json == []
    view = client.get(f"/api/clips/{thing['id']}/view?longest=64")
    with Image.open(io.BytesIO(view.body)) as image:
        assert image.size == (64, 48)
        assert 90 < np.asarray(image).mean() < 170, "the frame in the middle"
    assert client.get(f"/api/photos/{thing['id']}/view").status == 404
    assert client.delete(f"/api/clips/{thing['id']}").status == 204
    assert left(client.home) == []


def test_what_is_no_clip_is_refused(client: Client, clip: bytes, small_portrait: Path) -> None:
    file = io.BytesIO()
    Image.new("RGB", (40, 30)).save(file, "JPEG")
    for data, message in (
        (file.getvalue(), "is a picture (JPEG), no clip"),
        (b"#EXTM3U\nhttp://127.0.0.1/x.ts\n" * 200, "looks like a text file"),
        (clip[: len(clip) // 2], "has no pictures"),
        (small_portrait.read_bytes(), "is a picture"),
    ):
        answer = client.post("/api/clips?name=me.mp4", content=data)
        assert answer.status == 422
        assert message in answer.json["error"]
        assert left(client.home) == []


def test_a_clip_has_a_limit_of_its_own(tmp_path: Path, clip: bytes) -> None:
    with stand.studio(tmp_path / "home", upload=10**9, clip=1000) as client:
        assert client.post("/api/clips?name=a.mp4", content=clip).status == 413
        assert left(client.home) == []
