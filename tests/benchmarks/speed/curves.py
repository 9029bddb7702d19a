"""Curves of an objective over seconds: when a goal is reached, and their plot."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

WITHIN = 1.02


def until(seconds: Sequence[float], values: Sequence[float], goal: float) -> float | None:
    """Seconds when `values` first are at most `goal`, linear between two points; None where they never are."""
    for number, (at, value) in enumerate(zip(seconds, values)):
        if value <= goal:
            if number == 0:
                return at
            before, earlier = values[number - 1], seconds[number - 1]
            return earlier + (at - earlier) * (before - goal) / (before - value)
    return None


def geometric(values: Iterable[float | None]) -> float | None:
    """Geometric mean; None where one is missing."""
    found = list(values)
    known = [value for value in found if value]
    return math.exp(sum(map(math.log, known)) / len(known)) if known and len(known) == len(found) else None


def over(a: float | None, b: float | None) -> float | None:
    return None if a is None or not b else a / b


def headlines(runs: Mapping[str, Mapping[str, Any]]) -> dict[str, float | None]:
    """The ratios of one pair: seconds and memory of `runs`' "same encoder" over those of its "reference"."""
    known, ours = runs["reference"], runs.get("same encoder")
    final = known["objective"][-1]
    own = until(known["objective_seconds"], known["objective"], WITHIN * final)
    found = {"reference, all": known["seconds"][-1], "reference, own 2 %": own, "final": final}
    if ours is not None:
        reached = until(ours["objective_seconds"], ours["objective"], WITHIN * final)
        found |= {
            "ours, to its 2 %": reached,
            "ours, final": ours["objective"][-1],
            "over all": over(reached, known["seconds"][-1]),
            "over own 2 %": over(reached, own),
            "memory": ours["peak"] / known["peak"],
        }
    return found


def plot(path: Path, title: str, runs: Mapping[str, Mapping[str, Any]]) -> None:
    """Objective and the teacher's style distance over seconds, both axes logarithmic."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(13, 5), constrained_layout=True)
    for name, run in runs.items():
        if run.get("objective"):
            axes[0].plot(run["objective_seconds"], run["objective"], label=name)
        axes[1].plot(run["judged_seconds"], run["style"], marker="." if len(run["style"]) < 3 else None, label=name)
    if "reference" in runs:
        axes[0].axhline(WITHIN * runs["reference"]["objective"][-1], color="grey", linestyle=":")
    for axis, label in zip(axes, ("objective (float32, whole picture)", "style distance by the teacher")):
        axis.set(xscale="log", yscale="log", xlabel="seconds", ylabel=label)
        axis.grid(which="both", alpha=0.2)
        axis.legend()
    figure.suptitle(title)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
