"""A campaign: inputs are read in processes of their own, one after the other, and failures are collected and kept."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.hostile import cases
from tests.hostile.faults import ALL

ROOT = Path(__file__).resolve().parent.parent.parent
WALL_SECONDS = 120.0  # without a word from the process: what waits takes no processor time


@dataclass(frozen=True)
class Failure:
    """An input that did what no input may do."""

    target: str
    seed: int
    number: int
    what: str
    more: str = ""

    @property
    def command(self) -> str:
        """The command that reads this input again."""
        return f"python -m tests.hostile --target '{self.target}' --seed {self.seed} --number {self.number}"


@dataclass
class Campaign:
    """tried: inputs by (target, "read" or "refused" or "failed"). slowest: the greatest number of seconds by target."""

    tried: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    slowest: dict[str, float] = field(default_factory=dict)

    @property
    def kinds(self) -> dict[tuple[str, str], list[Failure]]:
        """The failures by target and by what went wrong."""
        found: dict[tuple[str, str], list[Failure]] = {}
        for failure in self.failures:
            found.setdefault((failure.target, re.sub(r"[\d.]+", "0", failure.what)[:80]), []).append(failure)
        return found

    def table(self) -> str:
        """A line for each target."""
        lines = [f"{'target':<12}{'inputs':>8}{'read':>8}{'refused':>8}{'failed':>8}{'slowest':>9}"]
        for name in sorted({name for name, _ in self.tried}):
            counts = [self.tried[name, outcome] for outcome in ("read", "refused", "failed")]
            lines.append(
                f"{name:<12}{sum(counts):>8}{counts[0]:>8}{counts[1]:>8}{counts[2]:>8}{self.slowest.get(name, 0):>8.1f}s"
            )
        return "\n".join([*lines, f"{sum(self.tried.values())} inputs"])


def run(
    targets: Sequence[str],
    *,
    seed: int = 1,
    first: int = 0,
    count: int = 1000,
    seconds: float = 600.0,
    keep: Path | None = None,
) -> Campaign:
    """Read the inputs from `first` on, `count` of them or for `seconds`, of all `targets` in turn.

    keep: a folder for the inputs that fail, and for what went wrong with each.
    """
    made, end = Campaign(), time.monotonic() + seconds
    next_one, stop = first, first + count
    with tempfile.TemporaryDirectory(prefix="hostile-") as name:
        while next_one < stop and time.monotonic() < end:
            begun: dict[str, Any] | None = None
            finished = False
            for said in _said(Path(name), targets, seed, next_one, stop, end - time.monotonic()):
                if "begin" in said:
                    begun, next_one = said, said["begin"] + 1
                elif "end" in said and begun is not None:
                    _count(made, begun["target"], seed, said, keep)
                    begun = None
                elif "died" in said:
                    if begun is None:
                        raise RuntimeError(f"the process did not begin: {said['died']} {said['more']}")
                    died = {
                        "end": begun["begin"],
                        "outcome": "",
                        "wrongs": [said["died"]],
                        "more": said["more"],
                        "seconds": 0,
                    }
                    _count(made, begun["target"], seed, died, keep)
                finished = finished or "done" in said
            if finished:
                break
    return made


def _count(made: Campaign, target: str, seed: int, said: dict[str, Any], keep: Path | None) -> None:
    made.tried[target, "failed" if said["wrongs"] else said["outcome"]] += 1
    made.slowest[target] = max(made.slowest.get(target, 0.0), said["seconds"])
    for wrong in said["wrongs"]:
        failure = Failure(target, seed, said["end"], wrong, said["more"])
        made.failures.append(failure)
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            name = f"{target.replace(' ', '-')}-{seed}-{failure.number}"
            (keep / f"{name}.bin").write_bytes(data_of(failure))
            (keep / f"{name}.txt").write_text(
                f"{failure.command}\n{wrong}\n{failure.more}\n", errors="backslashreplace"
            )


def data_of(failure: Failure) -> bytes:
    """The input of a failure, made anew."""
    return ALL[failure.target].make(cases.rng_of(failure.target, failure.seed, failure.number))


def _said(
    home: Path, targets: Sequence[str], seed: int, first: int, stop: int, seconds: float
) -> Iterator[dict[str, Any]]:
    """What the process says, and at its end, where it did not reach its own, {"died": how}."""
    out, into = os.pipe()
    numbers = [str(value) for value in (seed, first, stop, seconds, into)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PYTHONFAULTHANDLER": ""}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.hostile.child", *numbers, str(home), *targets],
        cwd=ROOT, env=environment, pass_fds=[into], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    os.close(into)
    done, died = False, ""
    with os.fdopen(out, "rb", buffering=0) as stream:  # what a buffer held `select` would not see
        while True:
            if not select.select([stream], [], [], WALL_SECONDS)[0]:
                died = "hung without using the processor"
                process.kill()
                break
            line = stream.readline()
            if not line:
                break
            said = json.loads(line)
            done = done or "done" in said
            yield said
    error = process.communicate()[1].decode(errors="replace")
    if not done:
        trace = home / "trace"
        more = trace.read_text(errors="replace")[-3000:] if trace.is_file() else ""
        named = {-27: "took too much processor time", -11: "segmentation fault", -6: "aborted", -9: "killed"}
        yield {
            "died": died or named.get(process.returncode, f"ended with status {process.returncode}"),
            "more": more + error[-2000:],
        }
