"""Clips: how far they are, stopping and cancelling them, and their users' names in recipes; with stand-ins for what paints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from portrait_nst.clips.join import recipe_in
from portrait_nst.studio.keeping.keeping import Keeping
from portrait_nst.studio.painter import film, telling
from portrait_nst.studio.painter.making import Maker
from portrait_nst.studio.painter.messages import Foretold, News, Order, Stepped
from portrait_nst.studio.painter.telling import CancelledError, Telling
from portrait_nst.video import order, survey, track
from tests.clips import makers
from tests.studio.painter import test_making
from tests.studio.painter.standins import bring
from tests.video import stand_ins


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "painter_for", lambda *_: stand_ins.Echo())
    monkeypatch.setattr(order, "facts_of", lambda *_: {"weights_sha256": "0" * 64})
    monkeypatch.setattr(track, "Track", lambda *_, **__: stand_ins.PlainTrack())
    monkeypatch.setattr(survey, "_people_in", lambda *_: 1)
    monkeypatch.setattr(telling, "STEPS", 0.0)


@pytest.fixture
def asked(tmp_path: Path, small_style: Path) -> Iterator[Order]:
    with Keeping.open(tmp_path / "home", 10**9) as keeping:
        clip = bring(keeping, "Tanz.mp4", "clip", data=makers.phone_clip(tmp_path).read_bytes())
        style = bring(keeping, "Wellen.png", "style", data=small_style.read_bytes())
        yield test_making.order(keeping, tmp_path / "job", kind="video", photo=clip, style=[{"style": style}])


def test_a_clip_is_painted_told_and_kept_with_its_users_names(asked: Order) -> None:
    news: list[News] = []
    result = film.paint(asked, Maker().stylizer, Telling(asked.job, asked.folder, news.append))
    assert (result["width"], result["height"], result["files"]) == (96, 128, ["mp4"])
    assert not result["interrupted"]
    shares = [each.share for each in news if isinstance(each, Stepped)]
    assert shares == sorted(shares) and shares[-1] > 0.9
    phases = [each.phase for each in news if isinstance(each, Stepped)]
    assert "Looking through the clip" in phases and "Painting, frame 7 of 12" in phases and phases[-1] == "Joining"
    assert sum(isinstance(each, Foretold) for each in news) == 1
    with Image.open(asked.folder / "thumb.jpg") as thumb:
        assert thumb.size == (96, 128)
    recipe = recipe_in(asked.folder / "result.mp4")
    assert recipe == json.loads((asked.folder / "recipe.json").read_text()) and recipe is not None
    assert [entry["file"] for entry in recipe["inputs"].values()] == ["Tanz.mp4", "Wellen.png"]
    assert sorted(path.name for path in asked.folder.iterdir()) == ["recipe.json", "result.mp4", "thumb.jpg"]


def test_a_stopped_clip_ends_with_the_last_painted_frame(asked: Order) -> None:
    def send(news: News) -> None:
        if isinstance(news, Stepped) and "frame 5 of" in news.phase:
            told.stop.set()

    told = Telling(asked.job, asked.folder, send)
    result = film.paint(asked, Maker().stylizer, told)
    assert result["interrupted"] and film.STOPPED in result["notes"]
    assert sorted(path.name for path in asked.folder.iterdir()) == ["recipe.json", "result.mp4", "thumb.jpg"]
    assert json.loads((asked.folder / "recipe.json").read_text())["status"] == "interrupted"


def test_stopped_before_a_frame_is_painted_it_ends_after_the_first(asked: Order) -> None:
    told = Telling(asked.job, asked.folder, lambda news: None)
    told.stop.set()
    result = film.paint(asked, Maker().stylizer, told)
    assert result["interrupted"] and (asked.folder / "result.mp4").exists()


def test_a_cancelled_clip_leaves_no_result(asked: Order) -> None:
    def send(news: News) -> None:
        if isinstance(news, Stepped) and "frame 3 of" in news.phase:
            told.cancelled.set()

    told = Telling(asked.job, asked.folder, send)
    with pytest.raises(CancelledError):
        film.paint(asked, Maker().stylizer, told)
    assert not (asked.folder / "result.mp4").exists()
