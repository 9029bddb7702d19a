from __future__ import annotations

import pytest

from portrait_nst.live.controls import KEYS, Controls, pressed


def after(keys: str, styles: int = 3) -> Controls:
    found = Controls()
    for key in keys:
        found = pressed(found, ord(key), styles)
    return found


def test_styles_go_round_both_ways() -> None:
    assert [after("n" * count).style for count in range(5)] == [0, 1, 2, 0, 1]
    assert after("p").style == 2
    assert after("np").style == 0
    assert after("n", styles=1).style == 0


def test_strength_goes_by_tenths_from_0_to_1() -> None:
    assert after("+").strength == 0.6
    assert after("-" * 2).strength == 0.3
    assert after("+" * 20).strength == 1.0
    assert after("-" * 20).strength == 0.0


@pytest.mark.parametrize(("key", "what"), [("m", "mirror"), ("b", "matte"), ("r", "recording"), ("h", "help")])
def test_a_switch_goes_on_and_off(key: str, what: str) -> None:
    assert getattr(after(key), what) is not getattr(Controls(), what)
    assert getattr(after(key * 2), what) is getattr(Controls(), what)


def test_pictures_and_fresh_statistics_are_counted() -> None:
    assert (after("ss").saved, after("fff").fresh) == (2, 3)


def test_q_and_escape_end_it_and_other_keys_do_nothing() -> None:
    assert after("q").quit
    assert pressed(Controls(), 27, 1).quit
    for key in (-1, ord("z"), 0xFFE1, 0x110001):
        assert pressed(Controls(), key, 1) == Controls()


def test_every_key_of_the_help_does_something() -> None:
    for keys, _ in KEYS:
        for key in keys.split():
            assert pressed(Controls(), ord(key), 2) != Controls(), key
