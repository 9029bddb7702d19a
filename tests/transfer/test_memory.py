"""Memory: what the engine asks of the C library, and what it lets go."""

import gc
import subprocess
import sys
import weakref
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from portrait_nst import encoders
from portrait_nst.planning import Mode
from portrait_nst.settings import Settings
from portrait_nst.transfer import StyleOptimizer, StylePart, StyleSource, build_config
from portrait_nst.transfer.objective.terms import Terms
from portrait_nst.transfer.objective.tiles import Tiling

CODE = """
from portrait_nst.transfer.allocator import keep_freed_memory
print(keep_freed_memory(), keep_freed_memory())
import torch
for _ in range(3):
    assert torch.full((1 << 22,), 3.0).sum() == 3 << 22
"""


def test_freed_memory_is_kept_where_glibc_is_and_nothing_breaks_elsewhere() -> None:
    found = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert found.stdout.split() in (["True", "True"], ["False", "False"])


@pytest.mark.parametrize("mode", ["whole", "windowed"])
def test_what_an_evaluation_needed_is_freed_with_it(mode: Mode, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also while Python collects no cycles: of a large canvas that would be gigabytes."""
    alive: list[weakref.ref[Terms]] = []
    plain = Terms.__init__

    def counted(self: Terms, *args: Any, **options: Any) -> None:
        plain(self, *args, **options)
        alive.append(weakref.ref(self))

    monkeypatch.setattr(Terms, "__init__", counted)
    encoder = encoders.get("embedded")
    picture = np.random.default_rng(0).random((96, 96, 3)).astype(np.float32)
    config = build_config(Settings(size=96, iterations=12, precision="float32", scales=(1.0,)), encoder, 96, 96)
    config = replace(config, modes=(mode,), tiling=Tiling(64, 4000))
    source = StyleSource((StylePart(picture),), np.ones((96, 96), np.float32))
    gc.disable()
    try:
        most = 0
        for _ in StyleOptimizer(encoder, picture, [source], config).steps():
            most = max(most, sum(each() is not None for each in alive))
    finally:
        gc.enable()
    assert len(alive) >= 2 and most == 1
