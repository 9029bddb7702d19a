"""Seconds from a photo to what it will look like, in a real browser, step by step, and what each process computes for it.

    python -m tests.benchmarks.studio.first_preview samples/astronaut.jpg [--look 4] [--while-painting] [--calls]

The photo is enlarged to 12 megapixels. --look: seconds that the person looks at the photo before choosing a style. --calls: tells
each call of the desk, how long it waited there and took. Memory is what the process takes for itself, with its share of what
it shares (PSS).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from tests.benchmarks.studio.desk import enlarged

SECONDS = 60_000  # ms that a step may take
PREVIEW = "img.shown[src^='blob:']"  # what the stage shows while no picture is done
STYLES = "Oil", "Mosaic"


class Steps:
    """What each step takes: wall time, and the CPU time of the server's processes and of the browser's."""

    def __init__(self, server: psutil.Process, log: Path) -> None:
        self._server, self._log, self._names = server, log, dict[int, str]()

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Print what the block takes."""
        before, began = self.computing(), time.perf_counter()
        yield
        wall, after = time.perf_counter() - began, self.computing()
        used = {name: seconds - before.get(name, 0.0) for name, seconds in after.items()}
        told = "  ".join(f"{name} {seconds:5.2f}" for name, seconds in sorted(used.items()) if seconds >= 0.01)
        print(f"{what:34s} {wall:6.2f} s   {told}", flush=True)

    def processes(self) -> dict[str, list[psutil.Process]]:
        """The processes by what they are."""
        found: dict[str, list[psutil.Process]] = {"web": [self._server], "browser": []}
        for line in self._log.read_text().splitlines():
            self._names[json.loads(line)["desk"]] = "desk"
        for one in self._server.children():
            if "spawn_main" in " ".join(one.cmdline()):
                found.setdefault(self._names.get(one.pid, "painter"), []).append(one)
        for one in psutil.Process().children(recursive=True):
            if "chrom" in one.name():
                found["browser"].append(one)
        return found

    def computing(self) -> dict[str, float]:
        """Seconds of computing so far."""
        return {name: sum(map(_computed, group)) for name, group in self.processes().items()}

    def memory(self) -> str:
        """Megabytes of each of the studio's processes."""
        of = {name: group for name, group in self.processes().items() if name != "browser"}
        sizes = {name: sum(one.memory_full_info().pss for one in group) / 1e6 for name, group in of.items()}
        return "MB: " + "  ".join(f"{name} {size:.0f}" for name, size in sizes.items())


