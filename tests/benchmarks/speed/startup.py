"""How soon the program answers: `--help`, and the first step of `stylize`; and what is imported for it.

    python -m tests.benchmarks.speed.startup --photo A.jpg --style S.jpg --out DIR

Seconds are of fresh processes, the median of --repeat after one that fills the file cache. `stylize` runs on a terminal of its
own, as a bar is only drawn there: until something is seen, until the first step is told ("step 1"), and to the end. The import
profiles are those of ``-X importtime``: packages by the own time of all their modules, and our own modules by cumulative time.
`stylize` imports in two threads at once, and what one waits for the other counts too: its shares are right, its sums are not.
"""

from __future__ import annotations

import argparse
import json
import os
import pty
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.speed.tables import machine, markdown

PROGRAM = "portrait_nst"
TOP = 15
FIRST_STEP = b"step 1"


def seconds_of(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return time.perf_counter() - began


def on_terminal(command: list[str]) -> dict[str, float]:
    """Seconds until `command` shows anything, until its first step, and to its end."""
    mine, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "160"}
    began = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    seen = b""
    found: dict[str, float] = {}
    while True:
        try:
            data = os.read(mine, 65536)
        except OSError:  # how Linux tells that the other end is closed
            break
        if not data:
            break
        now, seen = time.perf_counter() - began, seen + data
        found.setdefault("first sign", now)
        if FIRST_STEP in seen:
            found.setdefault("first step", now)
    os.close(mine)
    if process.wait():
        sys.exit(f"{' '.join(command)} failed:\n{seen.decode(errors='replace')[-2000:]}")
    found["end"] = time.perf_counter() - began
    return found


def imports(command: list[str]) -> list[tuple[str, float, float]]:
    """(module, own ms, cumulative ms) of all that is imported, by ``-X importtime``."""
    run = subprocess.run(
        [command[0], "-X", "importtime", *command[1:]],
        check=True,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    lines = re.findall(r"import time:\s+(\d+) \|\s+(\d+) \|\s+(\S+)", run.stderr)
    return [(name, int(own) / 1e3, int(cumulative) / 1e3) for own, cumulative, name in lines]


def tops(found: list[tuple[str, float, float]]) -> str:
    """Two tables: packages by their own time with all their modules, and our own modules by cumulative time."""
    packages: dict[str, list[float]] = {}
    for name, own, cumulative in found:
        entry = packages.setdefault(name.partition(".")[0], [0.0, 0.0, 0])
        entry[0], entry[1], entry[2] = entry[0] + own, max(entry[1], cumulative), entry[2] + 1
    by_package = sorted(packages.items(), key=lambda e: -e[1][0])[:TOP]
    rows: list[list[object]] = [[name, entry[0], entry[1], int(entry[2])] for name, entry in by_package]
    text = markdown(["package", "own ms", "cumulative ms", "modules"], rows)
    ours = sorted((entry for entry in found if entry[0].startswith(PROGRAM)), key=lambda e: -e[2])[:TOP]
    text += "\n" + markdown(["our module", "own ms", "cumulative ms"], [list(entry) for entry in ours])
    return f"{len(found)} modules, {sum(entry[1] for entry in found):.0f} ms\n\n{text}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photo", type=Path, required=True)
    parser.add_argument("--style", type=Path, required=True)
    parser.add_argument("--quality", default="draft")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--out", type=Path, required=True, help="gets startup.md and startup.json")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    base = [sys.executable, "-m", PROGRAM]
    helped = {"--help": [*base, "--help"], "stylize --help": [*base, "stylize", "--help"]}
    facts: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        target = str(Path(folder) / "x.png")
        painted = [*base, "stylize", str(args.photo), str(args.style), "-o", target, "-f"]
        painted += ["--quality", args.quality, "--size", str(args.size)]
        bare = [sys.executable, "-c", "pass"]
        for name, command in {"python -c pass": bare, **helped}.items():
            facts[name] = [seconds_of(command) for _ in range(args.repeat + 1)][1:]
        runs = [on_terminal(painted) for _ in range(args.repeat + 1)][1:]
        for name in runs[0]:
            facts[f"stylize, {name}"] = [run[name] for run in runs]
        text = f"{machine()}; {args.quality}, {args.size} px\n\n"
        rows = [[name, statistics.median(values), min(values), max(values)] for name, values in facts.items()]
        text += markdown(["what", "seconds, median", "least", "most"], rows)
        text += f"\n### Imports of `--help`\n\n{tops(imports(helped['--help']))}"
        text += f"\n### Imports of `stylize`\n\n{tops(imports(painted))}"
    print(text)
    (args.out / "startup.md").write_text(text)
    (args.out / "startup.json").write_text(json.dumps({"machine": machine(), "seconds": facts}, indent=2) + "\n")


if __name__ == "__main__":
    main()
