"""Where time goes: an iteration by part, by torch.profiler, and a whole call by stage, by timing the functions it calls."""

from __future__ import annotations

import functools
import importlib
import tempfile
import threading
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from torch.profiler import ProfilerActivity, profile, record_function

from portrait_nst import Settings
from tests.benchmarks.speed.tables import markdown

Place = tuple[str, str]  # a module, or a class in it, and the name of a function there
STEP = "iteration"
RELU = ("aten::relu_", "aten::relu", "aten::threshold_backward")  # which run inside the functions of the convolutions
# What an iteration calls; a function's own time is without that of others here which it calls.
PARTS: dict[str, list[Place]] = {
    "encode: convolutions": [
        ("portrait_nst.encoders.fused:_ConvRelu", "forward"),
        ("portrait_nst.encoders.fused:_ConvRelu", "backward"),
    ],
    "encode: pooling, ReLU": [
        ("portrait_nst.encoders.fused:_Halve", "forward"),
        ("portrait_nst.encoders.fused:_Halve", "backward"),
    ],
    "Gram": [
        ("portrait_nst.transfer.functional.gram:_GuidedGram", "forward"),
        ("portrait_nst.transfer.functional.gram:_GuidedGram", "backward"),
    ],
    "pyramid, synthesis": [("portrait_nst.transfer.optim.parametrization:Pyramid", "synthesise")],
    "total variation, range": [
        ("portrait_nst.transfer.functional", "total_variation"),
        ("portrait_nst.transfer.functional", "range_penalty"),
    ],
    "image levels": [
        ("portrait_nst.transfer.objective.objective", "image_levels"),
    ],
    "content": [("portrait_nst.transfer.functional", "squared_errors")],
    "L-BFGS": [
        ("portrait_nst.transfer.optim.lbfgs:LBFGS", "_direction"),
        ("portrait_nst.transfer.optim.lbfgs:LBFGS", "_remember"),
    ],
}
STAGES: dict[str, list[Place]] = {
    "reading the photo and the style": [
        ("portrait_nst.pipeline.subject", "load"),
        ("portrait_nst.pipeline.inputs", "load"),
    ],
    "person and matte": [("portrait_nst.pipeline.subject", "matte")],
    "foreground and background": [("portrait_nst.imaging", "estimate_foreground")],
    "loading the encoder": [("portrait_nst.encoders", "get")],
    "faces": [("portrait_nst.segmentation", "faces")],
    "recolouring, set-up of the optimizer": [("portrait_nst.transfer:StyleOptimizer", "__init__")],
    "style targets": [("portrait_nst.transfer.target_store:TargetStore", "of_mixture")],
    "guidance, content features": [("portrait_nst.transfer.objective.scale_problem", "canvas_objective")],
    "scale changes": [("portrait_nst.transfer.engine:StyleOptimizer", "_enter")],
    "painting": [("portrait_nst.pipeline.run:Run", "_take_all")],
    "carrying to the photo's size": [("portrait_nst.transfer.upsampling", "transfer_detail")],
    "compositing": [("portrait_nst.pipeline.background", "assemble"), ("portrait_nst.imaging", "composite")],
    "likeness": [("portrait_nst.pipeline.likeness:Meter", "of")],
    "saving": [("portrait_nst.result:Result", "save")],
    "import of torch, waited for": [("threading:Thread", "join")],
}
Around = Callable[[str], Any]


@contextmanager
def wrapped(places: dict[str, list[Place]], around: Around) -> Iterator[None]:
    """Meanwhile each of the functions runs in ``with around(part)``; warns of those that are not there (any more)."""
    changed: list[tuple[Any, str, Any]] = []
    for part, entries in places.items():
        for where, name in entries:
            module, _, kind = where.partition(":")
            owner = importlib.import_module(module)
            owner = getattr(owner, kind) if kind else owner
            known = owner.__dict__.get(name)
            if known is None:
                warnings.warn(f"{where} has no {name} any more: {part!r} misses it", stacklevel=3)
                continue
            changed.append((owner, name, known))
            setattr(owner, name, _around(known, part, around))
    try:
        yield
    finally:
        for owner, name, known in reversed(changed):
            setattr(owner, name, known)


def _around(known: Any, part: str, around: Around) -> Any:
    call = known.__func__ if isinstance(known, staticmethod) else known

    @functools.wraps(call)
    def timed(*args: Any, **kwargs: Any) -> Any:
        with around(part):
            return call(*args, **kwargs)

    return staticmethod(timed) if isinstance(known, staticmethod) else timed


