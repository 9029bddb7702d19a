"""`python -m tests.benchmarks.studio.load [--clients 50] [--jobs 200] [--folder F] [--disk]`: the studio under load.

Fifty clients open the page, bring photos, let jobs wait, look on, listen, star and cancel; uploads are cut off, readers do not
read; the painter is killed twice, the desk once, and the server once. It prints answer times, memory and what was lost. With
`--disk` a small disk fills up in the middle instead, which needs the right to mount one.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.studio.load import checks, disk, harm
from tests.benchmarks.studio.load.clients import Client, listen
from tests.benchmarks.studio.load.ledger import Ledger
from tests.benchmarks.studio.load.report import report
from tests.benchmarks.studio.load.server import Server, free_port, load_average

PAGE = Path(__file__).resolve().parents[4] / "portrait_nst" / "studio" / "page"
LONGEST = 1500.0  # seconds after which it gives up
SETTLE = 5.0  # seconds at the end, in which the last events come


def main() -> None:
    """Run it, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--folder", type=Path, help="where the studio keeps its things; default: a temporary folder")
    parser.add_argument("--disk", action="store_true", help="let a small disk fill up instead of killing processes")
    parser.add_argument("--calm", action="store_true", help="kill nothing")
    chosen = parser.parse_args()
    with contextlib.ExitStack() as stack:
        home = chosen.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if chosen.disk:
            stack.enter_context(disk.mounted(home))
        log = stack.enter_context((home.parent / f"{home.name}.log").open("ab"))
        server = Server(home, free_port(), log)
        ledger = Ledger()
        server.start()
        try:
            with watched(server.port) as probed:
                asyncio.run(run(server, ledger, chosen.clients, chosen.jobs, disk=chosen.disk, calm=chosen.calm))
        finally:
            server.end()
        report(server, ledger, probed, checks.failures(home, ledger))
        print(f"the server's own words: {Path(log.name).read_text()[-2000:] or 'none'}")


@contextlib.contextmanager
def watched(port: int) -> Iterator[dict[str, list[float]]]:
    """The times that a probe in a process of its own has, once the block has ended."""
    words = [sys.executable, "-m", "tests.benchmarks.studio.load.probe"]
    found: dict[str, list[float]] = {}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as control:
        assert control.stdout is not None
        words += [str(port), control.stdout.readline().strip()]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as watching:
            try:
                yield found
            finally:
                found.update(json.loads(watching.communicate()[0] or "{}"))
                control.kill()


async def run(server: Server, ledger: Ledger, count: int, jobs: int, *, disk: bool, calm: bool) -> None:
    """All clients and all harm, until every job has ended."""
    begun = time.monotonic()
    finished = 0
    pages = ["/", *(f"/static/{path.relative_to(PAGE)}" for path in PAGE.rglob("*") if _is_page(path))]
    people = [Client(number, server.port, ledger, pages) for number in range(count)]

    def told(line: str) -> None:
        print(f"{time.monotonic() - begun:6.0f} s: {line}; load average {load_average():.1f}", flush=True)

    async def follow() -> None:
        nonlocal finished
        while True:
            server.weigh()
            finished = sum(number for state, number in checks.states(server.folder).items() if state in ENDED)
            if len(ledger.accepted) >= jobs // count * count and sum(checks.states(server.folder).values()) == finished:
                await asyncio.sleep(SETTLE)
                ended.set()
                return
            if time.monotonic() - begun > LONGEST:
                told(f"given up with {len(ledger.accepted)} accepted, {finished} ended")
                ended.set()
                return
            await asyncio.sleep(1)

    ended = asyncio.Event()
    harms = [harm.cut_uploads(server.port, ledger), *(listen(server.port, ledger) for _ in range(30))]
    harms += [harm.never_read(server.port, "/api/events") for _ in range(5)]
    harms += [harm.never_read(server.port, "/static/js/main.js") for _ in range(2)]
    if disk:
        harms.append(fill(server, ledger, lambda: finished, jobs, told))
    elif not calm:
        harms.append(harm.kill(server, lambda: finished, jobs, told))
    tasks = [asyncio.create_task(one) for one in (*harms, follow())]
    lives = [asyncio.create_task(one.live(jobs // count, ended.is_set)) for one in people]
    await ended.wait()
    await asyncio.gather(*lives)
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            told(f"a task of the load test failed: {outcome!r}")
    told(f"{finished} jobs ended")


ENDED = ("done", "failed", "cancelled")
fill = disk.fill


def _is_page(path: Path) -> bool:
    return path.suffix in (".js", ".css") and "docs" not in path.parts


if __name__ == "__main__":
    main()
