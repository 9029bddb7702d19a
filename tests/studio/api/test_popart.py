"""Pop art over HTTP: composed, coloured anew, and its files."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from portrait_nst import pop_art, segmentation
from portrait_nst.pop_art.composition import Composition
from portrait_nst.studio.desk import compositions
from portrait_nst.studio.desk import popart as desk
from portrait_nst.studio.models import JobRequest
from portrait_nst.studio.options import Options
from portrait_nst.studio.painter.messages import Order
from portrait_nst.studio.painter.popart import draw
from portrait_nst.studio.painter.resolve import resolve
from portrait_nst.studio.painter.telling import Telling
from portrait_nst.studio.resolved import Resolved
from portrait_nst.types import Photo
from tests.studio.api.stand import Client

pytestmark = pytest.mark.usefixtures("small_pop_art")
OWN = "#102040,#a02050,#f08030,#ffe080,#fffff0/#00a6d6"


def composed(client: Client, photo: str, recipe: dict[str, Any] | None = None, **popart: Any) -> dict[str, Any]:
    answer = client.send("/api/popart", {"kind": "popart", "photo": photo, "popart": popart, **(recipe or {})})
    assert answer.status == 200, answer.body
    return dict(answer.json)


def picture(client: Client, id: str, query: str = "?longest=128") -> np.ndarray:
    answer = client.get(f"/api/popart/{id}.png{query}")
    assert answer.status == 200, answer.body
    with Image.open(io.BytesIO(answer.body)) as image:
        return np.asarray(image.convert("RGB"))


def test_colours_change_and_segments_stay(client: Client, astronaut: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = composed(client, astronaut)
    assert len(first["colours"]) == 5 and first["segments"] > 8

    def traced(*_: object) -> None:
        raise AssertionError("it was traced anew")

    monkeypatch.setattr(compositions, "divided", traced)
    spent = time.process_time()
    changes: list[dict[str, Any]] = [
        {"palette": "marilyn"},
        {"palette": OWN},
        {"background": "#123456"},
        {"mode": "dots"},
    ]
    for popart in changes:
        made = composed(client, astronaut, **popart)
        assert made["segments"] == first["segments"] and made["id"] != first["id"]
    assert (time.process_time() - spent) / 4 < 1.0
    assert composed(client, astronaut, background="#123456")["ground"] == "#123456"
    own = composed(client, astronaut, palette=OWN)
    assert own["ground"] == "#00A6D6"
    shown = {tuple(colour) for colour in picture(client, own["id"]).reshape(-1, 3)}
    assert all(tuple(bytes.fromhex(colour[1:])) in shown for colour in own["colours"])


# (recipe, in how many looks its face is lost, what is decided then), one portrait after the other.
SEEN: list[tuple[dict[str, Any], int, dict[str, float]]] = [
    ({"popart": {}}, 4, {"attempt": 3, "tame": 0.0}),  # the first composition: two looks at the photo, two at attempts
    ({"popart": {"palette": "ocean"}}, 2, {"attempt": 3, "tame": 0.7}),  # a named palette is tamed
    ({"popart": {"palette": OWN}}, 1, {"attempt": 3, "tame": 0.0}),  # one's own is not
    ({"popart": {"mode": "dots"}}, 0, {"attempt": 3, "tame": 0.0}),
    ({"popart": {"mode": "grid", "grid": [2, 1]}}, 9, {"attempt": 3, "tame": 0.0}),
    ({"popart": {"background": "transparent"}, "palette_from": "ukiyo_e"}, 0, {"attempt": 3, "tame": 0.0}),
    ({"popart": {"mode": "facets"}}, 5, {}),
    ({"popart": {"likeness": False, "background": "keep"}, "settings": {"region": "all"}}, 0, {"attempt": 0}),
]


def test_job_draws_the_picture_that_was_seen(client: Client, astronaut: str, monkeypatch: pytest.MonkeyPatch) -> None:
    faces, left = segmentation.faces, 0

    def found(photo: Photo, *, painted: bool = False) -> Any:
        nonlocal left
        left -= painted
        return [] if painted and left >= 0 else faces(photo, painted=painted)

    def shows(composition: Composition) -> bool:
        nonlocal left
        left -= 1
        return left < 0

    shown = []
    compositions.forget()
    for asked, left, decided in SEEN:  # noqa: B007 - `found` and `shows` read it
        with monkeypatch.context() as patched:
            patched.setattr(segmentation, "faces", found)
            patched.setattr(desk, "shows_its_face", shows)
            made = composed(client, astronaut, asked)
        assert made["decided"].items() >= decided.items(), asked
        shown.append((client.get(f"/api/popart/{made['id']}.png").body, made["decided"]))
    desk._compositions.clear()
    compositions.forget()
    monkeypatch.setattr(desk, "forget", lambda: None)  # the process of jobs keeps nothing; here that saves divisions
    monkeypatch.setattr(pop_art, "compose_portrait", None)  # what was decided is not found out anew
    for (asked, _, _), (png, decided) in zip(SEEN, shown):
        rgb, alpha = desk.made(resolved(client, {"photo": astronaut, **asked, "decided": decided})).render()
        picture = Image.fromarray(rgb if alpha is None else np.dstack([rgb, alpha]))
        assert pixels(picture) == pixels(Image.open(io.BytesIO(png))), asked


def test_job_without_anything_decided_is_a_first_composition(client: Client, astronaut: str, tmp_path: Path) -> None:
    compositions.forget()
    made = composed(client, astronaut)
    compositions.forget()
    draw(
        Order("0" * 16, resolved(client, {"photo": astronaut}), tmp_path),
        Telling("0" * 16, tmp_path, lambda news: None),
    )
    shown = client.get(f"/api/popart/{made['id']}.png").body
    assert pixels(Image.open(tmp_path / "result.png")) == pixels(Image.open(io.BytesIO(shown)))


def test_decided_is_of_one_pop_art_alone(client: Client, astronaut: str) -> None:
    body = {"kind": "stylize", "style": [{"style": "oil"}], "photo": astronaut, "decided": {"attempt": 1}}
    assert client.send("/api/forecasts", body).json["field"] == "decided"
    for decided in ({"attempt": 4}, {"tame": 2.0}, {"attempt": -1}):
        body = {"kind": "popart", "photo": astronaut, "decided": decided}
        assert client.send("/api/popart", body).status == 422


def resolved(client: Client, recipe: dict[str, Any]) -> Resolved:
    request = JobRequest.model_validate({"kind": "popart", **recipe})
    return resolve(request, client.keeping, Options(folder=client.home))


def pixels(picture: Image.Image) -> tuple[str, tuple[int, int], bytes]:
    return picture.mode, picture.size, picture.tobytes()


def test_what_needs_other_segments_is_traced_anew(client: Client, astronaut: str) -> None:
    counts = {composed(client, astronaut, likeness=False, segments=many)["segments"] for many in (20, 90)}
    assert len(counts) == 2


def test_files(client: Client, astronaut: str) -> None:
    made = composed(client, astronaut, palette="ocean")
    whole = client.get(f"/api/popart/{made['id']}.png")
    with Image.open(io.BytesIO(whole.body)) as image:
        assert image.size == (made["width"], made["height"])
        assert any("popart" in str(text) for text in image.info.values())  # its recipe
    assert max(picture(client, made["id"]).shape) == 128
    svg = client.get(f"/api/popart/{made['id']}.svg")
    assert svg.headers["content-type"].startswith("image/svg+xml") and svg.body.startswith(b"<svg")
    for path in (".pdf", "/sheet.pdf?paper=letter"):
        answer = client.get(f"/api/popart/{made['id']}{path}")
        assert answer.headers["content-type"] == "application/pdf" and answer.body.startswith(b"%PDF")
    refused = client.get(f"/api/popart/{made['id']}/sheet.pdf?paper=wall")
    assert refused.status == 422 and "paper" in refused.json["error"]


def test_no_name_gets_into_a_drawing(client: Client, astronaut: str) -> None:
    assert "script" in client.get(f"/api/photos/{astronaut}").json["name"]
    made = composed(client, astronaut)
    for path in (".svg", ".pdf", ".png", "/sheet.pdf"):
        assert b"script" not in client.get(f"/api/popart/{made['id']}{path}").body
    refused = client.send(
        "/api/popart", {"kind": "popart", "photo": astronaut, "popart": {"palette": '"><script>alert(1)</script>'}}
    )
    assert refused.status == 422


def test_files_are_made_again_after_the_desk_ended(client: Client, astronaut: str) -> None:
    made = [composed(client, astronaut, palette=palette) for palette in ("fiesta", "neon")]
    before = [client.get(f"/api/popart/{one['id']}.svg").body for one in made]
    desk._compositions.clear()
    compositions.forget()
    assert [client.get(f"/api/popart/{one['id']}.svg").body for one in made] == before


def test_a_palette_of_a_picture(client: Client, astronaut: str) -> None:
    plain = composed(client, astronaut)
    taken = composed(client, astronaut, {"palette_from": "ukiyo_e"})
    assert taken["colours"] != plain["colours"] and taken["segments"] == plain["segments"]


def test_what_is_refused(client: Client, astronaut: str, sky: str) -> None:
    body = {"kind": "stylize", "photo": astronaut, "style": [{"style": "oil"}]}
    assert client.send("/api/popart", body).json["field"] == "kind"
    nobody = client.send("/api/popart", {"kind": "popart", "photo": sky})
    assert nobody.status == 422 and "Nobody" in nobody.json["error"]
    for id in ("0" * 32, astronaut + "0" * 16):
        assert client.get(f"/api/popart/{id}.svg").status == 404
    assert client.get("/api/popart/..%2f..%2fx.svg").status in (404, 422)
