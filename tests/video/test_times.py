"""Times of a clip as users write them."""

from __future__ import annotations

from typing import Any

import pytest

from portrait_nst.errors import InputError
from portrait_nst.video.times import clock, parse_time


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("62.5", 62.5),
        ("1:02.5", 62.5),
        ("1:01:02.5", 3662.5),
        ("90:00", 5400),
        ("0", 0),
        (" 7s ", 7),
        (".5", 0.5),
        (3, 3.0),
        (2.5, 2.5),
    ],
)
def test_seconds_of_what_users_write(text: Any, seconds: float) -> None:
    assert parse_time(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "x", "1:60", "1:61:00", "-1", "1:2:3:4", "1e3", "nan", -1, True, float("nan"), float("inf")]
)
def test_what_is_no_time_is_refused(text: Any) -> None:
    with pytest.raises(InputError, match=r"^start must be seconds such as 62\.5"):
        parse_time(text, "start")


@pytest.mark.parametrize(("seconds", "text"), [(7.9, "0:07"), (62.5, "1:02"), (3662, "1:01:02")])
def test_times_as_players_show_them(seconds: float, text: str) -> None:
    assert clock(seconds) == text