def _computed(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def person(page: Any, steps: Steps, photo: Path, look: float, painting: bool) -> None:
    """What a person does, each step timed from the click to the picture."""
    with steps.step("photo shown"):
        page.get_by_label("Photo file").set_input_files(photo)
        page.get_by_role("img", name=re.compile(re.escape(photo.name))).wait_for()
    with steps.step("people known"):
        page.get_by_role("group", name="Whom to paint").get_by_role("radio").first.wait_for(state="attached")
    print(steps.memory())
    if look:
        with steps.step(f"the person looks for {look:g} s"):
            time.sleep(look)
        print(steps.memory())
    styles = page.get_by_role("group", name="Styles")
    with steps.step(f"first preview, {STYLES[0]}"):
        _changed(page, lambda: styles.get_by_role("radio", name=STYLES[0], exact=False).check())
    print(steps.memory())
    strength = page.get_by_role("slider", name="Strength")
    for value in (0.6, 0.7, 0.8):
        with steps.step(f"strength {value}"):
            _changed(page, lambda value=value: strength.fill(str(value)))  # type: ignore[misc]
    with steps.step(f"another style, {STYLES[1]}"):
        _changed(page, lambda: styles.get_by_role("radio", name=STYLES[1], exact=False).check())
    with steps.step("forecast told"):
        page.get_by_role("button", name=re.compile(r"^Paint · about")).wait_for()
    print(steps.memory())
    if painting:
        with steps.step("Paint to the first step"):
            page.get_by_role("button", name=re.compile("^Paint")).click()
            page.get_by_role("button", name="Stop and keep").wait_for()
        for value in (0.5, 0.9, 0.4):
            with steps.step(f"strength {value} while it paints"):
                _changed(page, lambda value=value: strength.fill(str(value)))  # type: ignore[misc]
    else:
        time.sleep(4)
    with steps.step("the wall on my photo"):
        page.get_by_role("radio", name="On my photo").check()
        page.locator(".tile.waiting").first.wait_for(state="attached")
        page.locator(".tile.waiting").first.wait_for(state="detached")
    print(steps.memory())
    if not painting:
        time.sleep(4)
        print("at rest", steps.memory())
        with steps.step("Paint to the first step"):
            page.get_by_role("button", name=re.compile("^Paint")).click()
            page.get_by_role("button", name="Stop and keep").wait_for()


def _changed(page: Any, do: Callable[[], None]) -> None:
    """`do`, and wait until the stage shows another picture than before."""
    before = page.evaluate("(what) => document.querySelector(what)?.src ?? ''", PREVIEW)
    do()
    page.locator(f"img.shown[src^='blob:']:not([src='{before}'])").wait_for()


def main() -> None:
    """Start a studio and a browser, and do it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo", type=Path)
    parser.add_argument("--look", type=float, default=0.0)
    parser.add_argument("--while-painting", action="store_true")
    parser.add_argument("--calls", action="store_true")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve)
        return
    from playwright.sync_api import sync_playwright

    from tests.studio.browser.conftest import CHROMIUM, FLAGS, SIZES

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as session:
        photo, log = enlarged(given.photo, Path(folder) / "selfie.jpg"), Path(folder) / "calls"
        log.touch()
        words = [sys.executable, "-m", __spec__.name, str(photo), "--serve", folder]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
            browser = session.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            try:
                assert server.stdout is not None
                address = server.stdout.readline().strip()
                page = browser.new_context(**SIZES["desktop"]).new_page()
                page.set_default_timeout(SECONDS)
                print(f"load of this machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
                steps = Steps(psutil.Process(server.pid), log)
                with steps.step("page opened"):
                    page.goto(address)
                    page.get_by_role("group", name="Styles").get_by_role("radio").first.wait_for(state="attached")
                time.sleep(1)
                person(page, steps, photo, given.look, given.while_painting)
            finally:
                browser.close()
                server.terminate()
                server.wait(30)
                if given.calls:
                    told(log)


def told(log: Path) -> None:
    """Print the desk's calls, in the order in which they began."""
    calls = [json.loads(line) for line in log.read_text().splitlines()]
    start = min(one["asked"] for one in calls)
    for one in sorted(calls, key=lambda one: one["began"]):
        waited, took = one["began"] - one["asked"], one["ended"] - one["began"]
        print(
            f"{one['asked'] - start:7.2f}  {one['function']:26s} waited {waited:5.2f} took {took:5.2f} s  {one['note']}"
        )


def serve(folder: Path) -> None:
    """The studio, whose desk writes down its calls."""
    from portrait_nst.studio.desk.desk import Desk
    from portrait_nst.studio.options import Options
    from portrait_nst.studio.server import serve as run

    log = (folder / "calls").open("a")
    turns, answers = Desk._in_turn, Desk._answer

    def in_turn(self: Any, ticket: Any, function: str, values: Any) -> Any:
        ticket.asked = time.monotonic()
        values["_asked"] = ticket.asked
        return turns(self, ticket, function, values)

    def answer(self: Any, pool: Any, function: str, values: Any) -> Any:
        asked, began = values.pop("_asked"), time.monotonic()
        try:
            return answers(self, pool, function, values)
        finally:
            note = str(values.get("longest", ""))
            entry = {"function": function, "asked": asked, "began": began, "ended": time.monotonic(), "note": note}
            log.write(json.dumps(entry | {"desk": self.pid}) + "\n")
            log.flush()

    Desk._in_turn, Desk._answer = in_turn, answer  # type: ignore[method-assign]
    threads = int(os.environ.get("OMP_NUM_THREADS", "0")) or None
    run(Options(folder / "kept", port=0, threads=threads), ready=lambda url: print(url, flush=True))


if __name__ == "__main__":
    main()
