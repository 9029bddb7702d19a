"""The wall of styles: those of the package and those that were brought."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from portrait_nst import named_styles, resources
from portrait_nst.instant import keys
from tests.studio.api import stand
from tests.studio.api.stand import Client


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with stand.studio(tmp_path / "home") as client:
        yield client


def test_the_styles_of_the_package_are_described_and_learned(client: Client) -> None:
    listed = client.get("/api/styles").json
    assert [style["id"] for style in listed] == named_styles.styles()
    assert all(style["learned"] and style["description"] and not style["uploaded"] for style in listed)
    assert {"palette_knife": "Palette knife"}.items() <= {style["id"]: style["title"] for style in listed}.items()


def test_their_small_pictures_are_kept(client: Client) -> None:
    answer = client.get("/api/styles/mosaic/thumb")
    with Image.open(io.BytesIO(answer.body)) as image:
        assert (image.format, max(image.size)) == ("JPEG", 256)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(list((client.home / "aside").iterdir())) == 1
    assert client.get("/api/styles/mosaic/thumb").body == answer.body
    tag = {"If-None-Match": answer.headers["etag"]}
    assert client.get("/api/styles/mosaic/thumb", headers=tag).status == 304
    assert client.desk.called == [], "the wall does not wait for the desk"


@pytest.mark.parametrize("name", ["..%2Fmosaic", "mosaic.png", "nonsense", "0123456789abcdef"])
def test_only_styles_have_pictures(client: Client, name: str) -> None:
    answer = client.get(f"/api/styles/{name}/thumb")
    assert answer.status == (422 if name == "mosaic.png" else 404) and answer.json["error"]


def test_a_style_is_brought_and_removed(client: Client, small_style: Path) -> None:
    thing = client.post("/api/styles?name=My%20waves.png", content=small_style.read_bytes()).json
    style = client.get("/api/styles").json[-1]
    assert style == {
        "id": thing["id"],
        "name": "My waves.png",
        "title": "My waves",
        "description": "",
        "uploaded": True,
        "learned": False,
    }
    assert client.get(f"/api/styles/{thing['id']}/thumb").headers["content-type"] == "image/jpeg"
    assert client.delete(f"/api/styles/{thing['id']}").status == 204
    assert client.delete("/api/styles/mosaic").status == 422
    assert not any(style["uploaded"] for style in client.get("/api/styles").json)


def test_a_style_is_learned_once_a_network_is_kept_for_it(
    client: Client, small_style: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portrait_nst import encoders
    from portrait_nst.instant import store
    from portrait_nst.instant.network import Painting

    monkeypatch.setenv(resources.HOME, str(tmp_path / "cache"))
    client.post("/api/styles?name=a.png", content=small_style.read_bytes())
    assert not client.get("/api/styles").json[-1]["learned"]
    weights = encoders.get("embedded").sha256
    name = store.key([Painting("a", resources.file_digest(small_style))], weights)
    (tmp_path / "cache" / keys.FOLDER).mkdir(parents=True)
    (tmp_path / "cache" / keys.FOLDER / f"{name}.safetensors").touch()
    assert client.get("/api/styles").json[-1]["learned"]
