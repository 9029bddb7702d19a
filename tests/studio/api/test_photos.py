"""Photos: brought, listed, seen, removed; and what is refused leaves nothing."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from portrait_nst.studio.records import Job
from tests.studio.api import stand
from tests.studio.api.stand import Client, left


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with stand.studio(tmp_path / "home") as client:
        yield client


@pytest.fixture(scope="module")
def photo(small_portrait: Path) -> bytes:
    return small_portrait.read_bytes()


def jpeg(colour: str = "red", size: tuple[int, int] = (40, 30)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "JPEG")
    return file.getvalue()


def test_a_photo_is_brought_listed_seen_and_removed(client: Client, photo: bytes) -> None:
    answer = client.post("/api/photos?name=Grace.png", content=photo)
    assert answer.status == 201
    thing = answer.json
    assert re.fullmatch("[0-9a-f]{16}", thing["id"])
    assert (thing["kind"], thing["name"], thing["width"], thing["height"]) == ("photo", "Grace.png", 136, 160)
    assert client.get(f"/api/photos/{thing['id']}").json == thing
    other = client.post("/api/photos?name=red.jpg", content=jpeg()).json
    assert [each["id"] for each in client.get("/api/photos").json] == [other["id"], thing["id"]]
    assert [each["id"] for each in client.get("/api/photos?limit=1").json] == [other["id"]]
    assert client.get(f"/api/photos?before={other['id']}").json == [thing]
    assert (client.home / "things" / thing["id"] / "file").read_bytes() == photo

    assert client.delete(f"/api/photos/{thing['id']}").status == 204
    for path in ("", "/view"):
        gone = client.get(f"/api/photos/{thing['id']}{path}")
        assert gone.status == 404
        assert "There is no photo" in gone.json["error"]
    assert not (client.home / "things" / thing["id"]).exists()
    there = f"things/{other['id']}"
    assert left(client.home) == [there, f"{there}/file", f"{there}/view-1600"]


def test_the_same_bytes_are_found_again(client: Client, photo: bytes) -> None:
    first = client.post("/api/photos?name=a.png", content=photo).json
    assert client.post("/api/photos?name=b.png", content=photo).json == first | {"name": "b.png"}
    assert client.desk.called == ["examine.examine"]
    style = client.post("/api/styles?name=a.png", content=photo).json
    assert style["id"] != first["id"], "as a style it is another thing"
    assert client.get(f"/api/photos/{style['id']}").status == 404


def test_a_view_is_ours_and_kept_by_the_browser(client: Client, photo: bytes) -> None:
    id = client.post("/api/photos?name=a.png", content=photo).json["id"]
    view = client.get(f"/api/photos/{id}/view?longest=100")
    assert view.headers["content-type"] == "image/jpeg"
    assert view.headers["x-content-type-options"] == "nosniff"
    assert view.headers["cache-control"] == "private, no-cache", "what was removed is shown no more"
    with Image.open(io.BytesIO(view.body)) as image:
        assert image.format == "JPEG"
        assert max(image.size) == 64
    assert client.get(f"/api/photos/{id}/view?longest=100").body == view.body
    assert client.desk.called.count("examine.view") == 1, "the second time it is read from the disk"
    again = client.get(f"/api/photos/{id}/view?longest=100", headers={"If-None-Match": view.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert client.get(f"/api/photos/{id}/view?longest=5000").status == 422
    client.delete(f"/api/photos/{id}")
    assert client.get(f"/api/photos/{id}/view", headers={"If-None-Match": view.headers["etag"]}).status == 404


def test_a_transparent_photo_is_seen_as_png(client: Client) -> None:
    file = io.BytesIO()
    Image.new("RGBA", (64, 64), (10, 200, 30, 128)).save(file, "WEBP", lossless=True)
    id = client.post("/api/photos?name=a.webp", content=file.getvalue()).json["id"]
    view = client.get(f"/api/photos/{id}/view")
    assert view.headers["content-type"] == "image/png"
    assert view.body.startswith(b"\x89PNG")


def test_what_an_unfinished_job_needs_stays(client: Client, photo: bytes) -> None:
    id = client.post("/api/photos?name=a.png", content=photo).json["id"]
    client.keeping.put(Job("00000000000000aa", "stylize", {"photo": id}, "waiting", 1.0, time.time()))
    refused = client.delete(f"/api/photos/{id}")
    assert refused.status == 422
    assert "not finished needs it; cancel it first" in refused.json["error"]
    client.keeping.change("00000000000000aa", state="cancelled")
    assert client.delete(f"/api/photos/{id}").status == 204


@pytest.mark.parametrize("id", ["..%2f..%2fetc", "0123456789abcdeg", "0" * 17, "ABCDEF0123456789", "%00", "."])
def test_an_id_is_sixteen_digits_and_nothing_else(client: Client, id: str) -> None:
    for path in (f"/api/photos/{id}", f"/api/photos/{id}/view", f"/api/clips/{id}/view"):
        assert client.get(path).status in (404, 422)


REFUSED = {
    "nothing": (b"", 422, "is empty"),
    "text": (b"Dear studio, this is me." * 300, 422, "looks like a text file"),
    "an SVG": (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", 422, "is an SVG"),
    "a page": (b"<!doctype html><script>alert(1)</script>", 422, "looks like a text file"),
    "a clip": (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", 422, "is a clip (MP4), no photo"),
    "a form": (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n', 422, "looks like a text file"),
    "half a JPEG": (jpeg()[:400], 422, "damaged"),
    "a JPEG's beginning": (b"\xff\xd8\xff\xe0 no more", 422, "no picture|not a picture|damaged"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_photo_is_refused_and_leaves_nothing(client: Client, what: str) -> None:
    data, status, message = REFUSED[what]
    answer = client.post("/api/photos?name=me.jpg", content=data)
    assert answer.status == status
    assert re.search(message.replace("(", r"\(").replace(")", r"\)"), answer.json["error"]), answer.json
    assert "me.jpg" in answer.json["error"]
    assert str(client.home) not in answer.body.decode()
    assert left(client.home) == []


def test_too_many_bytes_are_refused_by_their_stated_length_and_while_they_come(tmp_path: Path) -> None:
    with stand.studio(tmp_path / "home", upload=10_000) as client:
        stated = client.post("/api/photos?name=a.jpg", content=jpeg() + bytes(20_000))
        counted = client.post("/api/photos?name=a.jpg", content=iter([jpeg(), *[bytes(1000)] * 20]))
        lying = client.post("/api/photos?name=a.jpg", content=jpeg() + bytes(20_000), headers={"Content-Length": "100"})
        for answer in (stated, counted, lying):
            assert answer.status == 413
            assert "bring a smaller copy" in answer.json["error"]
        assert left(client.home) == []
        assert client.post("/api/photos?name=a.jpg", content=jpeg()).status == 201


def test_too_many_pixels_are_refused_before_they_are_decoded(tmp_path: Path) -> None:
    with stand.studio(tmp_path / "home", pixels=1000) as client:
        answer = client.post("/api/photos?name=a.jpg", content=jpeg())
        assert answer.status == 422
        assert "40 x 30 pixels" in answer.json["error"]
        assert left(client.home) == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\Grace%20%26%20I.png", "Grace & I.png"),
        ("a%00b%0ac%1b[31m.png", "ab c[31m.png"),
        ("%E2%80%AEgnp.exe", "gnp.exe"),
        ("%F0%9F%8E%A8 caf%C3%A9.png", "\N{ARTIST PALETTE} café.png"),
        ("", "unnamed"),
        ("...", "unnamed"),
        ("x" * 500 + ".jpeg", "x" * 192 + "....jpeg"),
    ],
)
def test_a_name_is_for_show_only(client: Client, photo: bytes, given: str, kept: str) -> None:
    name = client.post(f"/api/photos?name={given}", content=photo).json["name"]
    assert name == kept
    assert len(name) <= 200
