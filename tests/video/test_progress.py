"""How long the work takes, told after a few frames."""

from __future__ import annotations

import pytest

from portrait_nst.types import Forecast
from portrait_nst.video.progress import Pace


@pytest.mark.parametrize(("cycle", "frames", "after"), [(1, 60, 3), (2, 60, 7), (3, 61, 7), (4, 61, 9), (30, 61, 31)])
def test_where_drawings_are_held_whole_cycles_are_measured(
    cycle: int, frames: int, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A drawing takes 2 s, a held frame 0.1 s; the first one 5 s more, for what is loaded."""
    clock = [0.0]
    monkeypatch.setattr("portrait_nst.video.progress.time.monotonic", lambda: clock[0])
    pace, told = Pace(frames, 0, 0.0, cycle), dict[int, Forecast]()
    for number in range(frames):
        clock[0] += (2.0 if number % cycle == 0 else 0.1) + 5.0 * (number == 0)
        step = pace.painted()
        if step.forecast is not None:
            told[step.frame] = step.forecast
    assert list(told) == [after]
    assert told[after].seconds == pytest.approx(clock[0], rel=0.02)
