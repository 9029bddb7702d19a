"""The forecast of seconds and memory against what a painting took, for photos, styles, qualities, sizes and threads.

    python -m tests.benchmarks.speed.forecast --photo A.jpg --photo B.jpg --style S.jpg --quality draft --size 512

Each painting is made in a process of its own. Seconds are from the call of `stylize` to the saved picture; "ahead" are those
without what had passed when the forecast was made. "left" is the greatest error of the steps' `seconds_left` between a tenth and
nine tenths of the painting, over the seconds of all of it. Memory is the process' greatest (VmHWM, Linux).
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.speed.processes import peak_memory
from tests.benchmarks.speed.tables import markdown

SHOWN = ("quality", "size", "threads", "encoder", "precision")
HEADS = ("seconds", "actual", "ratio", "ratio ahead", "left", "GB", "actual", "ratio")


def one(photo: str, style: str, settings: dict[str, Any]) -> dict[str, float]:
    """What was forecast for a painting, and what it took, in this process."""
    from portrait_nst import Settings, Step, stylize

    began = time.monotonic()
    steps: list[Step] = []
    arrived: list[float] = []

    def on_step(step: Step) -> None:
        steps.append(step)
        arrived.append(time.monotonic() - began)

    result = stylize(photo, style, settings=Settings.from_dict(settings), on_step=on_step)
    with tempfile.TemporaryDirectory() as folder:
        result.save(Path(folder) / "x.png")
    took = time.monotonic() - began
    ahead = steps[0].forecast
    if ahead is None or ahead.memory is None:
        sys.exit("nothing was forecast")
    passed = arrived[0] - steps[0].seconds
    whole = arrived[-1] - arrived[0]
    between = [
        abs(arrived[-1] - now - step.seconds_left) / whole
        for now, step in zip(arrived, steps)
        if 0.1 < (now - arrived[0]) / whole < 0.9
    ]
    return {
        "seconds": ahead.seconds,
        "took": took,
        "passed": passed,
        "left": max(between, default=0.0),
        "memory": ahead.memory,
        "peak": float(peak_memory()),
    }


def row(photo: Path, style: Path, settings: dict[str, Any]) -> tuple[list[object], dict[str, float]]:
    """A row of the table, and the facts it is made of."""
    spec = json.dumps({"photo": str(photo), "style": str(style), "settings": settings})
    run = subprocess.run([sys.executable, "-m", __spec__.name, "--one", spec], capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"{spec} failed:\n{run.stderr[-2000:]}")
    found: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    seconds, took, passed = found["seconds"], found["took"], found["passed"]
    shown = [settings.get(name, "") for name in SHOWN]
    cells = [seconds, took, seconds / took, (seconds - passed) / (took - passed), f"{found['left']:.0%}"]
    memory = [found["memory"] / 1e9, found["peak"] / 1e9, found["memory"] / found["peak"]]
    return [photo.stem, style.stem, *shown, *cells, *memory], found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photo", type=Path, action="append")
    parser.add_argument("--style", type=Path, action="append")
    parser.add_argument("--quality", action="append", help="repeat; default: standard")
    parser.add_argument("--size", type=int, action="append", help="repeat; default: the quality's own")
    parser.add_argument("--threads", type=int, action="append", help="repeat; default: all")
    parser.add_argument("--encoder", default="embedded")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--out", type=Path, help="gets forecast.md and forecast.json")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        spec = json.loads(args.one)
        print(json.dumps(one(spec["photo"], spec["style"], spec["settings"])))
        return
    if not (args.photo and args.style):
        parser.error("give --photo and --style")
    shared = {"encoder": args.encoder, "precision": args.precision} | (
        {"weights": str(args.weights)} if args.weights else {}
    )
    rows, facts = [], []
    grid = (args.photo, args.style, args.quality or ["standard"], args.size or [None], args.threads or [None])
    for photo, style, quality, size, threads in itertools.product(*grid):
        settings = shared | {"quality": quality, "size": size, "threads": threads}
        cells, found = row(photo, style, {name: value for name, value in settings.items() if value is not None})
        rows.append(cells)
        facts.append({"photo": str(photo), "style": str(style), **settings, **found})
        print(*(f"{cell:.2f}" if isinstance(cell, float) else cell for cell in cells), flush=True)
    text = markdown(["photo", "style", *SHOWN, *HEADS], rows)
    print(f"\n{text}")
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        (args.out / "forecast.md").write_text(text)
        (args.out / "forecast.json").write_text(json.dumps(facts, indent=2) + "\n")


if __name__ == "__main__":
    main()
