"""Forecasts learn from what jobs took."""

from __future__ import annotations

from typing import Any

from portrait_nst.studio.models import Forecast
from portrait_nst.studio.painter.paces import FORETOLD, Paces
from portrait_nst.studio.records import Job


def request(quality: str, photo: str = "0" * 16, **more: Any) -> dict[str, Any]:
    """A recipe of a painting."""
    return {"kind": "stylize", "photo": photo, "style": [{"style": "oil"}], "settings": {"quality": quality, **more}}


def done(recipe: dict[str, Any], seconds: float, foretold: float | None, **facts: Any) -> Job:
    """A job of `recipe` that took `seconds`."""
    result = {"seconds": seconds, FORETOLD: foretold, **facts}
    return Job("1" * 16, "stylize", recipe, "done", 1.0, 0.0, began=100.0, ended=100.0 + seconds, result=result)


def test_a_forecast_is_corrected_by_what_jobs_of_its_quality_took() -> None:
    paces = Paces()
    assert paces.foretell(request("draft"), Forecast(seconds=25, longest=30)).seconds == 25
    for seconds in (139, 120, 1000):  # the median: one that was disturbed does not count
        paces.learn(done(request("draft"), seconds, 25))
    found = paces.foretell(request("draft"), Forecast(seconds=25, longest=30, memory=1e9))
    assert (found.seconds, found.longest, found.memory) == (139, 166.8, 1e9)
    assert paces.foretell(request("draft", seed=3), Forecast(seconds=50)).seconds == 278


def test_another_quality_learns_from_its_like_and_not_from_the_network() -> None:
    paces = Paces()
    paces.learn(done(request("draft"), 50, 25))
    assert paces.foretell(request("fine"), Forecast(seconds=100)).seconds == 200
    assert paces.foretell(request("instant"), Forecast(seconds=2)).seconds == 2


def test_button_and_queue_tell_the_same_seconds() -> None:
    paces = Paces()
    paces.learn(done(request("draft"), 50, 25))
    on_button = paces.foretell(request("draft", strength=0.2), Forecast(seconds=30))
    for photo in ("0" * 16, "2" * 16):  # of a batch only the first photo was asked about
        in_queue = paces.expected(request("draft", photo, strength=0.2) | {"title": "x"})
        assert in_queue and in_queue.seconds == on_button.seconds == 60


def test_what_was_stopped_early_teaches_nothing() -> None:
    paces = Paces()
    paces.learn(done(request("draft"), 2, 25, interrupted=True))
    assert paces.expected(request("draft")) is None
    paces.learn(done(request("draft"), 40, None))  # nobody asked how long it would take
    found = paces.expected(request("draft"))
    assert found and found.seconds == 40
