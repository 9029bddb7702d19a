"""Previews and forecasts over HTTP."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from PIL import Image

from tests.studio.api.stand import Client


def preview(browser: Client, photo: str, /, **recipe: Any) -> tuple[np.ndarray, list[str]]:
    answer = browser.send("/api/previews", {"photo": photo, "style": [{"style": "oil"}], "longest": 96, **recipe})
    assert answer.status == 200, answer.body
    with Image.open(io.BytesIO(answer.body)) as image:
        assert image.get_format_mimetype() == answer.headers["content-type"]
        return np.asarray(image).astype(int), json.loads(unquote(answer.headers["x-notes"]))


def test_a_preview_follows_the_knobs(client: Client, astronaut: str) -> None:
    weak, notes = preview(client, astronaut, settings={"strength": 0.1}, client="page")
    strong, _ = preview(client, astronaut, settings={"strength": 1.0}, client="page")
    other, _ = preview(client, astronaut, settings={"strength": 1.0}, style=[{"style": "woodcut"}])
    assert weak.shape == (96, 96, 3) and notes == []
    assert np.abs(strong - weak).mean() > 3 and np.abs(strong - other).mean() > 3
    matte = client.get(f"/api/photos/{astronaut}/matte?longest=96")
    with Image.open(io.BytesIO(matte.body)) as image:
        outside = np.asarray(image) == 0
    assert np.abs(strong - weak)[outside].mean() < 3  # the background is the photo's, but for the JPEG


def test_what_instant_leaves_out_is_told(client: Client, astronaut: str) -> None:
    _, notes = preview(client, astronaut, settings={"brushwork": 0.2, "quality": "fine", "size": 800, "likeness": 0.7})
    assert notes == ["not seen in the preview: brushwork"]
    blend = [{"style": "oil"}, {"style": "mosaic", "share": 0.5}]
    _, notes = preview(client, astronaut, style=blend)
    assert len(notes) == 1 and notes[0].startswith("oil and mosaic: shown roughly")


def test_backgrounds(client: Client, astronaut: str) -> None:
    blue, _ = preview(client, astronaut, settings={"background": "#0000ff"})
    assert np.abs(blue[2, 2] - (0, 0, 255)).max() < 12
    clear, _ = preview(client, astronaut, settings={"background": "transparent"})
    assert clear.shape == (96, 96, 4) and clear[2, 2, 3] == 0 and clear[90, 48, 3] == 255
    everything, _ = preview(client, astronaut, settings={"region": "all"})
    plain, _ = preview(client, astronaut)
    assert np.abs(everything - plain)[:20, :20].mean() > 3


def test_a_mask_and_nobody(client: Client, sky: str) -> None:
    answer = client.send("/api/previews", {"photo": sky, "style": [{"style": "oil"}]})
    assert answer.status == 422 and "Nobody was found" in answer.json["error"]
    file = io.BytesIO()
    Image.new("L", (96, 64), 255).save(file, "PNG")
    mask = client.post(f"/api/masks?photo={sky}", file.getvalue()).json["id"]
    painted, _ = preview(client, sky, mask=mask)
    assert painted.shape == (64, 96, 3)


@pytest.mark.usefixtures("small_pop_art")
def test_segments(client: Client, astronaut: str) -> None:
    flat, _ = preview(client, astronaut, kind="popart", style=[], popart={"background": "#00ff00"})
    assert np.abs(flat[2, 2] - (0, 255, 0)).max() < 12
    painted, _ = preview(client, astronaut, popart={})
    assert painted.shape == (96, 96, 3)


def test_what_is_refused(client: Client, astronaut: str) -> None:
    for recipe, field in (
        ({"style": [{"style": "nothing"}]}, "style"),
        ({"settings": {"strength": 2}}, "strength"),
        ({"settings": {"background": "/etc/passwd"}}, "background"),
    ):
        answer = client.send("/api/previews", {"photo": astronaut, "style": [{"style": "oil"}], **recipe})
        assert answer.status == 422 and answer.json["field"] == field


def test_forecasts(client: Client, astronaut: str) -> None:
    def ahead(**recipe: Any) -> dict[str, float]:
        answer = client.send("/api/forecasts", {"photo": astronaut, "style": [{"style": "oil"}], **recipe})
        assert answer.status == 200, answer.body
        return dict(answer.json)

    instant, draft, fine = (ahead(settings={"quality": quality}) for quality in ("instant", "draft", "fine"))
    assert 0 < instant["seconds"] < draft["seconds"] < fine["seconds"] <= fine["longest"]
    assert 3e8 < draft["memory"] <= fine["memory"] < 2e10
    alike = ahead(settings={"quality": "draft", "likeness": 0.8})
    assert alike["longest"] > alike["seconds"]
    popart = ahead(kind="popart", style=[], popart={})
    assert 1 < popart["seconds"] < 60


def test_clips(client: Client, samples: Path) -> None:
    with Image.open(samples / "astronaut.jpg") as image:
        frame = image.convert("RGB").resize((128, 128))
    file = io.BytesIO()
    frame.save(
        file, "GIF", save_all=True, append_images=[frame.transpose(Image.Transpose.FLIP_LEFT_RIGHT)] * 2, duration=100
    )
    clip = client.post("/api/clips?name=me.gif", file.getvalue()).json["id"]
    assert len(client.get(f"/api/clips/{clip}/people").json["people"]) == 1
    painted, _ = preview(client, clip, kind="video")
    assert painted.shape == (96, 96, 3)
    seconds = {}
    for quality in ("instant", "draft"):
        recipe = {"kind": "video", "photo": clip, "style": [{"style": "oil"}], "settings": {"quality": quality}}
        answer = client.send("/api/forecasts", recipe)
        assert answer.status == 200, answer.body
        seconds[quality] = answer.json["seconds"]
    assert 0 < seconds["instant"] < seconds["draft"]
