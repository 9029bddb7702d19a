"""Memory and numbers of workers."""

from __future__ import annotations

import pytest

from portrait_nst.batch.planning import estimate
from portrait_nst.errors import ResourceError
from portrait_nst.settings import Settings


def test_memory_paints_smaller_or_refuses_by_name() -> None:
    settings = Settings(method="gram", size=2048)
    plan = estimate.make_plan("stylize", settings, (3000, 3000), 99e9, "me.jpg")
    assert plan.settings == settings and not plan.notes
    smaller = estimate.make_plan("stylize", settings, (3000, 3000), 1.3e9, "me.jpg")
    assert 256 <= int(smaller.settings.size or 0) < 2048 and "instead of 2048" in smaller.notes[0]
    assert smaller.peak <= 1.3e9
    in_windows = estimate.make_plan("stylize", settings, (3000, 3000), 2e9, "me.jpg")
    assert in_windows.settings == settings and in_windows.modes[-1] == "windowed"
    with pytest.raises(ResourceError, match=r"me.jpg needs at least .* GB"):
        estimate.make_plan("stylize", settings, (3000, 3000), 1e9, "me.jpg")
    with pytest.raises(ResourceError, match=r"me.jpg"):
        estimate.make_plan("popart", settings, (30000, 30000), 3e9, "me.jpg")
    assert [estimate.workers(2e9, left, 32, "cpu") for left in (128e9, 20e9, 1e9)] == [32, 9, 1]
    assert [estimate.workers(2e9, 128e9, cores, "cuda") for cores in (32, 2)] == [8, 1]
    assert [estimate.workers(2e9, 128e9, 32, "cuda:0", gpus) for gpus in (1, 2, 3, 5, 9)] == [8, 8, 6, 5, 9]
    assert estimate.workers(2e9, 5e9, 32, "cuda:0", 4) == 2  # more have no memory
