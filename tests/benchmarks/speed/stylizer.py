"""One photo in several styles: by one call of `stylize` for each, and by one `Stylizer` with a subject prepared once.

    python -m tests.benchmarks.speed.stylizer --photo A.jpg --style oil --style impasto --quality draft --size 256 --threads 1

Both are timed in this process after a painting that warms it up, and the pictures must be the same. What the second way does once
instead of each time: loading the encoder and the photo, finding the person and the faces, and telling person and place apart.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from portrait_nst import Settings, Stylizer, stylize
from portrait_nst.types import UInt8Array


def by_calls(photo: Path, styles: list[str], settings: Settings) -> list[UInt8Array]:
    """A call of `stylize` for each style."""
    return [stylize(photo, style, settings=settings).rgb for style in styles]


def by_stylizer(photo: Path, styles: list[str], settings: Settings) -> list[UInt8Array]:
    """One subject, painted in each style."""
    stylizer = Stylizer.of(settings)
    subject = stylizer.prepare(photo)
    return [stylizer.paint(stylizer.plan(subject, style, settings)).result().rgb for style in styles]


def timed(paint: Callable[[], list[UInt8Array]], repeat: int) -> tuple[float, list[UInt8Array]]:
    """The least seconds of `repeat` calls, and what the last one gave."""
    seconds, pictures = [], []
    for _ in range(repeat):
        began = time.perf_counter()
        pictures = paint()
        seconds.append(time.perf_counter() - began)
    return min(seconds), pictures


def main() -> None:
    """Print a line of JSON with the seconds of both ways."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photo", type=Path, required=True)
    parser.add_argument("--style", action="append", required=True)
    parser.add_argument("--quality", default="draft")
    parser.add_argument("--size", type=int)
    parser.add_argument("--iterations", type=int)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--repeat", type=int, default=1)
    args = parser.parse_args()
    settings = Settings(quality=args.quality, size=args.size, iterations=args.iterations, threads=args.threads)
    by_calls(args.photo, args.style[:1], settings)
    apart, one = timed(lambda: by_calls(args.photo, args.style, settings), args.repeat)
    together, other = timed(lambda: by_stylizer(args.photo, args.style, settings), args.repeat)
    assert all(np.array_equal(a, b) for a, b in zip(one, other)), "the pictures differ"
    print(json.dumps({"styles": len(args.style), "stylize": round(apart, 2), "Stylizer": round(together, 2)}))


if __name__ == "__main__":
    main()
