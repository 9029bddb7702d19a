"""Measures of video; each has its own `--help`.

    python -m tests.benchmarks.video flow --photo A.jpg --photo B.jpg
    python -m tests.benchmarks.video errors --photo A.jpg --style impasto --scene pan-1 --scene still --out FOLDER
    python -m tests.benchmarks.video errors --photo A.jpg --style impasto --scene pan-1 --pictures rival=FOLDER --out FOLDER
    python -m tests.benchmarks.video frames --photo A.jpg --scene pan-1 --out FOLDER
    python -m tests.benchmarks.video memory --minutes 10

`frames` writes the frames of scenes as pictures, for other programs; what they make of them goes into FOLDER/SCENE/00000.png and
is measured by `errors --pictures`.
"""

from __future__ import annotations

import importlib
import sys

COMMANDS = ("flow", "errors", "frames", "memory")


def main() -> None:
    if sys.argv[1:2] and sys.argv[1] in COMMANDS:
        name = sys.argv.pop(1)
        importlib.import_module(f"tests.benchmarks.video.{name}").main()
    elif sys.argv[1:] in ([], ["-h"], ["--help"]):
        print(__doc__)
    else:
        sys.exit(f"{sys.argv[1]} is none of {', '.join(COMMANDS)}")


if __name__ == "__main__":
    main()