def of_iteration(step: Callable[[], object], repeat: int) -> str:
    """A table of milliseconds of `step` by part; the profiler's own cost is told beside it.

    Parts are marked in the profile; what autograd runs by itself, in the backward pass, goes by the name of its node.
    """
    began = time.perf_counter()
    for _ in range(repeat):
        step()
    plain = (time.perf_counter() - began) / repeat
    with (
        wrapped(PARTS, lambda part: record_function(f"part: {part}")),
        profile(activities=[ProfilerActivity.CPU]) as seen,
    ):
        for _ in range(repeat):
            with record_function(f"part: {STEP}"):
                step()
    own: dict[str, float] = defaultdict(float)
    total = 0.0
    for event in seen.events():
        name = event.name
        marked = name.startswith("part: ")
        if marked and name != f"part: {STEP}":
            own[name.removeprefix("part: ")] += _without_parts(event)
        elif name == f"part: {STEP}":
            total += event.cpu_time_total
        elif name in RELU and event.cpu_parent is not None and event.cpu_parent.name == "part: encode: convolutions":
            own["encode: convolutions"] -= event.cpu_time_total
            own["encode: pooling, ReLU"] += event.cpu_time_total
        elif name.startswith("autograd::engine::evaluate_function: ") and not _within_part(event):
            node = name.rpartition(": ")[2]
            own[f"backward of {node.removesuffix('Backward0')}"] += _without_parts(event)
    own["rest"] = total - sum(own.values())
    big = {part: value for part, value in own.items() if value > 0.005 * total or not part.startswith("backward of")}
    big["backward of all others"] = sum(own.values()) - sum(big.values())
    rows = [
        [part, value / 1e3 / repeat, f"{value / total:.1%}"] for part, value in sorted(big.items(), key=lambda e: -e[1])
    ]
    rows.append(["all, profiled", total / 1e3 / repeat, "100.0%"])
    rows.append(["all, without the profiler", 1e3 * plain, ""])
    return markdown(["part", "ms", "share"], rows)


def _within_part(event: Any) -> bool:
    parent = event.cpu_parent
    while parent is not None:
        if parent.name.startswith("part: ") and parent.name != f"part: {STEP}":
            return True
        parent = parent.cpu_parent
    return False


def _without_parts(event: Any) -> float:
    """Microseconds of `event` without those of parts inside it."""
    inside, left = 0.0, list(event.cpu_children)
    while left:
        child = left.pop()
        if child.name.startswith("part: "):
            inside += child.cpu_time_total
        else:
            left.extend(child.cpu_children)
    return float(event.cpu_time_total) - inside


class Clock:
    """Seconds of each part without those of parts that it calls, on the thread that made the clock."""

    def __init__(self) -> None:
        self.own: dict[str, float] = defaultdict(float)
        self.thread = threading.get_ident()
        self.inside = [0.0]

    def __call__(self, part: str) -> Any:
        return self._timed(part) if threading.get_ident() == self.thread else nullcontext()

    @contextmanager
    def _timed(self, part: str) -> Iterator[None]:
        began = time.perf_counter()
        self.inside.append(0.0)
        try:
            yield
        finally:
            spent = time.perf_counter() - began
            self.own[part] += spent - self.inside.pop()
            self.inside[-1] += spent


def of_call(photo: Path, style: Path, settings: Settings) -> str:
    """A table of seconds of `stylize` and of saving by stage, in a process that is warm: the second of two calls."""
    from portrait_nst import imaging, pipeline

    clocks = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(2):
            clock = Clock()
            began = time.perf_counter()
            with wrapped(STAGES, clock):
                result = pipeline.stylize(photo, style, settings=settings)
                result.save(Path(folder) / f"{number}.png", exif=imaging.load(photo).exif)
            clock.own["all"] = time.perf_counter() - began
            clock.own["rest"] = clock.own["all"] - sum(v for part, v in clock.own.items() if part != "all")
            clocks.append(clock.own)
    first, second = clocks
    rows = [
        [part, first[part], second[part], f"{second[part] / second['all']:.1%}"] for part in [*STAGES, "rest", "all"]
    ]
    return markdown(["stage", "seconds, first call here", "second call", "share"], rows)
