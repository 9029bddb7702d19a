"""`portrait-nst`, looked at from within: python -m tests.benchmarks.painterly.command FOLDER stylize ...

It is the command itself, in a process of its own, with the same imports at the same moments. FOLDER gets ``facts.json``: what was
forecast, what the call of `stylize` and the saving took (`took`), how much of that went into finding the nearest features
(`matching`), and into all that is asked beside the evaluations (`asking`: codebooks, questions, answers), and the greatest
resident memory; ``matte.npy``, and ``frame.npy``, the picture that came out.
"""

from __future__ import annotations

import functools
import importlib.abc
import importlib.machinery
import importlib.util
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

# What is watched, once it is imported: (module, name, under which name it counts).
WATCHED = (
    ("portrait_nst.transfer.nearest.codebook", "Codebook.match", "matching"),
    ("portrait_nst.transfer.scale_builder", "make_codebook", "asking"),
    ("portrait_nst.transfer.nearest.matching", "NearestMatcher.__call__", "asking"),
)


class Whenever(importlib.abc.MetaPathFinder):
    """Calls `then` with a module as soon as somebody else has imported it."""

    def __init__(self, name: str, then: Callable[[ModuleType], None]) -> None:
        self.name, self.then = name, then

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if name != self.name:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        load = spec.loader.exec_module

        def loaded(module: ModuleType) -> None:
            load(module)
            self.then(module)

        spec.loader.exec_module = loaded  # type: ignore[method-assign]
        return spec


def watch(owner: Any, name: str, tell: Callable[[float, Any], None]) -> None:
    """Replace `name` ("function", or "Class.method") of `owner` by what tells its seconds, and what it returned."""
    *outer, last = name.split(".")
    for part in outer:
        owner = getattr(owner, part)
    function = getattr(owner, last)

    @functools.wraps(function)
    def watched(*args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        found = function(*args, **kwargs)
        tell(time.perf_counter() - began, found)
        return found

    setattr(owner, last, watched)


def main() -> None:
    folder, arguments = Path(sys.argv[1]), sys.argv[2:]
    facts: dict[str, Any] = {"matching": 0.0, "asking": 0.0}

    def counter(key: str) -> Callable[[float, Any], None]:
        def tell(seconds: float, found: Any) -> None:
            facts[key] += seconds

        return tell

    def attach(module: ModuleType) -> None:
        for home, name, key in WATCHED:
            if home == module.__name__:
                watch(module, name, counter(key))

    for home in {home for home, _, _ in WATCHED}:
        sys.meta_path.insert(0, Whenever(home, attach))
    sys.argv = ["portrait-nst", *arguments]
    from portrait_nst import pipeline
    from portrait_nst.cli.main import run

    paint, results, began = pipeline.stylize, [], 0.0

    def seen(*args: Any, on_step: Any = None, **kwargs: Any) -> Any:
        nonlocal began

        def look(step: Any) -> None:
            if step.forecast is not None:
                facts["forecast"], facts["forecast_memory"] = step.forecast.seconds, step.forecast.memory
            if on_step is not None:
                on_step(step)

        began = time.monotonic()
        results.append(paint(*args, on_step=look, **kwargs))
        return results[-1]

    pipeline.stylize = seen
    try:
        run()
    finally:
        if results:
            facts["took"] = time.monotonic() - began
            import numpy as np

            from tests.benchmarks.speed.processes import peak_memory

            facts["peak"] = peak_memory()
            np.save(folder / "matte.npy", results[-1].matte.alpha)
            np.save(folder / "frame.npy", results[-1].rgb)
            (folder / "facts.json").write_text(json.dumps(facts))


if __name__ == "__main__":
    main()
