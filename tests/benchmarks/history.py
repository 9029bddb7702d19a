"""Results of benchmarks as JSON by version, and their history.

    python -m tests.benchmarks.history                 all results that are kept, as a table
    python -m tests.benchmarks.history popart          those whose benchmark has "popart" in its name

A benchmark that is given `--record` keeps its result in `benchmarks/results/VERSION/NAME.json`: the command, the machine, the
date, and for each row its seconds, its peak memory in megabytes, and whatever else it measures.
"""

from __future__ import annotations

import argparse
import datetime
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict

import portrait_nst
from tests.benchmarks.speed.tables import machine, markdown

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks" / "results"
Row = Mapping[str, float | int | str]


class Result(TypedDict):
    """What one file holds: the rows of one benchmark, and where they come from."""

    benchmark: str
    version: str
    command: str
    machine: str
    date: str
    rows: dict[str, dict[str, float | int | str]]


def command_line(arguments: list[str]) -> str:
    """The command as one types it; of files only the names, as folders are nobody's concern."""
    module = sys.modules["__main__"].__spec__
    words = [Path(word).name if Path(word).is_absolute() else word for word in arguments]
    return " ".join(["python", "-m", module.name if module else "?", *words])


def record(name: str, rows: Mapping[str, Row], folder: Path = FOLDER) -> Path:
    """Keep the result of a benchmark; an earlier one of the same version is replaced.

    name:   of the benchmark, as a file name.
    rows:   {what was measured: {"seconds": ..., "megabytes": ..., and more}}.
    folder: where results lie, by version.
    Returns the file.
    """
    path = folder / portrait_nst.__version__ / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    result: Result = {
        "benchmark": name,
        "version": portrait_nst.__version__,
        "command": command_line(sys.argv[1:]),
        "machine": machine(),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "rows": {what: dict(row) for what, row in rows.items()},
    }
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return path


def history(folder: Path = FOLDER, only: str = "") -> str:
    """The results that are kept as Markdown: a table for each benchmark, oldest version first."""
    found: dict[str, list[Result]] = {}
    for path in sorted(folder.glob("*/*.json"), key=lambda path: (_order(path.parent.name), path.name)):
        if only in path.stem:
            found.setdefault(path.stem, []).append(json.loads(path.read_text(encoding="utf-8")))
    text = ""
    for name, results in sorted(found.items()):
        columns = list(dict.fromkeys(column for result in results for row in result["rows"].values() for column in row))
        rows: list[list[object]] = [
            [what, result["version"], result["date"], *(row.get(column) for column in columns)]
            for result in results
            for what, row in result["rows"].items()
        ]
        rows.sort(key=lambda row: str(row[0]))  # the versions of one row stand below each other, in their order
        text += f"## {name}\n\n{markdown(['what', 'version', 'date', *columns], rows)}\n"
        text += "".join(f"- {r['version']}: `{r['command']}` on {r['machine']}\n" for r in results) + "\n"
    return text


def _order(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def main() -> None:
    """Print the history."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("only", nargs="?", default="", help="benchmarks whose name has this in it")
    print(history(only=parser.parse_args().only), end="")


if __name__ == "__main__":
    main()
