"""Measures of `--quality instant`; each has its own `--help`.

    python -m tests.benchmarks.instant quality --teacher vgg19.npz --identity MODELS --portraits FOLDER --painting S.jpg --out OUT
    python -m tests.benchmarks.instant rivals --python venv/bin/python --portraits FOLDER --painting S.jpg --out FOLDER
    python -m tests.benchmarks.instant steady --portrait A.jpg --painting S.jpg=NETWORK --out FOLDER
    python -m tests.benchmarks.instant speed --portrait A.jpg --painting S.jpg=NETWORK --out FOLDER
    python -m tests.benchmarks.instant curve --teacher vgg19.npz --portraits FOLDER --painting S.jpg --minutes 1 3 8 30 --out OUT

A --painting is a picture or the name of a style, and after "=" the file of a network learned for it; without one the network is
looked for where `--quality instant` does. Every folder gets ``rows.json`` and ``table.md``, and pictures to look at.
"""

from __future__ import annotations

import importlib
import sys

COMMANDS = ("quality", "rivals", "steady", "speed", "curve")


def main() -> None:
    if sys.argv[1:2] and sys.argv[1] in COMMANDS:
        name = sys.argv.pop(1)
        importlib.import_module(f"tests.benchmarks.instant.{name}").main()
    elif sys.argv[1:] in ([], ["-h"], ["--help"]):
        print(__doc__)
    else:
        sys.exit(f"{sys.argv[1]} is none of {', '.join(COMMANDS)}")


if __name__ == "__main__":
    main()
