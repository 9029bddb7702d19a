from __future__ import annotations

import pytest

from portrait_nst.live import api
from portrait_nst.settings import Settings
from portrait_nst.video.painters import instant


class Painter:
    def __init__(self, notes: tuple[str, ...]) -> None:
        self.notes = notes


def test_notes_of_a_style_are_told_when_it_is_first_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    def made(style: str, settings: Settings, stylizer: object) -> Painter:
        return Painter((f"{style} is not learned",) if style != "impasto" else ())

    monkeypatch.setattr(instant, "instant_frames", made)
    monkeypatch.setattr(api._Painters, "_stylizer", None)
    told: list[str] = []
    painters = api._Painters(["impasto", "a.jpg", "b.jpg"], Settings(quality="instant"), told.append)
    painters(0, 0.5)
    assert told == []
    painters(1, 0.5)
    painters(1, 0.6)
    assert told == ["a.jpg is not learned"]
    painters(2, 0.5)
    painters(1, 0.5)
    assert told == ["a.jpg is not learned", "b.jpg is not learned"]
