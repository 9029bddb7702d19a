"""The first pass over a clip: shots, samples, and whether anybody is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from portrait_nst.errors import InputError, MaskError
from portrait_nst.types import UInt8Array
from portrait_nst.video.survey import LOOKED_AT, LOOKED_CLOSELY, SAMPLES, STRIDE, Survey, samples_of, survey
from tests.video.frames import StillFrame, noise, sample


def clip(*shots: tuple[UInt8Array, int]) -> Iterator[StillFrame]:
    number = 0
    for picture, count in shots:
        for _ in range(count):
            yield StillFrame(number, noise(picture, number))
            number += 1


def test_shots_and_times_of_a_clip_with_two_cuts() -> None:
    one, two = sample("astronaut", 96), sample("grace_hopper", 96)[:, ::-1]
    found = survey(clip((one, 9), (np.ascontiguousarray(two[:96]), 5), (one, 20)), people=0)
    assert found.shots == ((0, 8), (9, 13), (14, 33))
    assert found.samples == ((0, 8), (9,), (14, 22, 30))
    assert found.frames == 34 and found.times[33] == pytest.approx(33 / 25)
    assert [found.shot_of(number) for number in (0, 8, 9, 33)] == [0, 0, 1, 2]
    assert found.people is None
    found.require_people("a clip in which nobody was looked for")


def test_it_is_the_same_after_json() -> None:
    found = Survey((0.0, 0.04, 0.1), ((0, 1), (2, 2)), ((0,), (2,)), 1)
    assert Survey.of_dict(json.loads(json.dumps(found.as_dict()))) == found


@pytest.mark.parametrize("last", [0, 7, 8, 87, 88, 95, 96, 5000])
def test_samples_stand_for_all_of_a_shot(last: int) -> None:
    numbers = samples_of(0, last)
    assert len(numbers) == min(SAMPLES, 1 + last // STRIDE)
    assert numbers[0] == 0 and last - numbers[-1] < STRIDE
    assert all(b - a >= STRIDE or last < STRIDE * SAMPLES for a, b in pairwise(numbers))


def test_somebody_who_comes_later_is_seen() -> None:
    empty = np.full((160, 160, 3), 90, np.uint8)
    assert survey(clip((empty, 9), (sample("astronaut", 160), 9))).people == 1


def test_a_clip_without_anybody_is_refused_in_one_line() -> None:
    found = survey(clip((np.full((64, 96, 3), 90, np.uint8), 3)))
    assert found.people == 0
    with pytest.raises(MaskError, match=r"No person was found in empty\.mp4.*--mask FILE") as caught:
        found.require_people("empty.mp4")
    assert "\n" not in str(caught.value)


def test_no_frames() -> None:
    with pytest.raises(InputError, match="no frames"):
        survey([])


def test_as_many_people_are_looked_for_as_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two are seen in frame 8 and three in frame 16; nobody looks after that."""
    looks: list[int] = []

    def people_in(rgb: UInt8Array, segmenter: str, longest: int) -> int:
        looks.append(longest)
        return len(looks)

    monkeypatch.setattr("portrait_nst.video.survey._people_in", people_in)
    grey = np.full((64, 96, 3), 90, np.uint8)
    found = survey(clip((grey, 40)), people=3)
    assert found.people == 3 and looks == [LOOKED_CLOSELY] * 3
    found.require_people("a.mp4", 3)
    with pytest.raises(MaskError, match=r"Person 9 was asked for, but at most 3 are seen at once in a\.mp4"):
        found.require_people("a.mp4", 9)
    looks.clear()
    assert survey(clip((grey, 40))).people == 1 and looks == [LOOKED_AT]


def test_one_person_is_not_two() -> None:
    found = survey(clip((sample("astronaut", 160), 3)), people=2)
    with pytest.raises(MaskError, match="Person 2 was asked for, but at most 1 is seen"):
        found.require_people("a.mp4", 2)
