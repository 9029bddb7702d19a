"""What goes wrong: uploads cut off in the middle, readers who do not read, processes killed with SIGKILL."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from tests.benchmarks.studio.load.clients import photo
from tests.benchmarks.studio.load.ledger import Ledger
from tests.benchmarks.studio.load.server import Server
from tests.benchmarks.studio.load.wire import Line, Lost, head

CLAIMED = 5_000_000  # bytes that a cut-off upload announces


async def cut_uploads(port: int, ledger: Ledger) -> None:
    """Begin uploads of a JPEG for ever, and close the connection in the middle."""
    while True:
        line = Line(port)
        with contextlib.suppress(*Lost):
            _, writer = await line.open()
            writer.write(
                head("POST", "/api/photos?name=cut.jpg", CLAIMED, "application/octet-stream") + photo(0) + bytes(99_999)
            )
            await writer.drain()
            await asyncio.sleep(0.2)
            ledger.cut += 1
        line.close()
        await asyncio.sleep(0.5)


async def never_read(port: int, path: str) -> None:
    """Ask for `path`, and read nothing; again where the server closes the connection."""
    while True:
        line = Line(port)
        with contextlib.suppress(*Lost):
            reader, writer = await line.open()
            reader._transport.pause_reading()  # type: ignore[attr-defined]  # else asyncio reads ahead
            writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * 4)
            while not writer.is_closing():
                await asyncio.sleep(1)
        line.close()
        await asyncio.sleep(5)


async def kill(server: Server, finished: Callable[[], int], jobs: int, told: Callable[[str], None]) -> None:
    """Kill the painter twice, the desk once and the server once, as the work goes on."""
    plan = [(0.12, "painter"), (0.3, "desk"), (0.45, "server"), (0.65, "painter")]
    for share, which in plan:
        while finished() < share * jobs:
            await asyncio.sleep(0.2)
        if which == "server":
            await asyncio.to_thread(server.kill_and_start)
        else:
            while not server.kill(which):
                await asyncio.sleep(0.2)
        told(f"{which} killed after {finished()} jobs")
