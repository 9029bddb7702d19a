"""`python -m tests.hostile`: a campaign of any length, or one input again by its number."""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.hostile import campaign
from tests.hostile.targets import TARGETS


def main() -> int:
    """Run the campaign and print what it found; the status is 1 if it found anything."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.hostile", description="Read hostile files and see what happens."
    )
    parser.add_argument(
        "--target", action="append", choices=["all", *TARGETS], help="what is attacked; repeat for several"
    )
    parser.add_argument("--count", type=int, default=20_000, help="inputs at most")
    parser.add_argument("--seconds", type=float, default=600.0, help="time at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first input")
    parser.add_argument("--number", type=int, help="read this one input only")
    parser.add_argument("--keep", type=Path, help="a folder for inputs that fail")
    given = parser.parse_args()
    names = list(TARGETS) if not given.target or "all" in given.target else given.target
    first, count = (given.first, given.count) if given.number is None else (given.number, 1)
    found = campaign.run(names, seed=given.seed, first=first, count=count, seconds=given.seconds, keep=given.keep)
    print(found.table())
    for (target, what), failures in found.kinds.items():
        print(f"\n{target}: {what} ({len(failures)} times)\n  {failures[0].command}")
        if given.number is not None:
            print(failures[0].more)
    return 1 if found.failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
