"""What is known of the machine without torch."""

from __future__ import annotations

import sys

import pytest

from portrait_nst import Settings, transfer
from portrait_nst.planning import allowed, cores, has_bf16_instructions, memory_left


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere it is not known without torch")
def test_instructions_for_bfloat16_are_found_where_torch_finds_them() -> None:
    assert has_bf16_instructions() == transfer.has_fast_bf16("cpu")


def test_memory_is_limited_by_the_lesser_of_two_limits() -> None:
    settings = Settings(max_memory=2.0)
    assert [allowed(settings, given) for given in (None, 1e9, 3e9)] == [2e9, 1e9, 2e9]
    assert allowed(Settings(), None) is None and allowed(Settings(), 1e9) == 1e9


def test_there_is_memory_and_a_core() -> None:
    assert memory_left() > 0 and cores() >= 1
