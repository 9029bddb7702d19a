"""A person at a page of their own, in a process of their own: how long answers take while all others keep the studio busy.

Beside it stands a server that does nothing but answer, asked in the same way: what it takes is this machine's own delay.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections import defaultdict

from tests.benchmarks.studio.load.wire import Line, Lost

ASKED = {
    "page": ("/", "/static/js/main.js", "/static/css/tokens.css", "/static/js/stage.js"),
    "api": ("/api/about", "/api/jobs?limit=50", "/api/photos?limit=50", "/api/styles"),
}
PAUSE = 0.1  # seconds between two requests


async def nothing() -> int:
    """Serve 10 kB for everything; the port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(*Lost):
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n" + bytes(10_000))
                await writer.drain()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    return port


async def watch(port: int, control: int) -> None:
    """Ask in turn until standard input ends; then print the seconds of each answer by kind, as JSON."""
    ended = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    lines = {"page": Line(port), "api": Line(port), "this machine": Line(control)}
    times: dict[str, list[float]] = defaultdict(list)
    asked = [("this machine", "/"), *((kind, path) for kind, paths in ASKED.items() for path in paths)]
    while not ended.done():
        for kind, path in asked:
            begun = time.monotonic()
            try:
                if (await lines[kind].ask("GET", path)).status == 200:
                    times[kind].append(time.monotonic() - begun)
            except Lost:  # killed: it is up again in a moment
                await asyncio.sleep(PAUSE)
            await asyncio.sleep(PAUSE)
    print(json.dumps(times))


async def _main() -> None:
    if len(sys.argv) < 2:
        print(await nothing(), flush=True)
        await asyncio.Event().wait()
    await watch(int(sys.argv[1]), int(sys.argv[2]))


if __name__ == "__main__":
    asyncio.run(_main())
