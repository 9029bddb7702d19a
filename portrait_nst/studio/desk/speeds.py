"""How fast this machine evaluates the objective of a painting: measured once for each kind of painting, and kept on the disk.

A measurement that something else disturbed is used for a while, and then made anew.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import time
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TYPE_CHECKING

from portrait_nst import __version__
from portrait_nst.errors import PortraitError
from portrait_nst.imaging.atomic import write_atomic
from portrait_nst.resources import kept_folder

if TYPE_CHECKING:
    from portrait_nst.transfer.timing import EvaluationCost

FOLDER = "speeds"
UNDISTURBED = 0.9  # share of the time it wanted a core in which a measurement must have had one, in order to be kept
DISTURBED = 120.0  # seconds for which one that had less is used
MOST = 50  # kinds that are kept on the disk

Cost = tuple[float, float]  # seconds, and for each megapixel, as `EvaluationCost`
_known: dict[Hashable, tuple[Cost, float]] = {}  # the cost, and until when it holds


def known(kind: Hashable) -> Cost | None:
    """What is known of this kind of painting; None where it must be measured."""
    if kind not in _known:
        kept = _read().get(_name(kind))
        if not isinstance(kept, list) or len(kept) != 2:
            return None
        _known[kind] = (float(kept[0]), float(kept[1])), float("inf")
    cost, until = _known[kind]
    return cost if time.monotonic() < until else None


def measured(kind: Hashable, measure: Callable[[], EvaluationCost | None]) -> Cost | None:
    """What `measure` finds, in seconds of a machine that does nothing else; None where it finds nothing."""
    began, used, waited = time.monotonic(), time.process_time(), _waited()
    found = measure()
    if found is None:
        return None
    computed, spent = time.process_time() - used, time.monotonic() - began
    if waited is None:
        had = min(1.0, computed / max(spent, 1e-9))
    else:
        had = computed / max(computed + (_waited() or 0.0) - waited, 1e-9)
    # While a painter is at work only a part is left of the cores; the painting that is asked about comes after that.
    cost = had * found.fixed, had * found.per_megapixel
    _known[kind] = cost, float("inf") if had >= UNDISTURBED else time.monotonic() + DISTURBED
    if had >= UNDISTURBED:
        _write(_name(kind), cost)
    return cost


def _waited() -> float | None:
    """Seconds for which threads of this process waited for a core, as Linux tells them; None where that is not known."""
    found = []
    for task in Path("/proc/self/task").glob("*/schedstat"):
        with contextlib.suppress(OSError, ValueError, IndexError):  # the thread ended meanwhile
            found.append(int(task.read_text().split()[1]) / 1e9)
    return sum(found) if found else None


def _name(kind: Hashable) -> str:
    import torch

    machine = platform.machine(), platform.node(), os.cpu_count()
    return json.dumps([__version__, torch.__version__, *machine, repr(kind)])


def _file() -> Path | None:
    folder = kept_folder(FOLDER)
    return None if folder is None else folder / "evaluations.json"


def _read() -> dict[str, object]:
    try:
        file = _file()
        kept = {} if file is None else json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _write(name: str, cost: Cost) -> None:
    file, kept = _file(), _read()
    if file is None:
        return
    kept[name] = list(cost)
    newest = dict(list(kept.items())[-MOST:])
    try:
        write_atomic(file, json.dumps(newest).encode(), overwrite=True)
    except (OSError, PortraitError):  # it is measured again after the next start
        return
