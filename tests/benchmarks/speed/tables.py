"""Markdown tables, and the machine they were made on."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from pathlib import Path

import torch

import portrait_nst
from portrait_nst.transfer.configuration import has_fast_bf16
from tests.benchmarks.speed.processes import cores


def markdown(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table; numbers are set to the right, floats have four significant digits at most."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(len(line[i]) for line in [list(head), *cells]) for i in range(len(head))]
    right = [all(_is_number(row[i]) for row in rows) if rows else False for i in range(len(head))]
    lines = [_line(head, widths, right)]
    lines.append("| " + " | ".join("-" * (w - 1) + (":" if r else "-") for w, r in zip(widths, right)) + " |")
    return "\n".join(lines + [_line(row, widths, right) for row in cells]) + "\n"


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    return "| " + " | ".join(c.rjust(w) if r else c.ljust(w) for c, w, r in zip(cells, widths, right)) + " |"


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"
    return str(value)


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))


def machine(threads: int | None = None) -> str:
    """One line on where the numbers come from."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        models = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line]
        name = models[0] if models else name
    kind = "bf16" if has_fast_bf16("cpu") else "float32"
    used = "" if threads is None else f", {threads} threads"
    about = f"{name}, {cores()} cores{used}, torch {torch.__version__}, {kind} convolutions by default"
    return f"{about}, sources {sources()}"


def sources() -> str:
    """Twelve hex digits of the program's own files, to see whether two rows were measured of the same."""
    found = hashlib.sha256()
    for path in sorted(Path(portrait_nst.__file__).parent.rglob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()[:12]


def gigabytes(count: float) -> float:
    return round(count / 1e9, 2)
