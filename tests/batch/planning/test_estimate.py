"""Memory and numbers of workers."""

from __future__ import annotations

import pytest

from portrait_nst.batch.planning import estimate
from portrait_nst.errors import ResourceError
from portrait_nst.settings import Settings


def test_memory_paints_smaller_or_refuses_by_name() -> None:
    settings = Settings(method="gram", size=2048)
    assert estimate.fit("stylize", settings, (3000, 3000), 99e9, "me.jpg") == (settings, "")
    smaller, note = estimate.fit("stylize", settings, (3000, 3000), 1.3e9, "me.jpg")
    assert 256 <= int(smaller.size or 0) < 2048 and "instead of 2048" in note
    assert estimate.memory("stylize", smaller, (3000, 3000)) <= 1.3e9
    assert estimate.fit("stylize", settings, (3000, 3000), 2e9, "me.jpg") == (settings, "")  # in windows
    with pytest.raises(ResourceError, match=r"me.jpg needs at least .* GB"):
        estimate.fit("stylize", settings, (3000, 3000), 1e9, "me.jpg")
    with pytest.raises(ResourceError, match=r"me.jpg"):
        estimate.fit("popart", settings, (30000, 30000), 3e9, "me.jpg")
    assert [estimate.workers(2e9, left, 32, "cpu") for left in (128e9, 20e9, 1e9)] == [32, 9, 1]
    assert [estimate.workers(2e9, 128e9, cores, "cuda") for cores in (32, 2)] == [8, 1]
