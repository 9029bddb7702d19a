"""The process that reads hostile inputs: `python -m tests.hostile.child SEED FIRST STOP SECONDS FD FOLDER TARGET...`.

It says on the file descriptor FD, one JSON value a line, what it is about to read, and how that ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from portrait_nst.errors import PortraitError, ResourceError
from tests.hostile import cases
from tests.hostile.faults import ALL
from tests.hostile.targets import Target
from tests.hostile.watch import CPU_SECONDS, Watcher

CHATTER = "HOSTILE_CHATTER"  # set to anything: what native code prints is a failure
CPU = "HOSTILE_CPU_SECONDS"  # of an input, instead of ten
LONGEST = 2100  # characters of a refusal; more is no line that anybody reads


def schedule(names: list[str], number: int) -> str:
    """The target of an input by its number; targets take turns, by their shares."""
    turns = [name for name in names for _ in range(ALL[name].share)]
    return turns[number % len(turns)]


def wrong_with(message: str) -> str:
    """What is wrong with the line that a user gets to see, or ""."""
    if "\n" in message or "\r" in message:
        return "refused in several lines"
    if not message.strip():
        return "refused without a word"
    if len(message) > LONGEST:
        return "refused in a very long line"
    if any(ord(c) < 32 or ord(c) == 127 for c in message):
        return "control characters in a message"
    return ""


def place(error: BaseException) -> str:
    """The type of an error, and the last line of the package that it came through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "portrait_nst" in frame.filename] or list(frames)
    last = ours[-1]
    return f"{type(error).__name__} at {'/'.join(Path(last.filename).parts[-3:])} in {last.name}"


def attempt(target: Target, data: bytes, folder: Path, watcher: Watcher) -> tuple[str, list[str], str]:
    """("read" or "refused", what went wrong, more about that)."""
    outcome, wrongs, more = "read", [], ""
    watcher.begin()
    try:
        target.read(data, folder)
    except PortraitError as error:
        outcome = "refused"
        wrong = wrong_with(str(error))
        if isinstance(error, ResourceError) and "memory" in str(error):
            wrong = "memory ran out"
        if wrong:
            wrongs, more = [f"{wrong}, {place(error)}"], str(error)
    except BaseException as error:
        wrongs, more = [place(error)], traceback.format_exc()
    return outcome, wrongs + watcher.end(), more[-3000:]


def main(arguments: list[str]) -> None:
    """Read the inputs from FIRST to STOP until SECONDS have passed."""
    seed, first, stop, seconds, channel = (
        int(arguments[0]),
        int(arguments[1]),
        int(arguments[2]),
        float(arguments[3]),
        int(arguments[4]),
    )
    home, names = Path(arguments[5]), arguments[6:]
    folder = home / "input"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    os.environ["PORTRAIT_NST_HOME"] = str(folder / "cache")
    os.chdir(folder)
    report = os.fdopen(channel, "w", buffering=1)

    def say(**values: Any) -> None:
        print(json.dumps(values), file=report, flush=True)

    for name in dict.fromkeys(names):  # what a target imports and keeps counts for nobody
        if name.startswith("fault"):
            continue
        rng = cases.rng_of(name, 0, 0)
        with contextlib.suppress(Exception):
            ALL[name].read(ALL[name].make(rng), folder)
    watcher = Watcher(
        folder,
        home / "trace",
        native_counts=bool(os.environ.get(CHATTER)),
        cpu_seconds=float(os.environ.get(CPU, CPU_SECONDS)),
    )
    end = time.monotonic() + seconds
    for number in range(first, stop):
        if time.monotonic() > end:
            break
        name = schedule(names, number)
        say(begin=number, target=name)  # before the input is made, so that one that cannot be is told of by its number
        data = ALL[name].make(cases.rng_of(name, seed, number))
        for entry in folder.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        began = time.process_time()
        outcome, wrongs, more = attempt(ALL[name], data, folder, watcher)
        say(end=number, outcome=outcome, wrongs=wrongs, more=more, seconds=round(time.process_time() - began, 3))
    say(done=True)
    report.flush()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
