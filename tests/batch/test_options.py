"""How a batch is run."""

from __future__ import annotations

import pytest

from portrait_nst.batch import Options
from portrait_nst.errors import InputError


def test_memory_without_end_is_refused() -> None:
    for memory in (float("inf"), float("nan"), 0.0):
        with pytest.raises(InputError, match="memory must be"):
            Options(memory=memory)
